"""What could not have been refuted is marked, and is no evidence."""

from fractions import Fraction as Q

import pytest

import mamllib as ml
from mamllib.checking.budget import Budget
from mamllib.checking.check import Check
from mamllib.checking.quantity import Quantity


def check(left, right, budget=None, verdict=ml.Verdict.HOLDS) -> Check:
    sides = map(Quantity.exact, (Q(left), Q(right)))
    return Check("paper/item", "Item", "given", verdict, verdict, {}, *sides, budget)


@pytest.mark.parametrize(
    ("needed", "recorded", "can"), [(0.5, 10, False), (1.0, 1, True), (10.5, 10, False), (10.0, 10, True)]
)
def test_a_row_can_be_red_once_n_iterations_that_matter_are_there(needed, recorded, can):
    assert bool(Budget(needed, recorded).illustration) != can


def test_power_is_what_would_have_been_refuted():
    seen = check(1, 4, Budget(10.0, 10))
    assert (seen.power, seen.spare) == (0.25, 4)
    assert check(1, 4, Budget(10.0, 9)).power == 0
    assert check(0, 4).spare == float("inf")


def test_an_illustration_is_not_the_tightest_row():
    weak, strong = check(3, 4, Budget(0.1, 10)), check(1, 4, Budget(10.0, 10))
    entry = ml.Entry(ml.STATEMENTS[0], (weak, strong), ())
    assert entry.tightest is strong
    assert entry.evidence == "verified on 1, illustrated on 1"


def test_a_table_says_what_is_an_illustration():
    weak = check(3, 4, Budget(0.1, 10))
    assert "✓ holds, illustration" in repr(ml.report(weak))
    assert "decided at the start" in repr(ml.power_table([weak]))
    assert "decided at the start" in str(weak)
