"""The commands a stranger is told to type are the ones that continuous integration runs."""

import os
import subprocess
from pathlib import Path

import yaml


def test_continuous_integration_runs_the_readme_s_test_command(root: Path):
    assert "make test" in (root / "README.md").read_text(encoding="utf-8")
    assert (root / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("exec make test")
    assert os.access(root / ".ci" / "run", os.X_OK)


def test_the_workflow_runs_both_commands_and_every_chapter_with_colab_s_versions(root: Path):
    workflow = yaml.safe_load((root / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    commands = {step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step}
    assert commands == {".ci/run", "make book", "make colab"}


def test_help_lists_the_commands(root: Path):
    shown = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    assert {"book", "test", "notebooks", "clean", "help"} <= {line.split()[1] for line in shown.splitlines()}
