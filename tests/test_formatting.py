"""Numbers as a reader sees them."""

from fractions import Fraction as Q

import pytest

from mamllib import number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1, "1"),
        (2.0, "2"),
        (0.123456, "0.1235"),
        (-0.123456, "−0.1235"),
        (7540.24, "7540"),
        (99999.0, "1·10⁵"),
        (123456.0, "1.235·10⁵"),
        (1.23456e-7, "1.235·10⁻⁷"),
        (-1e12, "−1·10¹²"),
        (Q(1, 3), "1/3"),
        (Q(-7, 12), "−7/12"),
        (Q(180), "180"),
        (Q(123456789, 123456788), "1"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (float("nan"), "–"),
    ],
)
def test_four_significant_digits_or_a_short_fraction(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1e-17, 1e-16, "0"),
        (0.123456, float("nan"), "0.1235"),
        (0.123456, float("inf"), "0"),
        (-1e-17, 1e-16, "0"),
        (1e-16, 1e-16, "0"),
        (3.14159, 0.1, "3.1"),
        (3.14159, 1.0, "3"),
        (3.14159, 1e-9, "3.142"),
        (314.159, 1.0, "314"),
        (Q(1, 3), 1.0, "1/3"),
    ],
)
def test_no_more_digits_than_the_error_leaves(value, error, text):
    assert number(value, error) == text


@pytest.mark.parametrize("value", [0.12345678, 1234.5678, 1.2345678e-9, 8.7654321e17])
def test_the_last_bits_of_a_machine_never_show(value):
    assert number(value) == number(value * (1 + 1e-9))
