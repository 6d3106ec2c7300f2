"""The run of every statement that the site shows, by a process of its own: this one never imports the library."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from .places import ROOT
from .processes import Group

KEPT = "ledger.json"  # beside the chapters executed with it
SCHEMA = ROOT / "mamllib" / "ledger.schema.json"


class LedgerFailed(Exception):
    """A statement did not come out as recorded."""


def run(group: Group | None = None, folder: Path | None = None, kept: Sequence[str] = ()) -> dict:
    """Judge every statement in a process of its own, and return the records of statements and numbered items.

    Args:
        group: that the process belongs to.
        folder: of the files of groups of statements, see ``judging``; none are left where none is given.
        kept: groups that are not judged, for their file stands.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as scratch:
            return run(group, Path(scratch))
    command = [sys.executable, "-m", f"{__package__}.judging", str(folder.resolve()), json.dumps(list(kept))]
    process = (group or Group()).run("the ledger", None, command, stderr=subprocess.PIPE, cwd=ROOT)
    if process.returncode != 0:
        raise LedgerFailed(f"judging the statements ended with status {process.returncode}:\n{process.stderr}")
    return json.loads(process.stdout)


def keep(recorded: Mapping, executed: Path) -> None:
    """Lay the records beside the chapters executed with them."""
    executed.mkdir(parents=True, exist_ok=True)
    (executed / KEPT).write_text(json.dumps(recorded), encoding="utf-8")


def kept(executed: Path) -> dict:
    """The records beside executed chapters; where there are none of today's schema, of a run made now."""
    path = executed / KEPT
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found if found.get("schema") == version() else run()


def version() -> str:
    """The version of the records' schema."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]["schema"]["const"]
