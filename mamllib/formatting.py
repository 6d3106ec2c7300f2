"""Numbers as a reader sees them: at most four significant digits, so that the last bits of a machine never show."""

from fractions import Fraction
from numbers import Real

LONGEST_FRACTION = 11


def number(value: Real, error: float = 0.0) -> str:
    """``value`` to four significant digits; a short fraction as it is; 0 where the value is within its error of 0."""
    if isinstance(value, Fraction) and len(str(value)) <= LONGEST_FRACTION:
        return str(value)
    value = float(value)
    if abs(value) <= error or value == 0:
        return "0"
    text = f"{value:.4g}"
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}·10{_superscript(int(exponent))}" if exponent else text


def _superscript(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
