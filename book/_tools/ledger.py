"""The ledger page's tables, generated from a run of every statement, never written by hand."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from . import ledger_columns, ledger_rows
from .whereabouts import Whereabouts

RECORD, TABLE = "ledger.json", "ledger.csv"


def write(recorded: Mapping, found: Whereabouts, pages: Path, served: Path) -> None:
    """Write the tables that `book/ledger.md` includes to `pages`, and what it offers for download to `served`."""
    from mamllib import records
    from mamllib.ledger import items_table

    schema = records.schema()
    pages.mkdir(parents=True, exist_ok=True)
    served.mkdir(parents=True, exist_ok=True)
    (pages / "ledger.html").write_text(ledger_rows.table(recorded, found), encoding="utf-8")
    (pages / "items.md").write_text(items_table(recorded).to_markdown(), encoding="utf-8")
    (pages / "columns.md").write_text(ledger_columns.documentation(schema), encoding="utf-8")
    located = dict(recorded) | {"statements": [_located(record, found) for record in recorded["statements"]]}
    _write_json(schema, served / records.SCHEMA)
    _write_json(located, served / RECORD)
    _write_csv([ledger_columns.row(record, located, schema) for record in located["statements"]], served / TABLE)


def _located(record: Mapping, found: Whereabouts) -> dict:
    """A record with what only the site knows: the statement's chapter and figures."""
    section = found.sections.get(record["id"])
    return dict(record) | {
        "chapter": section.href if section else None,
        "figures": found.figures.get(record["id"], []),
    }


def _write_json(value: Mapping, path: Path) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _write_csv(lines: list[dict], path: Path) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
