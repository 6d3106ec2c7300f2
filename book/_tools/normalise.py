"""Re-execute chapters with their own parameters and store them so that a second run changes no byte."""

import argparse
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from . import verdicts
from .chapters import chapters
from .execute import ChapterFailed, execute
from .places import ROOT, STORED_FIGURES

KEPT_OF_NOTEBOOK = ("accelerator",)  # Colab opens the chapter on a GPU
KEPT_OF_CELL = ("tags", "mystnb")


def normalise(notebook: NotebookNode) -> NotebookNode:
    """The notebook without what differs from one execution to the next."""
    kept = {key: notebook.metadata[key] for key in KEPT_OF_NOTEBOOK if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict(
        {
            **kept,
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in KEPT_OF_CELL if cell.metadata.get(key)})
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code_cells, start=1):
        _normalise_code_cell(cell, count)
    return notebook


def _normalise_code_cell(cell: NotebookNode, count: int) -> None:
    cell.execution_count = count
    cell.outputs = _merged_streams(cell.outputs)
    for output in cell.outputs:
        output.pop("transient", None)
        if output.output_type == "execute_result":
            output.execution_count = count


def _merged_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Where a stream is cut in two depends on timing, so pieces that follow each other are joined."""
    merged: list[NotebookNode] = []
    for output in outputs:
        previous = merged[-1] if merged else None
        if output.output_type == "stream" and previous is not None and previous.get("name") == output.name:
            previous.text += output.text
        else:
            merged.append(output)
    return merged


def store(chapter: Path, figures: Path) -> NotebookNode:
    """Execute a chapter and, only when it comes out as the book says, replace its stored outputs."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = execute(chapter, Path(folder) / chapter.name, figures)
    normalise(notebook)
    nbformat.validate(notebook)
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    chapter.write_text(re.sub(r"\n*\Z", "\n", text), encoding="utf-8")
    return notebook


def main() -> int:
    """Store the chapters given, or every chapter of the table of contents."""
    parser = argparse.ArgumentParser(prog="python -m book._tools.normalise", description=main.__doc__)
    parser.add_argument("chapters", nargs="*", type=Path, help="notebooks (default: all)")
    notebooks = [path.resolve() for path in parser.parse_args().chapters] or chapters()
    try:
        for chapter in notebooks:
            notebook = store(chapter, STORED_FIGURES)
            print(f"{chapter.relative_to(ROOT)}: {verdicts.summary(verdicts.read(notebook))}")
    except ChapterFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
