"""The publishing workflow stamps the repository it runs in, and keeps the chapters where the site's buttons look."""

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest
import yaml

GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


@pytest.fixture(scope="module")
def workflow(root: Path) -> dict:
    return yaml.safe_load((root / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def button(root: Path):
    spec = importlib.util.spec_from_file_location("colab_button", root / "book" / "_ext" / "colab_button.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def commands(workflow: dict) -> list[str]:
    return [step.get("run", "") for step in workflow["jobs"]["site"]["steps"]]


def git(*arguments: str, cwd: Path) -> str:
    return subprocess.check_output(["git", *arguments], cwd=cwd, env=os.environ | GIT, text=True).strip()


def test_it_stamps_the_repository_it_runs_in_before_it_builds(workflow: dict):
    done = commands(workflow)
    assert done.index('make stamp REPOSITORY="$GITHUB_REPOSITORY"') < done.index("make book")


def test_it_publishes_only_what_passed_on_the_default_branch(workflow: dict):
    started_by = workflow[True]  # YAML 1.1 reads the key `on` as true
    assert started_by["workflow_run"] == {"workflows": ["ci"], "types": ["completed"]}
    condition = workflow["jobs"]["site"]["if"]
    for needed in ("conclusion == 'success'", "event == 'push'", "== github.event.repository.default_branch"):
        assert needed in condition
    assert workflow["jobs"]["deploy"]["needs"] == "site"


def test_it_needs_no_secret_and_writes_nowhere_else(root: Path, workflow: dict):
    assert "secrets." not in (root / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["jobs"]["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}


def test_the_branch_that_buttons_open_holds_the_chapters_as_stamped(workflow: dict, button, tmp_path: Path):
    work, origin = tmp_path / "work", tmp_path / "origin"
    chapter = work / "book" / "paper" / "01_chapter.ipynb"
    chapter.parent.mkdir(parents=True)
    chapter.write_text("as committed")
    (work / "README.md").write_text("not a chapter")
    git("init", "--quiet", "--bare", str(origin), cwd=tmp_path)
    git("init", "--quiet", "--initial-branch=main", cwd=work)
    git("remote", "add", "origin", str(origin), cwd=work)
    git("add", ".", cwd=work)
    git("-c", "user.name=a", "-c", "user.email=a@b.invalid", "commit", "--quiet", "-m", "First", cwd=work)
    (keep,) = (step for step in workflow["jobs"]["site"]["steps"] if "colab" in step.get("run", ""))
    for state in ("as stamped", "as stamped later"):
        chapter.write_text(state)
        (tmp_path / "runner").mkdir(exist_ok=True)
        environment = os.environ | GIT | keep["env"] | {"RUNNER_TEMP": str(tmp_path / "runner")}
        subprocess.run(["bash", "-e", "-c", keep["run"]], cwd=work, env=environment, check=True, capture_output=True)
        assert git("show", f"{button.BRANCH}:book/paper/01_chapter.ipynb", cwd=origin) == state
        assert git("ls-tree", "-r", "--name-only", button.BRANCH, cwd=origin) == "book/paper/01_chapter.ipynb"
    assert git("for-each-ref", "--format=%(refname)", cwd=origin) == f"refs/heads/{button.BRANCH}"
    assert git("status", "--porcelain", cwd=work) == "M book/paper/01_chapter.ipynb"
