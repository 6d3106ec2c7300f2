"""Each gate of the book catches a copy of a chapter that was tampered with in the way the gate is there for."""

import shutil
from pathlib import Path

import pytest

from book._tools import gates, rerun

TINY_CELL_COUNT = 4


def _cell(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


def _rerun(path: Path, figures: Path) -> rerun.Report:
    return rerun.compare(path, figures)


def test_an_honest_chapter_passes_every_gate(tiny, tmp_path):
    assert gates.stored(tiny.notebook) == []
    copy = Path(shutil.copy2(tiny.path, tmp_path))
    assert _rerun(copy, tmp_path / "figures") == rerun.Report(TINY_CELL_COUNT, [])
    assert gates.figure_data(tiny.figures, tmp_path / "figures") == []
    assert gates.figures_nobody_draws(tiny.figures, [tmp_path / "figures"]) == []


def test_cleared_outputs_are_caught_although_nbval_passes(tiny, tmp_path):
    def clear(notebook):
        for cell in notebook.cells[1:]:
            cell.outputs, cell.execution_count = [], None

    path = tiny.tampered(tmp_path, clear)
    assert _rerun(path, tmp_path / "figures").differences == []
    assert len(gates.execution_counts(_read(path))) == TINY_CELL_COUNT
    assert gates.compared_output(_read(path)) != []


def test_outputs_cleared_behind_kept_counts_are_caught(tiny):
    notebook = tiny.notebook
    for cell in notebook.cells[1:]:
        cell.outputs = [output for output in cell.outputs if set(output.get("data", {})) & set(gates.IMAGES)]
        for output in cell.outputs:
            output.data.pop("text/plain", None)
    assert gates.execution_counts(notebook) == []
    assert gates.compared_output(notebook) != []


def test_a_cell_run_out_of_order_is_caught(tiny):
    notebook = tiny.notebook
    _cell(notebook, "summary").execution_count = 7
    assert gates.execution_counts(notebook) == ["code cell 3 has execution count 7"]


def test_a_changed_digit_is_caught(tiny, tmp_path):
    def change(notebook):
        output = _cell(notebook, "summary").outputs[0]
        output.text = output.text.replace("1", "2")

    report = _rerun(tiny.tampered(tmp_path, change), tmp_path / "figures")
    assert len(report.differences) == 1
    assert "largest 2" in report.differences[0]


def test_a_changed_verdict_is_caught(tiny, tmp_path):
    def change(notebook):
        _cell(notebook, "verdict").outputs[0].data["application/vnd.mamllib.verdicts+json"][0]["verdict"] = "violated"

    assert len(_rerun(tiny.tampered(tmp_path, change), tmp_path / "figures").differences) == 1


def test_a_cell_that_raises_is_caught(tiny, tmp_path):
    def change(notebook):
        _cell(notebook, "summary").source = "1 / 0"

    assert any("ZeroDivisionError" in line for line in _rerun(tiny.tampered(tmp_path, change), tmp_path).differences)


def test_a_changed_curve_behind_an_unchanged_picture_is_caught_although_nbval_passes(tiny, tmp_path):
    def bend(notebook):
        cell = _cell(notebook, "figure")
        cell.source = cell.source.replace("value**2", "value**3")

    assert _rerun(tiny.tampered(tmp_path, bend), tmp_path / "figures").differences == []
    assert gates.figure_data(tiny.figures, tmp_path / "figures") == ["square: column y changed"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("x,y\n0.0,0.0\n0.5,0.25\n1.0,1.002\n", "column y changed"),
        ("x,y\n0.0,0.0\n0.5,nan\n1.0,1.0\n", "column y changed"),
        ("x,y\n0.0,0.0\n1.0,1.0\n", "shape (3, 2)"),
        ("x,z\n0.0,0.0\n0.5,0.25\n1.0,1.0\n", "shape (3, 2)"),
    ],
)
def test_changed_figure_data_is_caught(tiny, tmp_path, data, problem):
    (tmp_path / "square").mkdir()
    (tmp_path / "square" / "data.csv").write_text(data)
    (found,) = gates.figure_data(tiny.figures, tmp_path)
    assert problem in found


def test_the_last_digits_of_another_machine_are_let_through(tiny, tmp_path):
    (tmp_path / "square").mkdir()
    (tmp_path / "square" / "data.csv").write_text("x,y\n0.0,1e-16\n0.5,0.250001\n1.0,0.999999\n")
    assert gates.figure_data(tiny.figures, tmp_path) == []


def test_a_figure_without_stored_data_is_caught(tiny, tmp_path):
    assert gates.figure_data(tmp_path, tiny.figures) == ["square: drawn, but its data is not stored"]


def test_stored_data_that_no_chapter_draws_is_caught(tiny, tmp_path):
    assert gates.figures_nobody_draws(tiny.figures, [tmp_path]) == ["square: stored, but not drawn"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("done at 2026-01-31 12:30", "a time"),
        ("took 00:01:12", "a time"),
        ("saved to " + "/".join(["", "home", "someone", "figure.pdf"]), "a path of a machine"),
        ("<object at 0x7f3a2c11d0>", "a memory address"),
    ],
)
def test_what_another_run_would_print_differently_is_caught(tiny, text, kind):
    notebook = tiny.notebook
    _cell(notebook, "summary").outputs[0].text = text
    (problem,) = gates.clean_outputs(notebook)
    assert kind in problem


def test_stderr_is_caught(tiny):
    notebook = tiny.notebook
    _cell(notebook, "summary").outputs[0].name = "stderr"
    assert gates.clean_outputs(notebook) == ["code cell 3: stderr: largest 1"]


def test_a_stored_traceback_is_caught(tiny):
    notebook = tiny.notebook
    error = {"output_type": "error", "ename": "ValueError", "evalue": "", "traceback": []}
    _cell(notebook, "summary").outputs = [type(notebook)(error)]
    assert gates.clean_outputs(notebook) == ["code cell 3: a traceback (ValueError)"]


def _read(path: Path):
    import nbformat

    return nbformat.read(path, as_version=4)
