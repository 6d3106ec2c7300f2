"""Sweeps over widths: trained networks, linearisation errors and kernel errors against what computes them singly."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from mamllib.statements.wang2020 import draws, widths
from mamllib.statements.wang2020 import linearisation as line
from mamllib.statements.wang2020 import two_layer_gap as s3

PROBLEM = s3.regression(0, 1)
FRESH = [widths.with_network(PROBLEM, key, 32) for key in jax.random.split(jax.random.key(1), 2)]
TRAINED = widths.train(FRESH, steps=200, size=0.5)


def test_training_together_is_training_one_by_one():
    for before, after in zip(FRESH, TRAINED, strict=True):
        np.testing.assert_allclose(after.omega, s3.projected_gradient(before, 200, 0.5).omega, rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(after.net.start, before.net.start)


def test_the_networks_differ_and_the_problem_does_not():
    first, second = FRESH
    assert np.abs(first.net.start - second.net.start).min() > 0
    np.testing.assert_array_equal(first.problem.shares, second.problem.shares)
    np.testing.assert_array_equal(first.comparator, PROBLEM.comparator)
    np.testing.assert_array_equal(first.omega, first.net.start)


def test_the_terms_add_up_to_the_bounds():
    case = TRAINED[0]
    terms = widths.terms(case)
    assert terms["gap"] == pytest.approx(float(s3.gap(case)))
    assert terms["epsilon"] + terms["features"] == pytest.approx(float(s3.bound(case).value))
    assert terms["epsilon"] + terms["free"] == pytest.approx(float(s3.bound(case, ball=False).value))
    at_start = terms["epsilon"] + terms["start"] + terms["flips"]
    assert at_start == pytest.approx(float(s3.bound_at_start(case).value))


def test_no_feature_costs_anything_before_training():
    terms = widths.terms(FRESH[0])
    assert terms["flips"] == 0
    assert terms["start"] == pytest.approx(terms["features"])


def test_more_freedom_represents_better():
    case = TRAINED[0]
    wider = replace(case, radius=2 * case.radius)
    terms, loose = widths.terms(case), widths.terms(wider)
    assert terms["free"] <= loose["features"] < terms["features"]


def test_a_network_of_a_row_is_a_displaced_network():
    row = draws.networks(3, 64, line.common_direction, draws=2, points=50)
    key = jax.random.split(jax.random.key(3), 2)[1]
    case = line.moved_along(key, 64, line.common_direction, points=50)
    assert row.squares[1] == pytest.approx(case.measured.squares.mean(), rel=1e-12)
    assert row.squares[1] == pytest.approx(float(np.mean(line.squared_error(case))), rel=1e-10)
    assert row.crowd[1] == pytest.approx(np.sum(np.abs(case.inputs @ case.net.start.T) <= case.moves) / 50)
    assert row.distances[1] == pytest.approx(1)


def test_linearisation_errors_are_one_for_each_network():
    row = draws.networks(0, 16, line.random_direction, draws=5, points=64)
    assert row.squares.shape == (5,)
    assert len(set(row.squares)) == 5


def test_small_balls_are_counted_where_c_is_exact():
    """On S², E #{|W_{0,r}ᵀx| ≤ a_r} = Σ min(1, a_r/‖W_{0,r}‖)."""
    case = line.displaced(0, 64, line.random_direction)
    expected = np.minimum(1, case.moves / case.lengths).sum()
    assert case.measured.crowd.mean() == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("m", [8, 128])
def test_the_kernel_error_is_the_one_of_its_closed_form(m):
    measured = widths.kernel_error(jax.random.key(0), PROBLEM.inputs, m, draws=800)
    assert measured == pytest.approx(widths.kernel_deviation(PROBLEM.inputs, m), rel=0.05)


def test_orthogonal_inputs_err_on_the_diagonal_alone():
    x = np.eye(3)
    assert widths.kernel_deviation(x, 4) == pytest.approx(np.sqrt(3 * 0.25 / 4 / 9))
    assert widths.kernel_error(jax.random.key(2), x[:1], 4, draws=4000) == pytest.approx(0.25, rel=0.05)
