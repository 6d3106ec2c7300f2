"""Lay out, in a fresh folder, exactly what the site is built from: the book, with its notebooks as executed."""

import shutil
from pathlib import Path

import nbformat

from . import verdicts
from .places import ROOT

# Figures are served under the site's own `figures/`, so a page can offer a figure's files for download.
SERVED = "_served"

# What a page shows of the library's own files.
_SHOWN = ("mamllib/statements/template.py",)

_NOT_STAGED = shutil.ignore_patterns("_tools", "figures", "__pycache__", ".ipynb_checkpoints")


def lay_out(stage: Path, executed: Path, root: Path = ROOT) -> None:
    """Copy the book into `stage`, then lay the tree `executed` (notebooks and figures) over it."""
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy2(root / name, stage / name)
    shutil.copytree(root / "book", stage / "book", ignore=_NOT_STAGED)
    shutil.copytree(executed / "book", stage / "book", ignore=shutil.ignore_patterns("figures"), dirs_exist_ok=True)
    for name in _SHOWN:
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, stage / name)
    for notebook in (stage / "book").rglob("*.ipynb"):
        nbformat.write(verdicts.without(nbformat.read(notebook, as_version=4)), notebook)
    (stage / SERVED).mkdir()
    figures = executed / "book" / "figures"
    if figures.is_dir():
        shutil.copytree(figures, stage / SERVED / "figures")
