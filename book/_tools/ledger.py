"""The ledger page's tables, generated from a run of every statement, never written by hand."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from . import ledger_rows
from .whereabouts import Whereabouts


def write(recorded: Mapping, found: Whereabouts, pages: Path, served: Path) -> None:
    """Write the two tables that `book/ledger.md` includes to `pages`, and what it offers for download to `served`."""
    from mamllib.ledger import items_table

    pages.mkdir(parents=True, exist_ok=True)
    served.mkdir(parents=True, exist_ok=True)
    (pages / "ledger.html").write_text(ledger_rows.table(recorded, found), encoding="utf-8")
    (pages / "items.md").write_text(items_table(recorded).to_markdown(), encoding="utf-8")
    (served / "ledger.json").write_text(json.dumps(recorded, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    _write_csv([_line(record, found) for record in recorded["statements"]], served / "ledger.csv")


def _write_csv(lines: list[dict], path: Path) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def _line(record: Mapping, found: Whereabouts) -> dict:
    tight = ledger_rows.tightest(record)
    section = found.sections.get(record["id"])
    return {
        "id": record["id"],
        "paper": record["paper"],
        "title": record["statement"],
        "item": record["item"],
        "source": record["source"],
        "verdict": ledger_rows.worst(record),
        "grades": ledger_rows.grades_text(record),
        "evidence": record["evidence"],
        "lhs": tight["lhs"],
        "rhs": tight["rhs"],
        "slack": tight["slack"],
        "largest lhs/rhs": tight["ratio"],
        "at": record["at"],
        "least hypothesis margin": ledger_rows.least_margin(tight),
        "mutants caught": ledger_rows.caught(record),
        "mutants": len(record["mutants"]),
        "chapter": section.href if section else "",
        "file": record["file"],
        "figures": " ".join(found.figures.get(record["id"], [])),
        "rests on": " ".join(record["rests on"]),
    }
