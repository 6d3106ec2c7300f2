"""The four verdicts from two sides and their errors: the signed slack decides, never closeness."""

from fractions import Fraction as Q

import numpy as np
import pytest

from mamllib import Grade, Hypothesis, Mean, Verdict
from mamllib.checking.quantity import Quantity, measured
from mamllib.checking.verdict import judge
from tests.checking.claims import Toy, toy_statement

MET = {"hypothesis": Hypothesis(0.5)}


def side(value, error=0.0):
    return Quantity.rounded(value, error)


@pytest.mark.parametrize(
    ("lhs", "rhs", "verdict"),
    [
        (side(1.0, 0.1), side(2.0), "holds"),
        (side(1.0, 1.0), side(2.0), "holds"),
        (side(1.0), side(1.0), "holds"),
        (side(1.95, 0.1), side(2.0), "undecided"),
        (side(2.05, 0.1), side(2.0), "undecided"),
        (side(2.0, 0.1), side(2.0), "undecided"),
        (side(2.2, 0.1), side(2.0), "violated"),
        (side(0.0, 0.1), side(0.0), "holds"),
        (side(1e-300, 0.1), side(0.0), "undecided"),
        (side(1.0), side(2.0, 1.5), "undecided"),
        (side(1.0), side(0.8, 0.1), "violated"),
        (Quantity.exact(Q(1, 3)), Quantity.exact(Q(1, 3)), "holds"),
        (Quantity.exact(Q(1, 3) + Q(1, 10**30)), Quantity.exact(Q(1, 3)), "violated"),
    ],
)
def test_verdict_of_one_point(lhs, rhs, verdict):
    assert judge(lhs, rhs, MET) == verdict


def test_a_number_on_the_impossible_side_is_caught_however_close():
    close = 1.0 + 1e-12
    assert np.isclose(close, 1.0, rtol=1e-9), "a check of closeness cannot see it"
    assert judge(side(close, 1e-13), side(1.0), MET) == Verdict.VIOLATED
    assert judge(side(1.0 - 1e-12, 1e-13), side(1.0), MET) == Verdict.HOLDS


@pytest.mark.parametrize(
    ("values", "verdict"),
    [([0.5, 0.9], "holds"), ([0.5, 0.99], "undecided"), ([0.5, 0.99, 1.2], "violated"), ([1.2, 0.1], "violated")],
)
def test_over_many_points_the_worst_verdict_counts(values, verdict):
    assert judge(side(values, 0.05), side(np.ones(len(values))), MET) == verdict


@pytest.mark.parametrize("lhs", [0.0, 5.0])
def test_a_hypothesis_that_is_not_met_silences_any_outcome(lhs):
    assert judge(side(lhs), side(1.0), {"met": Hypothesis(1.0), "not met": Hypothesis(-0.1)}) == Verdict.SILENT
    assert judge(side(lhs), side(1.0), {"met": Hypothesis(1.0), "just met": Hypothesis(0.0)}) != Verdict.SILENT


def test_a_hypothesis_that_could_not_be_measured_silences_too():
    assert judge(side(0.0), side(1.0), {"not a number": Hypothesis(float("nan"))}) == Verdict.SILENT


def test_a_side_that_is_not_a_number_is_never_said_to_hold():
    assert judge(side(float("nan")), side(1.0), MET) == Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("value", "grade"), [(Q(1, 2), "exact"), (0.5, "float"), (np.array([Q(1)], dtype=object), "exact")]
)
def test_fractions_are_exact_and_floats_carry_their_error(value, grade):
    quantity = measured(value, lambda: 0.25, 0.05)
    assert quantity.grade == grade
    width = 0 if grade == "exact" else 0.25
    assert np.all(quantity.upper - quantity.value == width)
    assert np.all(quantity.value - quantity.lower == width)


@pytest.mark.parametrize(
    ("lhs", "rhs", "grade"),
    [(Q(1), Q(2), Grade.EXACT), (Q(1), 2.0, Grade.FLOAT), (1.0, Q(2), Grade.FLOAT), (1.0, 2.0, Grade.FLOAT)],
)
def test_the_weaker_grade_counts(lhs, rhs, grade):
    assert toy_statement().check(Toy(lhs, rhs)).grade == grade


@pytest.mark.parametrize("places", [1, 400])
def test_a_hypothesis_that_is_only_measured_weakens_the_grade(places):
    statement = toy_statement(hypotheses=lambda toy: {"room": Hypothesis(Q(1, 2), places=places)})
    check = statement.check(Toy(Q(1), Q(2)))
    assert check.grade == Grade.FLOAT
    assert check.hypotheses["room"].origin == f"not refuted at {places} places"


def test_a_hypothesis_that_is_proved_does_not():
    statement = toy_statement(hypotheses=lambda toy: {"room": Hypothesis(Q(1, 2), places=0)})
    assert statement.check(Toy(Q(1), Q(2))).grade == Grade.EXACT


def test_a_sampled_side_is_widened_by_its_error_on_either_side():
    sample = Mean(np.arange(8.0))
    plain, widened = sample.quantity(0.05), measured(sample, lambda: 0.25, 0.05)
    assert (plain.lower - widened.lower, widened.upper - plain.upper) == pytest.approx((0.25, 0.25))
