"""Derivatives against automatic differentiation and finite differences; samples against what they average to."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mamllib.tasks.task import Batch, batch_gradient, batch_hessian_vector_product, draw
from tests.tasks.instances import ALL, FINITE, GAUSSIAN

STEP = 1e-5
POINTS = 20
every_family = pytest.mark.parametrize("instance", ALL.values(), ids=ALL.keys())
every_finite_family = pytest.mark.parametrize("instance", FINITE.values(), ids=FINITE.keys())


def along(function, instance):
    """``function(w, v)`` at random points and directions, as one compiled map."""
    return jax.jit(jax.vmap(function))(instance.points(POINTS), instance.directions(POINTS))


def close(left, right, tolerance=1e-12):
    np.testing.assert_allclose(left, right, rtol=tolerance, atol=tolerance)


@every_family
def test_gradient_is_the_derivative_of_the_loss(instance):
    task = instance.task
    close(*along(lambda w, v: (task.gradient(w), jax.grad(task.loss)(w)), instance))


@every_family
def test_hessian_vector_product_is_the_derivative_of_the_gradient(instance):
    task = instance.task

    def both(w, v):
        return task.hessian_vector_product(w, v), jax.jvp(jax.grad(task.loss), (w,), (v,))[1]

    close(*along(both, instance), tolerance=1e-11)


@every_family
def test_gradient_agrees_with_finite_differences_of_the_loss(instance):
    task = instance.task

    def both(w, v):
        difference = (task.loss(w + STEP * v) - task.loss(w - STEP * v)) / (2 * STEP)
        return difference, jnp.vdot(task.gradient(w), v)

    close(*along(both, instance), tolerance=1e-8)


@every_family
def test_hessian_vector_product_agrees_with_finite_differences_of_the_gradient(instance):
    task = instance.task

    def both(w, v):
        difference = (task.gradient(w + STEP * v) - task.gradient(w - STEP * v)) / (2 * STEP)
        return difference, task.hessian_vector_product(w, v)

    close(*along(both, instance), tolerance=1e-4)


@every_family
def test_sample_derivatives_are_those_of_the_sample_loss(instance):
    task = instance.task
    theta = jax.tree.map(lambda leaf: leaf[0], task.sample(jax.random.key(3), 1))

    def gradients(w, v):
        return task.sample_gradient(w, theta), jax.grad(task.sample_loss)(w, theta)

    def products(w, v):
        gradient = jax.grad(lambda u: task.sample_loss(u, theta))
        return task.sample_hessian_vector_product(w, theta, v), jax.jvp(gradient, (w,), (v,))[1]

    close(*along(gradients, instance))
    close(*along(products, instance), tolerance=1e-11)


@every_finite_family
def test_samples_average_to_the_loss_the_gradient_and_the_hessian_over_the_support(instance):
    task, support = instance.task, instance.task.support()

    def mean(value):
        return jax.tree.map(lambda leaf: jnp.mean(leaf, axis=0), jax.vmap(value)(support))

    def both(w, v):
        samples = mean(
            lambda theta: (
                task.sample_loss(w, theta),
                task.sample_gradient(w, theta),
                task.sample_hessian_vector_product(w, theta, v),
            )
        )
        return samples, (task.loss(w), task.gradient(w), task.hessian_vector_product(w, v))

    samples, expected = along(both, instance)
    for left, right in zip(samples, expected, strict=True):
        close(left, right)


@every_family
def test_the_mean_gradient_of_drawn_samples_is_the_gradient_within_five_standard_errors(instance):
    task, w, draws = instance.task, instance.points(1)[0], 20_000
    thetas = task.sample(jax.random.key(5), draws)
    values = jax.jit(jax.vmap(lambda theta: task.sample_gradient(w, theta).ravel()))(thetas)
    error = values.std(axis=0) / np.sqrt(draws)
    assert np.all(np.abs(values.mean(axis=0) - task.gradient(w).ravel()) <= 5 * error + 1e-12)


@every_finite_family
def test_every_sample_of_the_support_is_drawn_equally_often(instance):
    support, draws = np.asarray(instance.task.support()), 20_000
    drawn = np.asarray(instance.task.sample(jax.random.key(6), draws))
    atoms, copies = np.unique(support, axis=0, return_counts=True)
    counts = np.array([np.sum(np.all(np.reshape(drawn == atom, (draws, -1)), axis=1)) for atom in atoms])
    chance = copies / len(support)
    assert counts.sum() == draws
    assert np.all(np.abs(counts - draws * chance) <= 5 * np.sqrt(draws * chance * (1 - chance)))


@pytest.mark.parametrize("instance", GAUSSIAN.values(), ids=GAUSSIAN.keys())
def test_gaussian_noise_has_no_finite_support(instance):
    assert instance.task.support() is None


def test_a_batch_is_a_weighted_mean_of_its_samples():
    task, w, v = FINITE["logistic"].task, jnp.array([0.3, -0.2, 1.0]), jnp.array([1.0, 2.0, -1.0])
    rows, weights = jnp.array([4, 0, 9]), jnp.array([0.2, 0.5, 0.3])
    batch = Batch(rows, weights)
    gradients = [float(p) * task.sample_gradient(w, row) for p, row in zip(weights, rows, strict=True)]
    products = [float(p) * task.sample_hessian_vector_product(w, row, v) for p, row in zip(weights, rows, strict=True)]
    close(batch_gradient(task, w, batch), sum(gradients))
    close(batch_hessian_vector_product(task, w, batch, v), sum(products))


@pytest.mark.parametrize("size", [1, 7])
def test_a_drawn_batch_has_equal_weights_that_sum_to_one(size):
    batch = draw(FINITE["logistic"].task, jax.random.key(0), size)
    assert batch.theta.shape == (size,)
    close(batch.weights, np.full(size, 1 / size))
