"""The repository's address is one setting: stamped everywhere by one command, and taken back without a trace."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from book._tools import stamp

# The code that knows the placeholder, and tests of it, name it without naming the address.
HOST = stamp.PLACEHOLDER.removeprefix("https://").encode()
KNOW_THE_PLACEHOLDER = {"book/_tools/stamp.py", "mamllib/figures/companion.py"}


@pytest.fixture
def copy(kept_files: list[Path], root: Path, tmp_path: Path) -> Path:
    """The repository's files that may be stamped, or tell who may, in a folder of their own."""
    for path in kept_files:
        if path.suffix in {".md", ".ipynb", ".cff", ".toml", ".yml", ".py", ".txt", ".json"}:
            target = tmp_path / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_places_hold_the_one_address(root: Path, kept_files: list[Path]):
    """The placeholder is named only where stamping reaches, and nowhere there once the setting is another."""
    names = {path.relative_to(root).as_posix() for path in kept_files if HOST in path.read_bytes()}
    stamped = {path.relative_to(root).as_posix() for path in stamp.places(root)}
    assert {name for name in names - stamped - KNOW_THE_PLACEHOLDER if not name.startswith("tests/")} == set()
    assert stamp.address(root) == stamp.PLACEHOLDER or not names & stamped


def test_stamping_reaches_every_chapter_and_leaves_no_placeholder(copy: Path):
    stamp.stamp(None, copy)
    changed = {path.relative_to(copy).as_posix() for path in stamp.stamp("owner/name", copy)}
    assert {"CITATION.cff", *(path.relative_to(copy).as_posix() for path in copy.glob("book/*/*.ipynb"))} <= changed
    assert stamp.address(copy) == "https://github.com/owner/name"
    assert [path for path in stamp.places(copy) if HOST in path.read_bytes()] == []


def test_stamping_again_changes_nothing(copy: Path):
    stamp.stamp("owner/name", copy)
    before = contents(copy)
    assert stamp.stamp("owner/name", copy) == []
    assert contents(copy) == before


def test_another_address_takes_the_place_of_the_first(copy: Path):
    stamp.stamp("owner/name", copy)
    stamp.stamp("fork/name.of-it", copy)
    assert stamp.address(copy) == "https://github.com/fork/name.of-it"
    assert [path for path in stamp.places(copy) if b"github.com/owner/name" in path.read_bytes()] == []


def test_taking_the_address_back_restores_every_byte(copy: Path):
    stamp.stamp(None, copy)
    before = contents(copy)
    stamp.stamp("owner/name", copy)
    assert contents(copy) != before
    stamp.stamp(None, copy)
    assert contents(copy) == before


def test_an_address_that_begins_alike_is_another(copy: Path):
    stamp.stamp("owner/name", copy)
    readme = copy / "README.md"
    others = "https://github.com/owner/name-too https://github.com/owner/name.io"
    readme.write_text(f"{others} https://github.com/owner/name.")
    stamp.stamp("a/b", copy)
    assert readme.read_text() == f"{others} https://github.com/a/b."


@pytest.mark.parametrize("wrong", ["name", "https://github.com/owner/name", "owner/name/", "", "owner/na me"])
def test_what_is_not_owner_and_name_is_refused(copy: Path, wrong: str):
    before = contents(copy)
    with pytest.raises(ValueError, match="is not owner/name"):
        stamp.stamp(wrong, copy)
    assert contents(copy) == before


def test_the_command_needs_nothing_but_python(copy: Path):
    """`make stamp` runs before an environment is made."""
    command = [sys.executable, "-S", "-m", "book._tools.stamp", "owner/name"]
    said = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True).stdout
    assert said.startswith("https://github.com/owner/name: ")
    assert stamp.address(copy) == "https://github.com/owner/name"
