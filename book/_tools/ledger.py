"""The ledger page's tables, generated from a run of every statement, never written by hand."""

import json
import subprocess
import sys
from pathlib import Path


class LedgerFailed(Exception):
    """A statement did not come out as recorded."""


def run() -> dict:
    """Judge every statement in a process of its own, and return the records of statements and numbered items."""
    process = subprocess.run(
        [sys.executable, "-m", "mamllib", "verify", "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    if process.returncode != 0:
        raise LedgerFailed(f"`mamllib verify` ended with status {process.returncode}:\n{process.stdout}")
    return json.loads(process.stdout)


def write(recorded: dict, folder: Path) -> None:
    """Write the records as data and as the two tables that `book/ledger.md` includes."""
    from mamllib.ledger import items_table, statements_table

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ledger.json").write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    (folder / "ledger.md").write_text(statements_table(recorded).to_markdown(), encoding="utf-8")
    (folder / "items.md").write_text(items_table(recorded).to_markdown(), encoding="utf-8")
