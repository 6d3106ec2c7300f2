"""environment.yml installs what pyproject.toml lists, and lists nothing itself."""

from pathlib import Path

import yaml


def _environment(root: Path) -> dict:
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


def _extras(entry: str) -> set[str]:
    assert entry.startswith("-e .["), entry
    return set(entry.removeprefix("-e .[").removesuffix("]").split(","))


def test_pip_installs_the_project_and_nothing_else(root: Path, pyproject: dict):
    (pip,) = (entry["pip"] for entry in _environment(root)["dependencies"] if isinstance(entry, dict))
    (project,) = pip
    assert _extras(project) <= set(pyproject["project"]["optional-dependencies"])
    assert {"book", "test"} <= _extras(project)


def test_conda_brings_python_and_tools_only(root: Path, pyproject: dict):
    packages = {entry for entry in _environment(root)["dependencies"] if isinstance(entry, str)}
    assert packages == {f"python{pyproject['project']['requires-python']}", "pip", "nodejs"}


def test_it_is_named_after_the_package(root: Path, pyproject: dict):
    assert _environment(root)["name"] == pyproject["project"]["name"]
