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
        "illustration": check.illustration,
        **({"needed": plain(check.budget.needed), "recorded": check.budget.recorded} if check.budget else {}),
        "shown": dict(zip(COLUMNS, row(check), strict=True)),
    }


def plain(value) -> float | str:
    """A number as JSON has it; what JSON has not is the text ``Infinity``, ``-Infinity`` or ``NaN``."""
    value = float(value)
    return value if math.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")
