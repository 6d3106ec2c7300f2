"""Derivatives in fractions: numbers that carry their slope, a + b·η with fractions a and b, through any arithmetic."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np


def of_numbers(method):
    """The method where ``other`` is a number, made a ``Dual``; an array is left to NumPy, entry by entry."""

    def operate(self, other):
        if isinstance(other, np.ndarray):
            return NotImplemented
        return method(self, other if isinstance(other, Dual) else Dual(Fraction(other)))

    operate.__doc__ = method.__doc__
    return operate


@dataclass(frozen=True)
class Dual:
    """``value`` with the slope ``rational`` + ``with_eta``·η, where η may be irrational."""

    value: Fraction
    rational: Fraction = Fraction(0)
    with_eta: Fraction = Fraction(0)

    @of_numbers
    def __add__(self, other) -> "Dual":
        """Sum."""
        return Dual(self.value + other.value, self.rational + other.rational, self.with_eta + other.with_eta)

    def __neg__(self) -> "Dual":
        """Minus."""
        return Dual(-self.value, -self.rational, -self.with_eta)

    @of_numbers
    def __sub__(self, other) -> "Dual":
        """Difference."""
        return self + -other

    @of_numbers
    def __rsub__(self, other) -> "Dual":
        """Difference."""
        return other + -self

    @of_numbers
    def __mul__(self, other) -> "Dual":
        """Product rule."""
        slopes = zip((self.rational, self.with_eta), (other.rational, other.with_eta), strict=True)
        return Dual(self.value * other.value, *(self.value * b + a * other.value for a, b in slopes))

    @of_numbers
    def __truediv__(self, other) -> "Dual":
        """Quotient rule."""
        quotient = self.value / other.value
        slopes = zip((self.rational, self.with_eta), (other.rational, other.with_eta), strict=True)
        return Dual(quotient, *((a - quotient * b) / other.value for a, b in slopes))

    @of_numbers
    def __rtruediv__(self, other) -> "Dual":
        """Quotient rule."""
        return other / self

    __radd__ = __add__
    __rmul__ = __mul__


def duals(values, rational, with_eta) -> np.ndarray:
    """An array of them."""
    return np.frompyfunc(Dual, 3, 1)(values, rational, with_eta)


def read(array, name: str) -> np.ndarray:
    """One part of every entry of an array."""
    return np.frompyfunc(lambda each: getattr(each, name), 1, 1)(array)
