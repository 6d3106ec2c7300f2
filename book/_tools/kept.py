"""What of an earlier run is kept in a tree of results; the rest is swept out before anything runs."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import nbformat

from . import execution, figures, fresh
from .execute import stored_parameters

LEDGER = "ledger"  # the folder of the files of groups of statements, and how their results' names begin


def why(results: fresh.Results, chapter: Path, name: str, parameters: Mapping[str, object]) -> str | None:
    """Why a chapter is to be run; nothing where its earlier run stands."""
    if name not in execution.read(results.tree) or not all(map(Path.exists, _lies_at(results.tree, name))):
        return "no earlier run of it is here, or not all of one"
    own = fresh.own(chapter, stored_parameters(chapter) | dict(parameters))
    return results.why(name, own, fresh.words(chapter))


def groups(results: fresh.Results) -> list[str]:
    """The groups of statements whose judgement stands."""
    files = sorted((results.tree / LEDGER).rglob("*.json"))
    found = [file.relative_to(results.tree / LEDGER).with_suffix("").as_posix() for file in files]
    return [name for name in found if results.why(f"{LEDGER}/{name}", {}, set()) is None]


def note_groups(results: fresh.Results, kept: Sequence[str]) -> None:
    """Note what the judgement of every other group came from."""
    for file in sorted((results.tree / LEDGER).rglob("*.json")):
        name = file.relative_to(results.tree / LEDGER).with_suffix("").as_posix()
        if name not in kept:
            trace = json.loads(file.read_text(encoding="utf-8"))["trace"]
            results.record(f"{LEDGER}/{name}", {}, set(), trace)


def sweep(tree: Path, chapters: Collection[str], groups: Collection[str]) -> None:
    """Leave in the tree what belongs to these chapters and groups, and nothing else."""
    names = [*chapters, *(f"{LEDGER}/{group}" for group in groups)]
    left = [place for name in chapters for place in _lies_at(tree, name)]
    left += [tree / f"{LEDGER}/{group}.json" for group in groups]
    left += [tree / fresh.FOLDER / f"{name}.json" for name in names]
    for path in [path for path in tree.rglob("*") if not path.is_dir()]:
        if not any(path.is_relative_to(place) for place in left) and path != tree / execution.RECORD:
            path.unlink()
    for folder in sorted((path for path in tree.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    if runs := execution.read(tree):
        execution.write(tree, {name: run for name, run in runs.items() if name in chapters})


def _lies_at(tree: Path, chapter: str) -> list[Path]:
    """The executed notebook of a chapter, and the folders of its figures."""
    notebook = tree / f"{chapter}.ipynb"
    if not notebook.is_file():
        return [notebook]
    published = figures.published(nbformat.read(notebook, as_version=4))
    return [notebook, *(tree / "book" / "figures" / name for name, _ in published)]
