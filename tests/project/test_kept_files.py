"""No file of the repository names the machine it was written on, or the place its packages came from."""

import re
from pathlib import Path

import pytest

MACHINE_PATH = re.compile(r"(?<![\w.$~{}/*-])/(?:home|root|Users|tmp|work|scratch|mnt)/[\w.]")
REGISTRY = re.compile(r"\b(?:files\.pythonhosted|registry\.npm\w+|(?:test\.)?pypi)\.(?:org|com)\b", re.IGNORECASE)


def _matches(pattern: re.Pattern, paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{path.name}: {match.group()}" for match in pattern.finditer(text)]
    return found


def test_no_machine_s_path(kept_files: list[Path]):
    assert _matches(MACHINE_PATH, kept_files) == []


def test_no_registry(kept_files: list[Path]):
    assert _matches(REGISTRY, kept_files) == []


@pytest.mark.parametrize("folder", ["home", "root", "Users", "tmp", "work"])
def test_a_machine_s_path_is_caught(tmp_path: Path, folder: str):
    path = tmp_path / "notes.md"
    path.write_text(f'written to "/{folder}/someone/figure.pdf"')
    assert _matches(MACHINE_PATH, [path]) == [f"notes.md: /{folder}/s"]


def test_a_registry_is_caught(tmp_path: Path):
    path = tmp_path / "lock"
    path.write_text("--index-url https://" + ".".join(["pypi", "org"]) + "/simple")
    assert len(_matches(REGISTRY, [path])) == 1


def test_a_page_of_the_site_is_let_through(tmp_path: Path):
    path = tmp_path / "page.md"
    path.write_text("See book/opt/page.md, ../tmp/x and https://example.invalid/home/x.")
    assert _matches(MACHINE_PATH, [path]) == []
