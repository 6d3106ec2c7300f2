"""The rows of the ledger page, from the records of `mamllib verify --json`."""

from collections.abc import Mapping

from mamllib.checking.verdict import Grade
from mamllib.formatting import number
from mamllib.report import COLUMNS as CHECK_COLUMNS
from mamllib.report import SMALLEST_ROOM

from .templates import rendered
from .whereabouts import Whereabouts, row_id

COLUMNS = {
    "statement": "statement",
    "paper": "paper",
    "verdict": "verdict",
    "grade": "grade",
    "lhs": "lhs",
    "rhs": "rhs",
    "slack": "slack",
    "ratio": "largest lhs/rhs",
    "margin": "least hypothesis margin",
    "mutants": "mutants caught",
}


def table(recorded: Mapping, found: Whereabouts) -> str:
    """The table of statements as HTML."""
    titles = {record["id"]: record["statement"] for record in recorded["statements"]}
    rows = [_row(record, found, titles) for record in recorded["statements"]]
    return rendered("ledger.html", columns=COLUMNS, check_columns=CHECK_COLUMNS, rows=rows, filters=_filters(rows))


def grades_text(record: Mapping) -> str:
    """On how many instances a statement speaks, by grade."""
    return ", ".join(f"{grade} {count}" for grade, count in record["grades"].items())


def _filters(rows: list[dict]) -> list[tuple[str, str, dict[str, str]]]:
    verdicts = sorted({row["verdict"] for row in rows})
    grades = [str(grade) for grade in Grade if any(str(grade) in row["grades"] for row in rows)]
    return [
        ("paper", "Paper", {row["paper"]: row["paper_name"] for row in rows}),
        ("verdict", "Verdict", {verdict: verdict for verdict in verdicts}),
        ("grade", "Grade", {grade: grade for grade in grades}),
    ]


def _row(record: Mapping, found: Whereabouts, titles: Mapping[str, str]) -> dict:
    kept = ("paper", "item", "claim", "file", "evidence", "grades", "checks", "made", "power")
    return {name: record[name] for name in kept} | {
        "mutants": [mutant | {"nearness": _nearness(mutant)} for mutant in record["mutants"]],
        "anchor": row_id(record["id"]),
        "title": record["statement"],
        "paper_name": found.paper(record["paper"]),
        "verdict": record["verdict"],
        "provenance": record["source"].capitalize(),
        "section": found.sections.get(record["id"]),
        "source": found.source(record["file"]),
        "figures": found.figures.get(record["id"], []),
        "premises": {row_id(premise): titles.get(premise, premise) for premise in record["rests on"]},
        "cells": _cells(record, found),
        "margins": _margins(record["checks"]),
    }


def _cells(record: Mapping, found: Whereabouts) -> list[dict]:
    """For each column but the first: what is shown, and what the column is sorted by."""
    strongest = [str(grade) in record["grades"] for grade in Grade].index(True) if record["grades"] else len(Grade)
    shown = record["shown"]
    cells = {
        "paper": (found.paper(record["paper"]), record["paper"]),
        "verdict": (shown["verdict"], record["verdict"]),
        "grade": (grades_text(record), strongest),
        **{side: (shown[side], record[side]) for side in ("lhs", "rhs", "slack")},
        "ratio": (shown["largest lhs/rhs"], record["largest lhs/rhs"]),
        "margin": (shown["least hypothesis margin"], record["least hypothesis margin"]),
        "mutants": (shown["mutants caught"], record["mutants caught"]),
    }
    return [
        {"key": key, "label": COLUMNS[key], "text": text, "sort": sort, "note": record["at"] if key == "ratio" else ""}
        for key, (text, sort) in cells.items()
    ]


def _nearness(mutant: Mapping) -> str | None:
    return None if mutant["nearness"] is None else number(float(mutant["nearness"]))


def _margins(checks: list[Mapping]) -> dict[str, list[str]]:
    """Every hypothesis with its margin on each instance."""
    names = dict.fromkeys(name for check in checks for name in check["margins"])
    return {name: [_room(check["margins"].get(name)) for check in checks] for name in names}


def _room(room: float | str | None) -> str:
    return "" if room is None else number(float(room), 0.0 if float(room) < 0 else SMALLEST_ROOM)
