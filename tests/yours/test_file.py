"""A reader's file: what it says, what it lacks, and the files to begin with."""

import json
from pathlib import Path

import pytest

import mamllib as ml
from mamllib.cli import main
from mamllib.yours.file import FileError, read, statements_in

TASKS = """
import numpy as np
def loss(w, row):
    return (row["x"] @ w - row["y"]) ** 2 / 2
data = [{"x": np.eye(2), "y": np.array([1.0, -1.0])}, {"x": np.ones((3, 2)) / 2, "y": np.zeros(3)}]
alpha = 0.25
w = np.zeros(2)
"""


@pytest.fixture
def file(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "mine.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_says_tasks_and_words(file):
    brought = read(file(TASKS + "steps = 2\nother = 3\n"))
    assert (len(brought.family), brought.alpha, brought.words) == (2, 0.25, {"steps": 2})
    assert not brought.declares
    assert read(file(TASKS + "import mamllib as ml\nconstants = ml.Constants(1.0, 0.0, 1.0, 1.0)")).declares


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file does not say loss: a function"),
        (TASKS.replace("alpha = 0.25", ""), "the file does not say alpha: the inner step size"),
        (TASKS.replace("data = [", "data = {'a': [").replace("zeros(3)}]", "zeros(3)}]}"), "data is of type dict"),
        (TASKS + "1 / 0\n", "mine.py, line 8: ZeroDivisionError"),
        ("def\n", "mine.py, line 1: SyntaxError"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(file, text, message):
    with pytest.raises(FileError, match=message):
        read(file(text))


def test_a_file_that_is_not_there_can_be_written():
    with pytest.raises(FileError, match=r"there is no such file; `mamllib new ask nowhere\.py` writes one"):
        read("nowhere.py")


def test_statements_are_taken_from_a_file(file):
    assert [s.id for s in statements_in(ml.statements.template.__file__)] == ["template/rest"]
    with pytest.raises(FileError, match="declares no statement"):
        statements_in(file("x = 1"))


def test_what_is_asked_by_a_file(file, capsys):
    assert main(["ask", str(file(TASKS)), "auxiliary_inequality", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [check["verdict"] for check in record["checks"]] == ["holds"] * 2
    assert record["measured"]["values"]["L"] == pytest.approx(1.0, abs=0.5)
    assert main(["ask", str(file(TASKS)), "auxiliary_inequality"]) == 0
    assert "No constants are declared. These were met" in capsys.readouterr().out


def test_a_word_that_is_wrong_is_said_of_the_file(file, capsys):
    assert main(["ask", str(file(TASKS.replace("alpha = 0.25", "alpha = -1.0")))]) == 2
    assert "mine.py: alpha = -1.0 is not allowed" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["ask", "diagnose", "statement"])
def test_a_new_file_is_answered_as_it_is(kind, tmp_path, capsys):
    path = tmp_path / "new.py"
    assert main(["new", kind, str(path)]) == 0
    command = {"ask": ["ask", "--json"], "diagnose": ["diagnose", "--json"], "statement": ["verify", "--json"]}[kind]
    some = ["auxiliary_inequality"] if kind == "ask" else []
    capsys.readouterr()
    assert main([command[0], str(path), *some, *command[1:]]) == 0
    assert json.loads(capsys.readouterr().out)
    assert main(["new", kind, str(path)]) == 2
    assert "is there already, and is left as it is" in capsys.readouterr().err


def test_a_statement_of_a_file_is_judged_beside_those_of_the_ledger(capsys):
    template = ml.statements.template.__file__
    assert main(["verify", template, "equation_9_halved", "--json"]) == 0
    judged = [record["id"] for record in json.loads(capsys.readouterr().out)["statements"]]
    assert set(judged) == {"template/rest", "fallah2020/equation_9_halved"}


@pytest.mark.parametrize(
    ("slip", "meant"), [("step = 3", "steps"), ("D_tst = 2", "D_test"), ("sample = 10", "samples")]
)
def test_a_name_that_is_nearly_a_word_is_not_passed_over(file, slip, meant):
    with pytest.raises(FileError, match=rf"the file says {slip.split()[0]}, which nothing reads: {meant} is meant"):
        read(file(f"{TASKS}{slip}\n"))
    assert meant not in read(file(f"{TASKS}_{slip}\n")).words


def test_an_error_of_the_estimator_has_its_line(file, capsys):
    text = (
        "\nimport mamllib as ml\nsizes = ml.BatchSizes(2, 2, 2)\ndef estimator(w, batches):\n    return batches.none\n"
    )
    assert main(["diagnose", str(file(TASKS + text))]) == 2
    assert "mine.py, line 12: mine raises AttributeError" in capsys.readouterr().err


def test_a_statement_of_a_file_that_is_refused_is_said_of_the_file(tmp_path, capsys):
    text = Path(ml.statements.template.__file__).read_text(encoding="utf-8")
    path = tmp_path / "mine.py"
    path.write_text(text.replace("rhs=lambda rest: bound(rest) * Q(99, 100)", 'drops="no such"'), encoding="utf-8")
    assert main(["verify", str(path)]) == 2
    assert "mutant 'L lowered by a hundredth' drops 'no such'" in capsys.readouterr().err
