"""What is on record of statements as plain data: what ``mamllib verify --json`` prints, and pages are made from.

``ledger.schema.json`` says what each field is; a change of them is another version of the schema.
"""

import importlib.resources
import json
import math
from collections.abc import Mapping
from dataclasses import asdict

from mamllib.checking.check import Check
from mamllib.checking.verdict import Verdict
from mamllib.figures import provenance
from mamllib.report import COLUMNS, row, verdict_record
from mamllib.statements.register import path_of
from mamllib.statements.wrong_versions import summary

SCHEMA = "ledger.schema.json"
PROVENANCE = {"V": "verbatim", "N": "after published notes", "D": "derived here"}


def schema() -> dict:
    """The JSON Schema (2020-12) of the records of statements."""
    return json.loads(importlib.resources.files("mamllib").joinpath(SCHEMA).read_text(encoding="utf-8"))


def header(seed: int, profile: str | None = None) -> dict:
    """What is true of all records that are made now: of which schema they are, and what they were made with."""
    around, known = provenance.environment(), provenance.commit()
    return {
        "schema": schema()["properties"]["schema"]["const"],
        "version": around.pop("mamllib"),
        "commit": known and known.id,
        "changed": known and known.changed,
        "environment": {name: value for name, value in around.items() if name != "commit"},
        "profile": profile,
        "seed": seed,
    }


def statement_record(entry, shown: Mapping[str, str]) -> dict:
    """A statement as checked: numbers, and under ``shown`` the same as a reader sees them.

    Args:
        entry: a row of the ledger.
        shown: its cells, by their columns.
    """
    statement, tight = entry.statement, entry.tightest
    name, room = tight.smallest_margin
    return {
        "id": statement.id,
        "paper": statement.id.split("/")[0],
        "statement": statement.title,
        "item": statement.source.item,
        "source": PROVENANCE[statement.source.tag],
        "claim": statement.claim,
        "verdict": str(entry.verdict),
        "grades": entry.grades,
        "evidence": entry.evidence,
        "at": tight.case,
        "lhs": plain(tight.left),
        "rhs": plain(tight.right),
        "slack": plain(tight.slack),
        "largest lhs/rhs": plain(tight.ratio),
        "least hypothesis margin": plain(room),
        "least hypothesis": name if tight.margins else None,
        "mutants caught": sum(check.verdict == Verdict.VIOLATED for check in entry.mutants),
        "mutants tried": len(entry.mutants),
        "power": summary(entry.made),
        "rests on": list(statement.rests_on),
        "file": path_of(statement),
        "shown": dict(shown),
        "checks": [check_record(check) for check in entry.checks],
        "mutants": _mutant_records(entry),
        "made": [asdict(version) for version in entry.made],
    }


def outcome(verdict: str, grades: Mapping[str, int]) -> str:
    """The verdict of a statement, and on how many instances of each grade: ``holds (instances: 3 exact, 1 float)``."""
    counted = ", ".join(f"{count} {grade}" for grade, count in grades.items())
    return f"{verdict} (instances: {counted})" if counted else str(verdict)


def check_record(check: Check) -> dict:
    """The numbers of a check, and under ``shown`` the same as a reader sees them."""
    return verdict_record(check) | {
        "grade": str(check.grade),
        "points": check.points,
        "margins": {name: plain(room) for name, room in check.margins.items()},
        "origins": {name: hypothesis.origin for name, hypothesis in check.hypotheses.items()},
        "lhs": plain(check.left),
        "rhs": plain(check.right),
        "slack": plain(check.slack),
        "error": plain(check.error),
        "ratio": plain(check.ratio),
        **_budget(check),
        "shown": dict(zip(COLUMNS, row(check), strict=True)),
    }


def _mutant_records(entry) -> list[dict]:
    reasons = [mutant.survives for mutant in entry.statement.mutants]
    return [
        check_record(check) | {"survives": reason, "nearness": None if nearness is None else plain(nearness)}
        for check, reason, nearness in zip(entry.mutants, reasons, entry.nearness, strict=True)
    ]


def _budget(check: Check) -> dict:
    """Of a recorded process: N, what was recorded, and why the check could not have come out otherwise."""
    if not check.budget:
        return {}
    budget = check.budget
    return {"N": plain(budget.needed), "iterations recorded": budget.recorded, "illustration": check.illustration}


def plain(value) -> float | str:
    """A number as JSON has it; what JSON has not is the text ``Infinity``, ``-Infinity`` or ``NaN``."""
    value = float(value)
    return value if math.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")
