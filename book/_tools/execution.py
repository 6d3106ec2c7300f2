"""What a run of chapters was: when, how long, with which parameters, on what. It lies beside the executed chapters."""

import datetime
import functools
import importlib.metadata
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

RECORD = Path("book") / "execution.json"
FACTS = ("python", "mamllib", "jax", "jaxlib", "numpy", "matplotlib", "jupyter-book", "device", "commit")

# In a process of its own: JAX takes most of a GPU's memory, and the chapters need it.
_KNOWN = """
import json
from mamllib.figures import provenance
from mamllib.statements import register
statements = [[each.id, register.path_of(each)] for each in register.all_statements()]
print(json.dumps({"environment": provenance.environment(), "statements": statements}))
"""

_RECORDING = threading.Lock()  # chapters that run beside each other may end together


def environment() -> dict[str, str | None]:
    """Versions, device and commit of this moment."""
    known = _known()["environment"]
    return {fact: known[fact] if fact in known else importlib.metadata.version(fact) for fact in FACTS}


def statements() -> list[list[str]]:
    """Id and file of every statement of this moment, in the order of the ledger."""
    return _known()["statements"]


def read(tree: Path) -> dict[str, dict]:
    """The record of every chapter executed into `tree`; empty where nothing was recorded."""
    path = tree / RECORD
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def record(tree: Path, chapter: str, **run: object) -> None:
    """Add a chapter's run to the record of `tree`, with the time of this moment, in the place of an earlier run.

    Args:
        tree: of executed chapters.
        chapter: its page, as the table of contents names it.
        run: ``seconds`` it took and ``cpu`` of them, ``parameters`` it ran with, ``environment`` around it, ``why`` it
            ran, and how much it ``needs``.
    """
    with _RECORDING:
        write(tree, read(tree) | {chapter: {"date": _now(), **run}})


def keep(tree: Path, chapter: str) -> str:
    """Say in the record why an earlier run of a chapter stands; the same in words."""
    with _RECORDING:
        runs = read(tree)
        needs = runs[chapter]["needs"]
        counted = f"{needs['definitions']} definitions in {needs['files']} files of code"
        data = f", and of {needs['data']} files that it reads," if needs["data"] else ""
        why = f"of {counted}{data} none has changed"
        write(tree, runs | {chapter: runs[chapter] | {"why": f"kept on {_now()}: {why}"}})
    return why


def write(tree: Path, runs: Mapping[str, Mapping]) -> None:
    """Let these be all runs that are recorded of `tree`."""
    path = tree / RECORD
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(runs, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _now() -> str:
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M}"


@functools.cache
def _known() -> dict:
    process = subprocess.run([sys.executable, "-c", _KNOWN], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(process.stdout)
