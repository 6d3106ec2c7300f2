"""What a run of chapters was: when, how long, with which parameters, on what. It lies beside the executed chapters."""

import datetime
import importlib.metadata
import json
import subprocess
import sys
import threading
from pathlib import Path

RECORD = Path("book") / "execution.json"
FACTS = ("python", "mamllib", "jax", "jaxlib", "numpy", "matplotlib", "jupyter-book", "device", "commit")

# In a process of its own: JAX takes most of a GPU's memory, and the chapters need it.
_ENVIRONMENT = "import json; from mamllib.figures import provenance; print(json.dumps(provenance.environment()))"

_RECORDING = threading.Lock()  # chapters that run beside each other may end together


def environment() -> dict[str, str | None]:
    """Versions, device and commit of this moment."""
    process = subprocess.run([sys.executable, "-c", _ENVIRONMENT], stdout=subprocess.PIPE, text=True, check=True)
    known = json.loads(process.stdout)
    return {fact: known[fact] if fact in known else importlib.metadata.version(fact) for fact in FACTS}


def read(tree: Path) -> dict[str, dict]:
    """The record of every chapter executed into `tree`; empty where nothing was recorded."""
    path = tree / RECORD
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def record(tree: Path, chapter: str, **run: object) -> None:
    """Add a chapter's run to the record of `tree`, with the time of this moment, in the place of an earlier run.

    Args:
        tree: of executed chapters.
        chapter: its page, as the table of contents names it.
        run: ``seconds`` it took, ``parameters`` it ran with, ``environment`` around it.
    """
    now = datetime.datetime.now(datetime.UTC)
    path = tree / RECORD
    path.parent.mkdir(parents=True, exist_ok=True)
    with _RECORDING:
        runs = read(tree) | {chapter: {"date": f"{now:%Y-%m-%d %H:%M}", **run}}
        path.write_text(json.dumps(runs, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
