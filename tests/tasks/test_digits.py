"""The 45 digit pairs: what they are, and that their proved constants are respected."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.datasets import load_digits

import mamllib as ml

PIXELS = 64
SCALES = jnp.array([0.0, 0.03, 0.3, 3.0])


@pytest.fixture(scope="module")
def family():
    return ml.digit_pairs()


@pytest.fixture(scope="module")
def points():
    """Random parameters at four scales, zero among them."""
    return SCALES[:, None] * jax.random.normal(jax.random.key(0), (len(SCALES), PIXELS + 1))


def test_there_are_45_equally_likely_tasks_of_348_rows_with_a_constant_feature(family):
    assert len(family) == 45
    assert family.stacked
    assert family.members.x.shape == (45, 348, PIXELS + 1)
    np.testing.assert_array_equal(family.members.x[..., -1], 1.0)
    np.testing.assert_allclose(family.probabilities, 1 / 45)


def test_half_of_each_task_is_either_digit(family):
    np.testing.assert_array_equal(family.members.y.sum(axis=1), np.zeros(45))
    np.testing.assert_array_equal(np.unique(family.members.y), [-1.0, 1.0])


def test_the_pixels_are_those_of_scikit_learn_scaled_to_one():
    images, digits = load_digits(return_X_y=True)
    task = ml.digit_pair(3, 8)
    np.testing.assert_array_equal(task.x[0, :PIXELS], images[digits == 3][0] / 16)
    np.testing.assert_array_equal(task.x[174, :PIXELS], images[digits == 8][0] / 16)
    assert (float(task.y[0]), float(task.y[174])) == (1.0, -1.0)


def test_pairs_come_in_order(family):
    np.testing.assert_array_equal(family[0].x, ml.digit_pair(0, 1).x)
    np.testing.assert_array_equal(family[44].x, ml.digit_pair(8, 9).x)


def test_largest_curvature_is_attained_at_zero_and_nowhere_exceeded(family, points):
    L = np.array([task.constants.L for task in family])

    def norms(task):
        return jax.vmap(lambda w: jnp.linalg.norm(jax.vmap(lambda v: task.hessian_vector_product(w, v))(EYE), 2))(
            points
        )

    measured = jax.jit(lambda: family.map(norms))()
    np.testing.assert_allclose(measured[:, 0], L, rtol=1e-12)
    assert np.all(measured <= L[:, None] * (1 + 1e-12))


def test_sample_deviations_are_below_their_bounds_on_every_pair(family, points):
    def squares(task):
        def at(w):
            x, z = task.x, task.x @ w
            s = jax.nn.sigmoid(z)
            gradient_norms = jax.nn.sigmoid(-task.y * z) ** 2 * jnp.sum(x**2, axis=1)
            gradient = (-task.y * jax.nn.sigmoid(-task.y * z)) @ x / len(x)
            curvature_norms = (s * (1 - s)) ** 2 * jnp.sum(x**2, axis=1) ** 2
            hessian = (s * (1 - s) * x.T) @ x / len(x)
            return (
                jnp.mean(gradient_norms) - jnp.sum(gradient**2),
                jnp.mean(curvature_norms) - jnp.sum(hessian**2),
            )

        return jax.vmap(at)(points)

    gradients, hessians = jax.jit(lambda: family.map(squares))()
    bounds = [task.constants for task in family]
    assert np.all(gradients <= np.array([c.sigma_tilde for c in bounds])[:, None] ** 2)
    assert np.all(hessians <= np.array([c.sigma_H for c in bounds])[:, None] ** 2)


def ascend(function, w, steps=60, size=0.5):
    """The largest value met along normalised gradient ascent."""

    def advance(w, _):
        value, gradient = jax.value_and_grad(function)(w)
        return w + size * gradient / (jnp.linalg.norm(gradient) + 1e-30), value

    return float(jax.jit(lambda start: jax.lax.scan(advance, start, length=steps)[1].max())(w))


def sample_deviation(task):
    def function(w):
        errors = jax.vmap(lambda row: task.sample_gradient(w, row))(task.support()) - task.gradient(w)
        return jnp.sqrt(jnp.sum(errors**2) / len(errors))

    return function


@pytest.mark.parametrize(("a", "b"), [(0, 1), (3, 8)])
def test_gradient_ascent_does_not_exceed_the_sample_deviation(a, b):
    task = ml.digit_pair(a, b)
    found = ascend(sample_deviation(task), 0.1 * jax.random.normal(jax.random.key(1), (PIXELS + 1,)))
    assert 0.5 * task.constants.sigma_tilde < found <= task.constants.sigma_tilde


@pytest.mark.parametrize(("a", "b"), [(0, 1), (3, 8)])
def test_gradient_ascent_does_not_exceed_the_hessian_s_lipschitz_constant(a, b):
    task = ml.digit_pair(a, b)
    top = jnp.linalg.eigh(task.x.T @ task.x)[1][:, -1]

    def quotient(w):
        # The derivative of uᵀ∇²f u along u bounds the Lipschitz constant from below.
        return jax.jvp(lambda x: top @ task.hessian_vector_product(x, top), (w,), (top,))[1]

    found = ascend(quotient, 0.1 * top, steps=200, size=0.02)
    assert 0.1 * task.constants.rho < found <= task.constants.rho


def test_gradient_ascent_does_not_exceed_the_task_deviation(family):
    def deviation(w):
        gradients = jax.vmap(lambda task: task.gradient(w))(family.members)
        return jnp.sqrt(jnp.mean(jnp.sum((gradients - gradients.mean(axis=0)) ** 2, axis=1)))

    found = ascend(deviation, 0.1 * jax.random.normal(jax.random.key(2), (PIXELS + 1,)), size=2.0)
    assert 0.1 * family.sigma < found <= family.sigma


EYE = jnp.eye(PIXELS + 1)
