"""A check as plain data: what ``mamllib verify --json`` prints, and what the pages of the book are made from."""

import math

from mamllib.checking.check import Check
from mamllib.report import COLUMNS, row, verdict_record


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
