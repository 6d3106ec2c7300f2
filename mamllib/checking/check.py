"""The outcome of one check, and how it reads."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mamllib.checking.budget import Budget
from mamllib.checking.hypothesis import Hypothesis
from mamllib.checking.margins import is_nan
from mamllib.checking.quantity import Quantity
from mamllib.checking.verdict import Grade, Verdict, weakest
from mamllib.formatting import number

NEAR = 1e-3  # how far lhs/rhs may be from what was predicted, relatively, where it is computed in floats


class UnexpectedVerdict(AssertionError):
    """A verdict, or the ratio lhs/rhs, differs from the one on record."""


@dataclass(frozen=True)
class Check:
    """What a statement said on one instance.

    Where the instance has many points, ``ratio``, ``left``, ``right`` and ``slack`` are those of the tightest one.
    """

    statement: str
    title: str
    case: str
    verdict: Verdict
    expected: Verdict
    hypotheses: dict[str, Hypothesis]
    lhs: Quantity
    rhs: Quantity
    budget: Budget | None = None
    predicted: Any = None

    def __str__(self) -> str:
        """Verdict, hypothesis margins and both sides, in three lines."""
        rooms = "; ".join(f"{name}: {number(room)}" for name, room in self.margins.items()) or "none"
        sides = f"lhs {number(self.left)} ± {number(self.error)}, rhs {number(self.right)}, slack {number(self.slack)}"
        return (
            f"{self.title}, {self.case}: {self.verdict} ({self.grade}, {self.points} compared)\n"
            f"  hypothesis margins: {rooms}\n"
            f"  {sides}, lhs/rhs {number(self.ratio)}" + (f"\n  {self._recorded}" if self.budget else "")
        )

    @property
    def margins(self) -> dict[str, Any]:
        """The room that each hypothesis leaves."""
        return {name: hypothesis.room for name, hypothesis in self.hypotheses.items()}

    @property
    def is_expected(self) -> bool:
        """Whether the verdict is the one on record, and lhs/rhs what was predicted."""
        return self.verdict == self.expected and self.is_as_predicted

    @property
    def is_as_predicted(self) -> bool:
        """Whether lhs/rhs is the ratio on record, if there is one: exactly in fractions, else within a thousandth."""
        if self.predicted is None or self.verdict == Verdict.SILENT:
            return True
        if self.grade == Grade.EXACT and isinstance(self.predicted, Fraction):
            return bool(self.left == self.predicted * self.right)
        return math.isclose(self.ratio, float(self.predicted), rel_tol=NEAR)

    @property
    def grade(self) -> Grade:
        """The weakest grade of both sides and of the hypotheses."""
        return weakest([self.lhs.grade, self.rhs.grade, *(h.grade for h in self.hypotheses.values())])

    @property
    def points(self) -> int:
        """Number of points compared."""
        return int(np.broadcast(self.lhs.value, self.rhs.value).size)

    @property
    def ratios(self) -> np.ndarray:
        """lhs/rhs at every point; 1 where both are zero, ∞ where rhs alone is."""
        lhs, rhs = np.broadcast_arrays(_floats(self.lhs.value), _floats(self.rhs.value))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(rhs > 0, lhs / rhs, np.where(lhs > 0, np.inf, 1.0)).ravel()

    @property
    def ratio(self) -> float:
        """The largest lhs/rhs."""
        return float(self.ratios.max())

    @property
    def left(self):
        """lhs at the tightest point, a fraction where the check is exact."""
        return self._at_tightest(self.lhs.value)

    @property
    def right(self):
        """rhs at the tightest point."""
        return self._at_tightest(self.rhs.value)

    @property
    def slack(self):
        """rhs − lhs at the tightest point, signed; no number where both are infinite."""
        with np.errstate(invalid="ignore"):
            return self.right - self.left

    @property
    def error(self) -> float:
        """Error budget at the tightest point: how far lhs may lie above, and rhs below, what is shown."""
        with np.errstate(invalid="ignore"):
            above = self._at_tightest(self.lhs.upper) - self.left
            below = 0 if self.right == float("inf") else self.right - self._at_tightest(self.rhs.lower)
        return float(above + below)

    @property
    def _recorded(self) -> str:
        seen = f"{self.budget.recorded} iterations recorded, N = {number(self.budget.needed)}"
        return f"{seen}: {self.illustration or f'violated with less than {number(self.power)} of rhs'}"

    @property
    def illustration(self) -> str:
        """Why this check could not have come out *violated*, whatever the sides; empty where it could."""
        return self.budget.illustration if self.budget else ""

    @property
    def power(self) -> float:
        """The least that lhs can be, as a share of rhs: with a right side below that share this check is *violated*."""
        return 0.0 if self.illustration else max(0.0, self._share(self.lhs.lower))

    @property
    def spare(self) -> float:
        """The factor by which the right side may shrink before this check no longer holds."""
        share = self._share(self.lhs.upper)
        return 1 / share if share else math.inf

    def _share(self, left) -> float:
        """``left`` over rhs at the tightest point; 1 where both are 0, ∞ where rhs alone is."""
        left, right = float(self._at_tightest(left)), float(self.right)
        return left / right if right else 1.0 if left == 0 else math.inf

    @property
    def smallest_margin(self) -> tuple[str, Any]:
        """The hypothesis with the least room, and that room; one that is not met where there is one."""
        name, hypothesis = min(self.hypotheses.items(), key=_urgency, default=("none", Hypothesis(float("inf"))))
        return name, hypothesis.room

    def require_expected(self) -> "Check":
        """This check, or ``UnexpectedVerdict`` naming statement, case, both verdicts and both sides."""
        if self.is_expected:
            return self
        name, room = self.smallest_margin
        said = f"{self.verdict}, expected {self.expected}"
        if self.verdict == self.expected:
            said = f"lhs/rhs is {self.ratio:.6g}, predicted {float(self.predicted):.6g}"
        raise UnexpectedVerdict(
            f"{self.statement}, case {self.case!r}: {said} "
            f"(lhs {float(self.left):.6g} ± {self.error:.2g}, rhs {float(self.right):.6g}, "
            f"least hypothesis margin {float(room):.3g} in {name!r})"
        )

    def _at_tightest(self, side):
        values = np.broadcast_to(np.asarray(side), np.broadcast_shapes(np.shape(self.lhs.value), np.shape(side)))
        return values.ravel()[int(self.ratios.argmax()) % values.size]


def _urgency(named: tuple[str, Hypothesis]):
    """Unmet before met, what is not a number before what is, then the least room."""
    hypothesis = named[1]
    nan = is_nan(hypothesis.room)
    return hypothesis.met, not nan, 0 if nan else hypothesis.room


def _floats(values) -> np.ndarray:
    return np.asarray(values, dtype=float)
