"""What a stored chapter must pass beyond nbval, which alone lets a cleared output or a changed curve through.

Each gate returns the problems it found, a line each; an empty list is a pass. The tests of the book, and the tests
that tamper with a chapter to see a gate catch it, call these same functions.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from nbformat import NotebookNode

IMAGES = ("image/png", "image/jpeg")  # what nbval does not compare

_UNSTABLE = {
    "a time": re.compile(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}|\b\d{2}:\d{2}:\d{2}\b"),
    "a path of a machine": re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|var|opt|usr|work|content)/\w|\b[A-Z]:\\\w"),
    "a memory address": re.compile(r"\b0x[0-9a-f]{6,}\b"),
}


def execution_counts(notebook: NotebookNode) -> list[str]:
    """Every code cell was executed, once, in order: its count is its place."""
    return [
        f"code cell {place} has execution count {cell.execution_count}"
        for place, cell in enumerate(_code_cells(notebook), start=1)
        if cell.execution_count != place
    ]


def compared_output(notebook: NotebookNode) -> list[str]:
    """At least one output is of a kind that nbval compares, or its pass says nothing."""
    if any(_text(output) for cell in _code_cells(notebook) for output in cell.outputs):
        return []
    return ["no output that nbval compares: a chapter prints its numbers, not only pictures"]


def clean_outputs(notebook: NotebookNode) -> list[str]:
    """No stderr, no traceback, and nothing that another machine or another minute would print differently."""
    return [
        f"code cell {place}: {problem}"
        for place, cell in enumerate(_code_cells(notebook), start=1)
        for output in cell.outputs
        for problem in _unclean(output)
    ]


def stored(notebook: NotebookNode) -> list[str]:
    """The gates that need no execution, together."""
    return execution_counts(notebook) + compared_output(notebook) + clean_outputs(notebook)


def figure_data(stored: Path, redrawn: Path, rtol: float = 1e-3) -> list[str]:
    """Each figure's plotted numbers, stored and drawn again, agree.

    The tolerance is what printing to four digits leaves, plus a billionth of a column's largest entry, below which
    another CPU's rounding may show.
    """
    problems = []
    for data in sorted(redrawn.glob("*/data.csv")):
        kept = stored / data.parent.name / "data.csv"
        if kept.is_file():
            problems += [f"{data.parent.name}: {line}" for line in _table_differences(kept, data, rtol)]
        else:
            problems.append(f"{data.parent.name}: drawn, but its data is not stored")
    return problems


def figures_nobody_draws(stored: Path, drawn: list[Path]) -> list[str]:
    """Stored figure data that no chapter draws any more."""
    names = {data.parent.name for folder in drawn for data in folder.glob("*/data.csv")}
    return [
        f"{data.parent.name}: stored, but not drawn"
        for data in sorted(stored.glob("*/data.csv"))
        if data.parent.name not in names
    ]


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _text(output: NotebookNode) -> str:
    """The part of an output that nbval compares."""
    if output.output_type == "stream":
        return output.text
    return "\n".join(str(value) for kind, value in output.get("data", {}).items() if kind not in IMAGES)


def _unclean(output: NotebookNode) -> list[str]:
    if output.output_type == "error":
        return [f"a traceback ({output.ename})"]
    if output.output_type == "stream" and output.name == "stderr":
        return [f"stderr: {output.text.strip().splitlines()[0]}"]
    text = _text(output)
    return [f"{kind}: {found.group()!r}" for kind, pattern in _UNSTABLE.items() if (found := pattern.search(text))]


def _table_differences(kept: Path, again: Path, rtol: float) -> list[str]:
    old, new = pd.read_csv(kept, comment="#"), pd.read_csv(again, comment="#")
    if list(old.columns) != list(new.columns) or len(old) != len(new):
        return [f"shape {old.shape} with columns {list(old)} became {new.shape} with {list(new)}"]
    return [f"column {name} changed" for name in old.columns if not _same(old[name], new[name], rtol)]


def _same(old: pd.Series, new: pd.Series, rtol: float) -> bool:
    if not (pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new)):
        return old.astype(str).equals(new.astype(str))
    finite = np.abs(old[np.isfinite(old)])
    floor = 1e-9 * finite.max() if len(finite) else 0.0
    return np.allclose(old, new, rtol=rtol, atol=floor, equal_nan=True)
