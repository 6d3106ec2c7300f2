"""A side of a statement: its value, what surely contains it, and how it was computed."""

from dataclasses import dataclass, replace
from numbers import Rational
from typing import Any

import numpy as np

from mamllib.checking.verdict import Grade


@dataclass(frozen=True)
class Quantity:
    """A value (a number, or an array over points) with ``lower`` ≤ truth ≤ ``upper``."""

    value: Any
    lower: Any
    upper: Any
    grade: Grade

    @classmethod
    def exact(cls, value) -> "Quantity":
        """A rational value: no error."""
        value = np.asarray(value, dtype=object)
        return cls(value, value, value, Grade.EXACT)

    @classmethod
    def rounded(cls, value, error) -> "Quantity":
        """A float64 value with an absolute error budget.

        Raises:
            ValueError: a budget below 0.
        """
        value, error = np.asarray(value, dtype=float), np.asarray(error, dtype=float)
        if np.any(error < 0):
            raise ValueError(f"the error budget of a side is {np.min(error):.3g}; roundoff is a bound ≥ 0")
        return cls(value, value - error, value + error, Grade.FLOAT)

    def widened(self, error) -> "Quantity":
        """The same value with both bounds moved outward by ``error``: what is sampled is rounded too."""
        error = np.asarray(error, dtype=float)
        return replace(self, lower=self.lower - error, upper=self.upper + error)


def measured(side, error, risk: float) -> Quantity:
    """The ``Quantity`` of a side: fractions are exact, floats carry ``error()``, samples carry confidence bounds and
    ``error()`` on top."""
    if isinstance(side, Quantity):
        return side
    if hasattr(side, "quantity"):
        return side.quantity(risk).widened(error())
    return Quantity.exact(side) if is_rational(side) else Quantity.rounded(side, error())


def is_rational(side) -> bool:
    """Whether every number is a fraction or an integer: what holds them, or one fraction among floats, is no proof."""
    values = np.asarray(side)
    return values.dtype == object and all(isinstance(value, Rational) for value in values.ravel())


UNKNOWN = Quantity(np.asarray(np.nan), np.asarray(np.nan), np.asarray(np.nan), Grade.FLOAT)
