"""Sinusoid regression: the network, the targets, one pass per batch, and that meta-training learns it."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.chunks import floats_made
from mamllib.outer_step import adam
from mamllib.tasks.sinusoid import WIDTHS, Sinusoid, init_network, network, sinusoid_family
from mamllib.tasks.task import Batch, Task, batch_gradient, batch_hessian_vector_product, draw
from mamllib.training import Algorithm, Problem, train

TASK = Sinusoid(2.0, 0.7)
START = init_network(jax.random.key(0))
DIRECTION = init_network(jax.random.key(1))
BATCH = Batch(jnp.array([-3.0, 0.2, 4.5]), jnp.array([0.2, 0.5, 0.3]))


def close(left, right, tolerance=1e-12):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance), left, right)


def test_the_network_is_what_is_written_by_hand():
    x = np.array([-1.5, 0.0, 2.0])
    w = jax.tree.map(lambda leaf: np.asarray(leaf) + 0.1, START)
    first = np.maximum(x[:, None] * w[0].weights + w[0].bias, 0)
    second = np.maximum(first @ w[1].weights + w[1].bias, 0)
    close(network(w, jnp.asarray(x)), (second @ w[2].weights + w[2].bias)[:, 0])
    assert [layer.weights.shape for layer in START] == [(1, 40), (40, 40), (40, 1)]


def test_a_sample_is_the_squared_error_at_one_input():
    error = float(network(START, jnp.array([1.2]))[0]) - 2.0 * np.sin(1.2 + 0.7)
    assert float(TASK.sample_loss(START, jnp.asarray(1.2))) == pytest.approx(error**2, rel=1e-12)


def test_the_loss_of_a_network_that_is_zero_is_known_in_closed_form():
    zero = jax.tree.map(jnp.zeros_like, START)
    for A, phi in ((2.0, 0.7), (0.1, 0.0), (5.0, 3.0)):
        mean_square = A**2 * (1 / 2 - np.sin(10) * np.cos(2 * phi) / 20)
        assert float(Sinusoid(A, phi).loss(zero)) == pytest.approx(mean_square, rel=1e-5)


def test_the_loss_is_the_mean_of_the_samples():
    batch = draw(TASK, jax.random.key(2), 40_000)
    losses = jax.vmap(lambda x: TASK.sample_loss(START, x))(batch.theta)
    assert abs(losses.mean() - TASK.loss(START)) <= 4 * losses.std() / 200


def test_one_pass_over_a_batch_is_the_weighted_mean_over_samples():
    close(batch_gradient(TASK, START, BATCH), Task.batch_gradient(TASK, START, BATCH))
    close(
        batch_hessian_vector_product(TASK, START, BATCH, DIRECTION),
        Task.batch_hessian_vector_product(TASK, START, BATCH, DIRECTION),
    )


def test_derivatives_agree_with_finite_differences():
    def along(t):
        return jax.tree.map(lambda a, b: a + t * b, START, DIRECTION)

    def product(left, right):
        return sum(jnp.vdot(a, b) for a, b in zip(jax.tree.leaves(left), jax.tree.leaves(right), strict=True))

    step = 1e-6
    slope = (TASK.batch_loss(along(step), BATCH) - TASK.batch_loss(along(-step), BATCH)) / (2 * step)
    assert float(product(batch_gradient(TASK, START, BATCH), DIRECTION)) == pytest.approx(float(slope), rel=1e-7)
    ahead, behind = (batch_gradient(TASK, along(t), BATCH) for t in (step, -step))
    difference = jax.tree.map(lambda a, b: (a - b) / (2 * step), ahead, behind)
    close(batch_hessian_vector_product(TASK, START, BATCH, DIRECTION), difference, 1e-6)


def test_no_gradient_of_a_single_sample_is_formed():
    batch = draw(TASK, jax.random.key(0), 1_000)
    parameters = sum(leaf.size for leaf in jax.tree.leaves(START))
    assert floats_made(lambda w: batch_gradient(TASK, w, batch), START) < 1_000 * parameters
    assert floats_made(lambda w: Task.batch_gradient(TASK, w, batch), START) > 1_000 * parameters


def test_inputs_are_uniform_and_cannot_be_listed():
    x = TASK.sample(jax.random.key(3), 10_000)
    assert -5 <= x.min() < -4.9
    assert 4.9 < x.max() <= 5
    assert abs(x.mean()) <= 4 * np.sqrt(25 / 3 / 10_000)
    assert TASK.support() is None


def test_no_constant_exists():
    assert all(constant == float("inf") for constant in TASK.constants)


def test_a_family_is_drawn_from_the_published_ranges():
    family = sinusoid_family(jax.random.key(0), 2_000)
    amplitude, phase = family.members.amplitude, family.members.phase
    assert len(family) == 2_000
    assert family.stacked
    assert 0.1 <= amplitude.min() < 0.2
    assert 4.9 < amplitude.max() <= 5.0
    assert 0 <= phase.min() < 0.05
    assert np.pi - 0.05 < phase.max() <= np.pi
    assert abs(np.corrcoef(amplitude, phase)[0, 1]) < 4 / np.sqrt(2_000)
    assert isinstance(family[0], Sinusoid)


def test_the_start_has_the_widths_and_the_scale_that_are_promised():
    many = jax.vmap(init_network)(jax.random.split(jax.random.key(0), 200))
    for layer, (n, m) in zip(many, itertools.pairwise(WIDTHS), strict=True):
        assert layer.weights.shape == (200, n, m)
        for leaf in layer:
            assert float(jnp.max(jnp.abs(leaf))) <= 1 / np.sqrt(n)
            assert float(jnp.std(leaf)) == pytest.approx(1 / np.sqrt(3 * n), rel=0.1)


def maml(task, alpha, w, batches):
    return ml.maml(task, alpha, w, batches._replace(hessian=batches.inner))


def adapted_loss(problem, w):
    return ml.meta_loss(problem.parameters, problem.alpha, w)


def test_meta_training_learns_sinusoids_it_has_not_seen():
    unseen = sinusoid_family(jax.random.key(9), 5)
    problem = Problem(sinusoid_family(jax.random.key(0), 100), 0.01, unseen)
    records = train(Algorithm(maml, adam(1e-2), adapted_loss, 8, ml.BatchSizes(10, 10, 1)), problem, START, [0], 400)
    first, last = records.records[0, 0], records.records[0, -40:].mean()
    assert last < 0.7 * first
