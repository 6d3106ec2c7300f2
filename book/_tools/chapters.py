"""Which chapters the book has: `_toc.yml` is the one list, so a chapter cannot be left out of a run."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode

from .places import ROOT

_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_OF_PAPERMILL = {"injected-parameters", "papermill-error-cell-tag"}


def pages(root: Path = ROOT) -> list[str]:
    """What the table of contents names, in reading order."""
    return list(_files(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))))


def chapters(root: Path = ROOT) -> list[Path]:
    """The notebooks among the pages."""
    return [path for name in pages(root) if (path := _page(root, name)).suffix == ".ipynb"]


def title(chapter: Path) -> str:
    """A chapter's first heading, as plain text."""
    cells = nbformat.read(chapter, as_version=4).cells
    headings = (_TITLE.search(cell.source) for cell in cells if cell.cell_type == "markdown")
    return next(found[1].replace("$", "").strip() for found in headings if found)


def numbered_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """The cells with the numbers they have in the chapter, without those that papermill puts in between."""
    own = (cell for cell in notebook.cells if not _OF_PAPERMILL & set(cell.metadata.get("tags", [])))
    return enumerate(own, start=1)


def _files(entry: dict) -> Iterator[str]:
    for key in ("root", "file"):
        if key in entry:
            yield entry[key]
    for key in ("parts", "chapters", "sections"):
        for child in entry.get(key) or []:
            yield from _files(child)


def _page(root: Path, name: str) -> Path:
    for suffix in ("", ".ipynb", ".md"):
        path = root / f"{name}{suffix}"
        if path.is_file():
            return path
    raise FileNotFoundError(f"_toc.yml names {name}, and there is no such notebook or page under {root}")
