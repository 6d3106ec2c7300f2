"""Expectations over batches: against the brute-force product of the support, and against Monte Carlo."""

import itertools
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import batches
from mamllib.tasks.task import Batch, batch_gradient, draw

ATOMS = jnp.array([[1.0, 0.0], [-0.5, 2.0], [-0.5, -2.0]])
TASK = ml.Noisy(ml.Trigonometric(1.0, 0.5, 2.0), ml.AtomicNoise(ATOMS))
EXACT = ml.Noisy(ml.OddRamp(Q(1), Q(2)), ml.RademacherNoise(Q(3, 4)))
POINT = jnp.array([0.4, -0.2])


def nonlinear(*drawn: Batch):
    """A function of the batches that no mean can pass through."""
    sums = [batch.weights @ jnp.asarray(batch.theta) for batch in drawn]
    return jnp.exp(sum((i + 1) * s for i, s in enumerate(sums))) * jnp.cos(sums[0])


def brute_force(support, sizes, function):
    """The mean of ``function`` over all mⁿ ways to draw, one by one."""
    m, values = len(support), []
    for drawn in itertools.product(*(itertools.product(range(m), repeat=size) for size in sizes)):
        counts = [np.bincount(indices, minlength=m) for indices in drawn]
        values.append(function(*(Batch(support, jnp.asarray(c / sum(c))) for c in counts)))
    return np.mean(values, axis=0)


@pytest.mark.parametrize("sizes", [(1,), (4,), (2, 3), (1, 2, 1)])
def test_enumeration_is_the_mean_over_all_ways_to_draw(sizes):
    np.testing.assert_allclose(
        batches.expectation(TASK, sizes, nonlinear), brute_force(ATOMS, sizes, nonlinear), rtol=1e-12
    )


@pytest.mark.parametrize("sizes", [(1,), (4,), (2, 3)])
def test_enumeration_in_fractions_is_exact(sizes):
    def function(*drawn):
        sums = [sum(p * t for p, t in zip(batch.weights, batch.theta, strict=True)) for batch in drawn]
        return (1 + sums[0]) ** 4 * (2 - sums[-1]) ** 3

    signs = [Q(1), Q(-1)]
    means = [[Q(sum(d), len(d)) for d in itertools.product(signs, repeat=size)] for size in sizes]
    values = [(1 + drawn[0]) ** 4 * (2 - drawn[-1]) ** 3 for drawn in itertools.product(*means)]
    exact = batches.expectation(EXACT, sizes, function)
    assert isinstance(exact, Q)
    assert exact == sum(values) / len(values)


@pytest.mark.parametrize("size", [1, 3, 12])
def test_probabilities_sum_to_one(size):
    np.testing.assert_allclose(batches.expectation(TASK, (size,), lambda batch: jnp.ones(())), 1.0, rtol=1e-14)
    assert batches.expectation(EXACT, (size,), lambda batch: Q(1)) == 1


@pytest.mark.parametrize("size", [1, 3, 12])
def test_weights_sum_to_one_and_are_multinomial(size):
    mean = batches.expectation(TASK, (size,), lambda batch: batch.weights)
    square = batches.expectation(TASK, (size,), lambda batch: batch.weights**2)
    total = batches.expectation(TASK, (size,), lambda batch: jnp.sum(batch.weights) ** 2)
    np.testing.assert_allclose(total, 1.0, rtol=1e-14)
    np.testing.assert_allclose(mean, np.full(3, 1 / 3), rtol=1e-14)
    np.testing.assert_allclose(square - mean**2, np.full(3, 2 / 9 / size), rtol=1e-12)


@jax.jit
def adapted_square(batch):
    return jnp.sum(TASK.gradient(POINT - 0.7 * batch_gradient(TASK, POINT, batch)) ** 2)


def one_draw(argument, key):
    return adapted_square(draw(TASK, key, 3))


def test_monte_carlo_encloses_the_enumerated_mean():
    exact = batches.expectation(TASK, (3,), adapted_square)
    blocks = ml.stream(one_draw, None, jax.random.key(1), 40_000).blocks[:, 0]
    interval = ml.Mean(blocks).quantity(risk=1e-4)
    assert interval.lower <= exact <= interval.upper
    assert interval.upper - interval.lower < 0.1 * exact


def test_a_fair_sign_needs_only_one_term_a_count():
    assert batches.is_enumerable(EXACT, 100_000)
    assert not batches.is_enumerable(EXACT, 1_000, 1_000)


def test_what_cannot_be_listed_is_refused():
    gaussian = ml.Noisy(ml.Quadratic(1.0, jnp.zeros(2)), ml.GaussianNoise(1.0, 0.0, jnp.zeros(2)))
    with pytest.raises(batches.NotEnumerableError, match="sample them"):
        ml.sampled_meta_loss(ml.TaskFamily.of([gaussian]), 0.1, POINT, 2)
    with pytest.raises(batches.NotEnumerableError, match=r"sizes \(10,\)"):
        batches.expectation(ml.digit_pair(0, 1), (10,), lambda batch: batch.weights)
