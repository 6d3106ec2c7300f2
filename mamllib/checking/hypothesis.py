"""A hypothesis as measured: how much room is left before it fails, and what that measurement is worth."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mamllib.checking.margins import is_nan
from mamllib.checking.verdict import Grade

PROVED = 0


@dataclass(frozen=True)
class Hypothesis:
    """``room`` ≥ 0 where it is met, > 0 where it is ``strict``.

    ``places`` says where the number comes from: ``None`` is a comparison of numbers that are given, 0 a proof that
    covers every place, and n > 0 a measurement at n places that might fail at another. An ``equality`` has room 0.
    """

    room: Any
    strict: bool = False
    places: int | None = None
    statistical: bool = False
    equality: bool = False

    @classmethod
    def of(cls, value) -> "Hypothesis":
        """A plain margin as a hypothesis that compares given numbers; a hypothesis as it is.

        Raises:
            TypeError: a boolean, which says nothing of how much room there is, and whose ``False`` would count as met.
        """
        if isinstance(value, bool | np.bool_):
            raise TypeError(f"a margin is {value}: give holds_if(condition), or a number that is ≥ 0 where it is met")
        return value if isinstance(value, cls) else cls(value)

    @property
    def met(self) -> bool:
        """Whether there is room; what is not a number is not met."""
        return not is_nan(self.room) and bool(self.room > 0 if self.strict else self.room >= 0)

    @property
    def grade(self) -> Grade:
        """Exact for fractions that are given or proved, else what floats, or samples, can say."""
        if self.statistical:
            return Grade.STATISTICAL
        known = self.places is None or self.places == PROVED
        return Grade.EXACT if known and isinstance(self.room, int | Fraction) else Grade.FLOAT

    @property
    def origin(self) -> str:
        """``compared``, ``proved``, or ``not refuted at n places``."""
        if self.places is None:
            return "compared"
        return "proved" if self.places == PROVED else f"not refuted at {self.places} places"


def strictly(room) -> Hypothesis:
    """A hypothesis that needs room > 0: a margin of 0, or one that round-off cannot tell from 0, does not meet it."""
    return Hypothesis(room, strict=True)


def equal(room) -> Hypothesis:
    """A hypothesis that two numbers agree, with minus their distance as its room."""
    return Hypothesis(room, equality=True)


def holds_if(condition) -> int:
    """Room 1 where a yes-or-no hypothesis is met, −1 where it is not."""
    return 1 if condition else -1
