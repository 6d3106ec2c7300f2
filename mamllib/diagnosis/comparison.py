"""Is what was returned a candidate's direction, but for a factor and for what rounding can do?

Rounding is measured, not guessed: every intermediate value of the candidate is moved by a small relative amount, and
how far that moves the direction says how large the terms are that it is made of (``trials.roundoff``). Allowed is a
hundred roundings of terms of that size, in the precision of what was returned: ten thousand that go either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mamllib.diagnosis.candidates import Candidate
from mamllib.diagnosis.factors import FLIPPED, SCALED, STRETCHED, Factor
from mamllib.trials.roundoff import size

# (d,); a shape that is checked at every call would take most of the time.
Vector = np.ndarray

ROUNDINGS = 100
# A difference of a tenth is never put down to rounding: where rounding does as much, nothing can be told apart.
NEVER_ROUNDING = 0.1
# Numbers this many times further apart than rounding allows are different ones.
CLEARLY = 10.0


def rounding(dtype) -> float:
    """γ = nu/(1 − nu) for n = 100 roundings one way, u the unit roundoff of ``dtype``."""
    unit = ROUNDINGS * float(np.finfo(dtype).eps) / 2
    return unit / (1 - unit)


@dataclass(frozen=True)
class Agreement:
    """What was returned is ``factor`` times a candidate: the largest difference, and what rounding allows there.

    Both are relative to the length of that multiple.
    """

    candidate: Candidate
    factor: Factor
    difference: float
    allowed: float

    @property
    def slips(self) -> tuple[str, ...]:
        """Names of what went wrong; none where the estimator is right."""
        flipped = (FLIPPED,) if self.factor.value < 0 else ()
        return (*(slip.name for slip in self.candidate.slips), *self.by_factor, *flipped)

    @property
    def by_factor(self) -> tuple[str, ...]:
        """Names for what the factor says; more than one where equal numbers have several reasons."""
        return () if self._length_is_free else self.factor.names

    @property
    def rank(self) -> int:
        """That of the factor, of which the sign alone counts where the length is free."""
        return int(self.factor.value < 0) if self._length_is_free else self.factor.rank

    @property
    def _length_is_free(self) -> bool:
        return self.candidate.any_length and self.factor.rank < 3


class Track:
    """A candidate's directions beside those of the function, a draw after the other."""

    def __init__(self, candidate: Candidate):
        self.candidate = candidate
        self._theirs: list[Vector] = []
        self._ours: list[Vector] = []
        self._sizes: list[float] = []
        self._lengths: list[float] = []
        self._along: list[float] = []
        self._off: list[float] = []

    def add(self, theirs: Vector, ours: Vector) -> None:
        """A draw."""
        self._theirs.append(theirs)
        self._ours.append(ours)
        self._lengths.append(length(ours))
        self._along.append(_along(theirs, ours))
        self._off.append(off_line(theirs, ours))
        self._sizes.append(np.nan)

    @property
    def is_near(self) -> bool:
        """Whether on the last draw both point along one line, up to the most that rounding is ever asked for."""
        return self._off[-1] <= NEVER_ROUNDING

    def measure(self, moved: Vector) -> None:
        """How large the terms are that the last direction is made of, from the same with every value moved."""
        self._sizes[-1] = float(size(self._ours[-1], moved))

    @property
    def theirs(self) -> np.ndarray:
        """What the function returned (n, d)."""
        return np.stack(self._theirs)

    @property
    def ours(self) -> np.ndarray:
        """What the candidate gave (n, d)."""
        return np.stack(self._ours)

    def is_possible(self, dtype) -> bool:
        """Whether on the last draw both point along one line, up to rounding in ``dtype``."""
        return bool(self._off[-1] <= self.allowed(dtype)[-1])

    def allowed(self, dtype) -> np.ndarray:
        """What rounding allows on each draw, relative to the candidate's length.

        0 where that is not the question, and where rounding does so much that an agreement would say nothing.
        """
        moves = self._moves(dtype)
        return np.where(moves < NEVER_ROUNDING, moves, 0.0)

    def can_be_told(self, dtype) -> bool:
        """Whether on the first draw rounding moves the candidate by less than what is never put down to rounding."""
        return bool(self._moves(dtype)[0] < NEVER_ROUNDING)

    def _moves(self, dtype) -> np.ndarray:
        lengths = np.array(self._lengths)
        with np.errstate(all="ignore"):
            return np.where(lengths > 0, rounding(dtype) * np.array(self._sizes) / lengths, rounding(dtype))

    def differences(self, factor: float) -> np.ndarray:
        """‖mine − c·ours‖/‖c·ours‖ on each draw."""
        return np.array([ratio(m - factor * x, factor * x) for m, x in zip(self._theirs, self._ours, strict=True)])

    def agreement(self, factors: Sequence[Factor], dtype) -> Agreement | None:
        """By which factor both agree on all draws: one that is known, any one, or one each time; ``None``: by none."""
        allowed = self.allowed(dtype)
        for factor in (*factors, *self._any_factor(allowed)):
            if self._may_be(factor.value, allowed):
                found = self.differences(factor.value)
                if np.all(found <= allowed):
                    return self._agreement(factor, found, allowed)
        return self._stretched(allowed)

    def agreed(self, factor: float, dtype) -> int:
        """On how many draws both agree."""
        return int(np.sum(self.differences(factor) <= self.allowed(dtype)))

    def _may_be(self, factor: float, allowed) -> bool:
        """Whether the part along ours does not rule the factor out: |c − factor|·‖ours‖ is at most the difference."""
        off = np.abs(np.array(self._along) / factor - 1)
        return bool(np.all((off <= CLEARLY * allowed) | (np.array(self._lengths) == 0)))

    def _agreement(self, factor: Factor, differences, allowed) -> Agreement:
        worst = int(np.argmax(differences))
        return Agreement(self.candidate, factor, float(differences[worst]), float(allowed[worst]))

    def _any_factor(self, allowed) -> list[Factor]:
        """The best factor over all draws; in one dimension only draws that differ can tell it from chance."""
        lengths = np.array(self._lengths)
        varied = np.ptp(lengths) > CLEARLY * allowed.max() * lengths.max()
        if len(self._ours[0]) == 1 and not (varied or self.candidate.any_length):
            return []
        square = np.sum(lengths**2)
        product = np.sum(np.array(self._along) * lengths**2)
        return [Factor(float(product / square), (SCALED,))] if square > 0 and product != 0 else []

    def _stretched(self, allowed) -> Agreement | None:
        if len(self._ours[0]) == 1:
            return None
        off = np.array(self._off)
        if np.all(off <= allowed) and abs(np.sign(self._along).sum()) == len(off):
            return self._agreement(Factor(float(np.mean(self._along)), (STRETCHED,)), off, allowed)
        return None


def length(vector: Vector) -> float:
    """‖vector‖, by one thread: those of a matrix library wait for each other where others are busy."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.einsum("i,i->", vector, vector)))


def _along(theirs: Vector, ours: Vector) -> float:
    """c for which c·ours is nearest to theirs."""
    with np.errstate(all="ignore"):
        square = np.einsum("i,i->", ours, ours)
        return float(np.einsum("i,i->", theirs, ours) / square) if square > 0 else 0.0


def off_line(theirs: Vector, ours: Vector) -> float:
    """The sine of the angle between both."""
    return ratio(theirs - _along(theirs, ours) * ours, theirs)


def ratio(difference: Vector, whole: Vector) -> float:
    """‖difference‖/‖whole‖, and 0 where both are 0; ∞ where it is no number."""
    numerator, denominator = length(difference), length(whole)
    if not denominator > 0:
        return 0.0 if numerator == 0 and denominator == 0 else np.inf
    return numerator / denominator if np.isfinite(numerator / denominator) else np.inf
