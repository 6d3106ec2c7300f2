"""A traced process notes what it runs and reads, and runs as it would without."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from book._tools import marks, places, tracing
from tests.book.small_library import LIBRARY

RUN = """
import json, sys
from book._tools import tracing
trace = tracing.begin()
exec(sys.argv[1], {})
print(json.dumps(trace.record()))
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("small")
    own = {
        f"book/_tools/{Path(each.__file__).name}": Path(each.__file__).read_text() for each in (marks, places, tracing)
    }
    for file, text in (LIBRARY | own | {"book/_tools/__init__.py": ""}).items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    return root


@pytest.fixture
def traced(root: Path):
    """(text) → what it printed, and what was noted of it."""

    def run(text: str) -> tuple[list[str], dict]:
        done = subprocess.run(
            [sys.executable, "-S", "-c", RUN, text], cwd=root, env={}, check=True, stdout=subprocess.PIPE, text=True
        )
        *said, noted = done.stdout.splitlines()
        return said, json.loads(noted)

    return run


def test_what_runs_is_told_from_what_an_import_runs(traced):
    said, noted = traced("import mamllib as ml; print(ml.arithmetic.mean([1, 2]))")
    assert said == ["1.5"]
    assert noted["ran"] == ["mamllib/arithmetic.py:mean:0"]
    assert "mamllib/checking/statement.py:case:0" in noted["imported"]
    assert set(noted["files"]) == {file for file in LIBRARY if file.endswith(".py")}


def test_functions_within_functions_and_lambdas_are_noted(traced):
    _, noted = traced("import mamllib as ml; ml.statement('lemma_1_any').check_all()")
    assert {"mamllib/statements/one/question.py:Pairs:1.0", "mamllib/statements/one/__init__.py:LEMMA_1_ANY:0"} <= set(
        noted["ran"]
    )


def test_of_statements_those_are_noted_that_are_read_for_more_than_their_id(traced):
    _, noted = traced("import mamllib as ml; print(ml.statement('theorem_2').title)")
    assert ["mamllib/statements/two.py", "THEOREM_2"] in noted["statements"]
    assert {name for _, name in noted["statements"]} == {"THEOREM_2"}


def test_files_are_noted_that_are_read_and_no_code(traced, root):
    _, noted = traced("import mamllib as ml; ml.measured.load('peers'); open('other', 'w').close()")
    assert noted["read"] == {"mamllib/peers.csv": tracing.digest((root / "mamllib/peers.csv").read_bytes())}


def test_a_function_notes_first_that_it_runs():
    tree = marks.marked("a.py", b'def f(x):\n    "Told."\n    return lambda: x\n')
    assert "__ran__('a.py:f:0')\n    return lambda: __ran__('a.py:f:0.0') or x" in ast.unparse(tree)
