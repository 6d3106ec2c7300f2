"""A figure's name is permanent: once published it stays listed, drawn, and served."""

import json
import subprocess
from pathlib import Path

import pytest

from mamllib import ledger
from mamllib.figures import companion

LIST = "mamllib/figures/published.txt"


@pytest.fixture(scope="module")
def stored(root: Path) -> dict[str, dict]:
    """What is stored of each figure, by its name."""
    files = sorted((root / "book" / "figures").glob("*/params.json"))
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in files}


def missing(names: set[str], listed: set[str]) -> list[str]:
    return sorted(f"{name}: add it to {LIST}" for name in names - listed)


def test_every_stored_figure_is_listed(stored: dict):
    assert missing(set(stored), set(companion.figures())) == []


def test_no_figure_once_published_disappears(stored: dict):
    assert sorted(set(companion.figures()) - set(stored)) == []


def test_no_name_leaves_the_list(root: Path):
    """Whatever name the repository's history has ever stored is still listed."""
    command = ["git", "log", "--format=", "--name-only", "--diff-filter=A", "--", "book/figures/*/params.json"]
    process = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if process.returncode != 0:
        pytest.skip("not a git checkout")
    once = {Path(line).parent.name for line in process.stdout.splitlines() if line}
    assert missing(once, set(companion.figures())) == []


def test_the_list_is_in_order_and_names_each_once():
    assert list(companion.figures()) == sorted(set(companion.figures()))


def test_a_name_is_fit_for_an_address_and_a_bibtex_key():
    assert [name for name in companion.figures() if not name.replace("-", "").isalnum() or name != name.lower()] == []


def test_a_figure_lies_under_its_own_name(stored: dict):
    assert [name for name, described in stored.items() if described["figure"] != name] == []


def test_the_statements_that_a_figure_supports_exist(stored: dict):
    known = {statement.id for statement in ledger.STATEMENTS}
    assert [name for name, described in stored.items() if not set(described["statements"]) <= known] == []


def test_a_figure_that_is_not_listed_would_be_seen():
    assert missing({"equation-9", "new"}, {"equation-9"}) == [f"new: add it to {LIST}"]
