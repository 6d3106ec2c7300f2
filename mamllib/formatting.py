"""Numbers as a reader sees them: at most four significant digits, so that the last bits of a machine never show."""

import math
from fractions import Fraction
from numbers import Real

MOST_DIGITS = 4
LONGEST_FRACTION = 11


def number(value: Real, error: float = 0.0) -> str:
    """``value`` to at most four significant digits, and to no more than its ``error`` leaves meaningful.

    A short fraction is shown as it is; a value within its error of 0 is shown as 0.
    """
    if isinstance(value, Fraction) and len(str(value)) <= LONGEST_FRACTION:
        return _signed(str(value))
    value = float(value)
    if abs(value) <= error or value == 0:
        return "0"
    text = f"{value:.{_digits(value, error)}g}"
    mantissa, _, exponent = text.partition("e")
    return _signed(f"{mantissa}·10{_superscript(int(exponent))}" if exponent else text)


def _digits(value: float, error: float) -> int:
    if error == 0 or not math.isfinite(value) or math.isnan(error):
        return MOST_DIGITS
    return max(1, min(MOST_DIGITS, math.floor(math.log10(abs(value) / error)) + 1))


def _signed(text: str) -> str:
    return text.replace("-", "−").replace("inf", "∞").replace("nan", "–")


def _superscript(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
