"""A seeded global optimiser rediscovers the sharp instances, and refutes nothing that is true."""

from dataclasses import replace

import pytest

import mamllib as ml

ADVERSARIES = [pytest.param(s, a, id=f"{s.title}: {a.name}") for s in ml.STATEMENTS for a in s.adversaries]
ROUND_OFF = 1e-9


@pytest.mark.parametrize(("statement", "adversary"), ADVERSARIES)
def test_the_sharpest_known_instance_is_found_to_one_percent_and_none_passes_the_bound(statement, adversary):
    found = ml.search(statement, adversary)
    assert found.ratio >= 0.99 * float(adversary.known)
    assert found.ratio <= 1 + ROUND_OFF


@pytest.mark.parametrize(("statement", "adversary"), ADVERSARIES)
def test_what_is_found_passes_the_ordinary_check(statement, adversary):
    found = ml.search(statement, adversary)
    check = statement.check(adversary.build(found.parameters))
    assert check.verdict != ml.Verdict.VIOLATED
    assert check.ratio == pytest.approx(found.ratio, rel=1e-6)


@pytest.mark.parametrize(("statement", "adversary"), ADVERSARIES)
def test_a_bound_lowered_below_the_known_instance_is_refuted(statement, adversary):
    lowered = 0.97 * float(adversary.known)
    claim = replace(statement, rhs=lambda instance: lowered * statement.rhs(instance))
    assert ml.search(claim, adversary).ratio > 1 + ROUND_OFF
