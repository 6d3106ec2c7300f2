"""What a check says of the tightest of its points, and what it refuses to pass."""

from fractions import Fraction as Q

import numpy as np
import pytest

import mamllib as ml
from tests.checking.claims import Toy, toy_statement

POINTS = Toy(np.array([1.0, 3.0, 1.0]), np.array([4.0, 4.0, 2.0]), 0.25)


def test_sides_ratio_slack_and_error_are_those_of_the_tightest_point():
    check = toy_statement(error=np.array([0.1, 0.2, 0.3])).check(POINTS)
    assert (check.left, check.right, check.slack, check.ratio) == (3.0, 4.0, 1.0, 0.75)
    assert check.error == pytest.approx(0.2)
    assert check.points == 3
    np.testing.assert_allclose(check.ratios, [0.25, 0.75, 0.5])


def test_a_bound_that_all_points_share_is_broadcast():
    check = toy_statement().check(Toy(np.array([1.0, 3.0]), 4.0))
    assert (check.left, check.right, check.points) == (3.0, 4.0, 2)


def test_exact_sides_stay_fractions():
    check = toy_statement().check(Toy(np.array([Q(1, 3), Q(1, 2)], dtype=object), Q(3, 4)))
    assert (check.left, check.right, check.slack) == (Q(1, 2), Q(3, 4), Q(1, 4))
    assert check.grade == ml.Grade.EXACT
    assert check.error == 0


def test_slack_is_signed():
    check = toy_statement().check(Toy(5.0, 4.0))
    assert check.slack == -1.0
    assert check.verdict == ml.Verdict.VIOLATED


@pytest.mark.parametrize(("lhs", "rhs", "ratio"), [(0.0, 0.0, 1.0), (1.0, 0.0, np.inf), (0.0, 2.0, 0.0)])
def test_the_ratio_where_a_side_is_zero(lhs, rhs, ratio):
    assert toy_statement().check(Toy(lhs, rhs)).ratio == ratio


def test_the_smallest_margin_is_named():
    statement = toy_statement(hypotheses=lambda toy: {"wide": 0.9, "narrow": 0.1, "middle": 0.5})
    assert statement.check(POINTS).smallest_margin == ("narrow", 0.1)


def test_an_unexpected_verdict_is_raised_with_statement_case_and_both_sides():
    check = toy_statement(error=0.5).check(Toy(5.0, 4.0, 0.25), "five", expected=ml.Verdict.HOLDS)
    assert not check.is_expected
    with pytest.raises(ml.UnexpectedVerdict, match=r"toys/toy, case 'five': violated, expected holds") as error:
        check.require_expected()
    for said in ("lhs 5 ± 0.5", "rhs 4", "0.25", "'room'"):
        assert said in str(error.value)


def test_an_expected_verdict_passes_through():
    check = toy_statement().check(Toy(5.0, 4.0), expected=ml.Verdict.VIOLATED)
    assert check.require_expected() is check


def test_a_check_reads_as_verdict_margins_and_sides():
    text = str(toy_statement().check(Toy(3.0, 4.0, 0.25), "three"))
    for said in ("Toy, three: holds", "room: 0.25", "lhs 3", "rhs 4", "slack 1", "0.75"):
        assert said in text


def test_one_left_side_against_many_right_sides_is_read_at_the_tightest():
    check = toy_statement().check(Toy(1.0, np.array([4.0, 2.0, 8.0])))
    assert (check.left, check.right, check.slack, check.points) == (1.0, 2.0, 1.0, 3)


def test_a_statement_without_hypotheses_says_so():
    assert "hypothesis margins: none" in str(toy_statement(hypotheses=lambda toy: {}).check(POINTS))
