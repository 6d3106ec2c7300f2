"""The adversary refutes what is false, finds the tightest instance of what is true, and repeats itself."""

import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.checking.hypothesis import strictly
from tests.checking.claims import Toy, toy_statement


def two_bumps(x):
    """A low wide bump at (−2, ·) and a higher narrow one near (0, 0)."""
    return Toy(0.9 * jnp.exp(-((x[0] + 2) ** 2)) + jnp.exp(-5 * (x[0] - x[1]) ** 2 - x[1] ** 2), 1.0)


ADVERSARY = ml.Adversary("two bumps", two_bumps, ((-3.0, 3.0), (-3.0, 3.0)), 1.02)


def claim(constant):
    return toy_statement(rhs=lambda toy: constant * toy.rhs)


def test_a_false_statement_is_refuted():
    found = ml.search(claim(0.99), ADVERSARY)
    assert found.ratio > 1
    lhs = ADVERSARY.build(found.parameters).lhs
    assert float(lhs) == pytest.approx(0.99 * found.ratio)


def test_the_tightest_instance_of_a_true_statement_is_found():
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-3, 3, 601)]))
    best = float(np.max(ADVERSARY.build(grid).lhs))
    found = ml.search(claim(2.0), ADVERSARY)
    assert best / 2 * (1 - 1e-6) <= found.ratio <= 1
    assert found.generations > 0
    assert ml.search(claim(2.0), ADVERSARY, generations=3).generations <= 3
    assert (found.statement, found.adversary, found.known) == ("toys/toy", "two bumps", 1.02)


def test_the_same_seed_gives_the_same_search():
    first, again, other = (ml.search(claim(1.0), ADVERSARY, seed=s, generations=5) for s in (3, 3, 4))
    np.testing.assert_array_equal(first.parameters, again.parameters)
    assert not np.array_equal(first.parameters, other.parameters)


def test_the_search_stays_within_its_bounds():
    low, high = np.array(ADVERSARY.bounds).T
    parameters = ml.search(claim(1.0), ADVERSARY, generations=20).parameters
    assert np.all((low <= parameters) & (parameters <= high))


def test_the_search_asks_the_hypotheses():
    inside = toy_statement(hypotheses=lambda toy: {"x ≤ −1": -1 - toy.margin}, rhs=lambda toy: 2 * toy.rhs)
    adversary = ml.Adversary("two bumps", lambda x: two_bumps(x)._replace(margin=x[0]), ADVERSARY.bounds, 0.45)
    found = ml.search(inside, adversary)
    grid = np.stack(np.meshgrid(np.linspace(-3, -1, 401), np.linspace(-3, 3, 601)))
    assert found.parameters[0] <= -1
    assert found.ratio == pytest.approx(float(np.max(two_bumps(grid).lhs)) / 2, rel=1e-3)


def test_a_family_without_an_instance_that_meets_the_hypotheses_is_refused():
    nowhere = toy_statement(hypotheses=lambda toy: {"never": -1.0})
    with pytest.raises(ValueError, match="no instance of “two bumps” meets the hypotheses"):
        ml.search(nowhere, ADVERSARY, generations=2)


@pytest.mark.parametrize(("room", "meets"), [(strictly(0.5), True), (0.0, True), (strictly(0.0), False)])
def test_a_hypothesis_that_is_just_met_is_met_unless_it_is_strict(room, meets):
    statement = toy_statement(hypotheses=lambda toy: {"room": room})
    if meets:
        assert ml.search(statement, ADVERSARY, generations=2).ratio > 0
    else:
        with pytest.raises(ValueError, match="meets the hypotheses"):
            ml.search(statement, ADVERSARY, generations=2)
