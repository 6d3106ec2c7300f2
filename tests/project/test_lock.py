"""The lock files: every requirement of the project, pinned by hash, and no address of where it came from."""

import json
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def _pins(text: str) -> dict[str, list[Version]]:
    pins: dict[str, list[Version]] = {}
    for name, version in _PIN.findall(text):
        pins.setdefault(canonicalize_name(name), []).append(Version(version))
    return pins


def _requirements(pyproject: dict) -> list[Requirement]:
    project = pyproject["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


@pytest.fixture(scope="module")
def lock(root: Path) -> str:
    return (root / "requirements.lock").read_text(encoding="utf-8")


def test_it_pins_every_requirement_within_its_bounds(lock: str, pyproject: dict):
    pins = _pins(lock)
    unmet = [
        str(requirement)
        for requirement in _requirements(pyproject)
        if not (versions := pins.get(canonicalize_name(requirement.name)))
        or not all(requirement.specifier.contains(version) for version in versions)
    ]
    assert unmet == []


def test_every_pin_has_a_hash(lock: str):
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", ["requirements.lock", "package-lock.json", ".npmrc"])
def test_no_address_is_recorded(root: Path, name: str):
    text = (root / name).read_text(encoding="utf-8")
    assert re.findall(r"\w+://|--index|--find-links|registry\s*=|\"resolved\"", text) == []


def test_npm_s_lock_pins_what_package_json_names(root: Path):
    wanted = json.loads((root / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert locked[""]["dependencies"] == wanted
    assert [name for name in wanted if "integrity" not in locked[f"node_modules/{name}"]] == []
