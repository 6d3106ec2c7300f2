"""A chapter that does not come out as the book says stops the run, and the message says where."""

import subprocess
import sys

import nbformat
import pytest

from book._tools import verdicts
from book._tools.chapters import chapters
from book._tools.execute import ChapterFailed, check_parameters, execute, stored_parameter
from book._tools.places import ROOT

WRONG = """\
from IPython.display import display
verdict = {"statement": "lemma_0", "instance": "unit", "verdict": "violated", "expected": "holds"}
display({"text/plain": "lemma_0", "application/vnd.mamllib.verdicts+json": [verdict]}, raw=True)
"""


def test_a_chapter_runs_with_the_parameters_given(unexecuted, tmp_path):
    executed = execute(unexecuted(summary="print(seed)"), tmp_path / "out.ipynb", tmp_path / "figures", {"seed": 5})
    assert [cell.outputs[0].text for cell in executed.cells if cell.id == "summary"] == ["5\n"]
    assert [str(verdict) for verdict in verdicts.read(executed)] == ["lemma_0 on unit: holds, expected holds"]
    assert (tmp_path / "figures" / "square" / "data.csv").is_file()


def test_a_mistyped_parameter_is_refused(tiny):
    with pytest.raises(ChapterFailed, match="tiny: no parameter named sede; it has profile, seed"):
        check_parameters(tiny.path, {"sede": 1})


def test_a_mistyped_parameter_stops_the_command():
    command = [sys.executable, "-m", "book._tools.run", "-p", "sede=1", str(chapters()[0])]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "no parameter named sede" in process.stderr


def test_an_unexpected_verdict_fails_although_no_cell_raised(unexecuted, tmp_path):
    with pytest.raises(ChapterFailed, match="tiny, cell 5: lemma_0 on unit: violated, expected holds"):
        execute(unexecuted(verdict=WRONG), tmp_path / "out.ipynb", tmp_path / "figures")


def test_a_cell_that_raises_is_named_with_the_statement(unexecuted, tmp_path):
    broken = unexecuted(verdict=WRONG + "raise RuntimeError('lemma_0 came out violated')")
    with pytest.raises(ChapterFailed) as failure:
        execute(broken, tmp_path / "out.ipynb", tmp_path / "figures")
    assert "tiny, cell 5: lemma_0 on unit: violated, expected holds" in str(failure.value)
    assert "tiny, cell 5: RuntimeError: lemma_0 came out violated" in str(failure.value)


def test_the_stored_value_of_a_parameter_is_read(tiny):
    assert stored_parameter(tiny.path, "seed") == 0
    assert stored_parameter(tiny.path, "profile") == "ci"


def test_verdicts_are_taken_out_for_the_reader(tiny):
    notebook = verdicts.without(tiny.notebook)
    assert verdicts.read(notebook) == []
    assert "lemma_0: holds" in nbformat.writes(notebook)
