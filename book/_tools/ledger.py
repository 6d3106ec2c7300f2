"""The ledger page's table, generated from a run of every statement, never written by hand."""

import json
import subprocess
import sys
from pathlib import Path


class LedgerFailed(Exception):
    """A statement did not come out as recorded."""


def run() -> list[dict]:
    """Judge every statement in a process of its own, and return the rows of the ledger."""
    process = subprocess.run(
        [sys.executable, "-m", "mamllib", "verify", "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    if process.returncode != 0:
        raise LedgerFailed(f"`mamllib verify` ended with status {process.returncode}:\n{process.stdout}")
    return json.loads(process.stdout)


def write(rows: list[dict], folder: Path) -> None:
    """Write the rows as data and as the table that `book/ledger.md` includes."""
    from mamllib.ledger import to_markdown

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ledger.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    (folder / "ledger.md").write_text(to_markdown(rows), encoding="utf-8")
