"""F, F̂ and their gradients: against automatic differentiation, finite differences and formulas written by hand."""

from dataclasses import dataclass
from fractions import Fraction as Q
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import mamllib as ml

ALPHA = 0.3
CURVATURE = jnp.array([[1.0, 0.4, -0.2], [0.4, -0.5, 0.3], [-0.2, 0.3, 0.8]])
CENTRES = jnp.array([[1.0, 0.0, 2.0], [0.0, -1.0, 1.0]])
POINT = jnp.array([0.3, -1.0, 0.7])


def two_layer_loss(w, row):
    """A small network: parameters are a dictionary, and its Hessians at different points do not commute."""
    x, y = row
    return (w["out"] @ jnp.tanh(w["in"] @ x + w["bias"]) - y) ** 2


def two_layer_family():
    rows = jax.random.normal(jax.random.key(0), (2, 6, 2))
    unknown = ml.Constants(*4 * (float("inf"),))
    return ml.TaskFamily.of(
        [ml.Empirical((x, jnp.sin(3 * x[:, 0])), unknown, two_layer_loss) for x in rows], [0.3, 0.7]
    )


def network(seed):
    draws = jax.random.split(jax.random.key(seed), 3)
    shapes = {"in": (3, 2), "bias": (3,), "out": (3,)}
    return {name: jax.random.normal(key, shape) for key, (name, shape) in zip(draws, shapes.items(), strict=True)}


def logistic_family():
    keys = jax.random.split(jax.random.key(1), 3)
    return ml.TaskFamily.of([ml.gaussian_logistic(key, 3, 8) for key in keys], [0.2, 0.5, 0.3])


FAMILIES = {
    "logistic": (logistic_family(), POINT, jnp.array([1.0, 2.0, -0.5])),
    "network with a dictionary of parameters": (two_layer_family(), network(3), network(4)),
}
every_family = pytest.mark.parametrize(("family", "w", "v"), FAMILIES.values(), ids=FAMILIES.keys())
inner_steps = pytest.mark.parametrize("steps", [1, 2, 3, 4])


def flat(tree):
    return ravel_pytree(tree)[0]


@every_family
@inner_steps
def test_meta_gradient_is_the_derivative_of_the_meta_loss(family, w, v, steps):
    by_hand = jax.jit(lambda w: ml.meta_gradient(family, ALPHA, w, steps))(w)
    automatic = jax.jit(jax.grad(lambda w: ml.meta_loss(family, ALPHA, w, steps)))(w)
    assert jax.tree.structure(by_hand) == jax.tree.structure(w)
    np.testing.assert_allclose(flat(by_hand), flat(automatic), rtol=1e-11, atol=1e-12)


@every_family
@inner_steps
def test_meta_gradient_agrees_with_central_differences_of_the_meta_loss(family, w, v, steps):
    h = 1e-5

    def moved(distance):
        return ml.meta_loss(family, ALPHA, jax.tree.map(lambda a, b: a + distance * b, w, v), steps)

    @jax.jit
    def both(w):
        return (moved(h) - moved(-h)) / (2 * h), flat(ml.meta_gradient(family, ALPHA, w, steps)) @ flat(v)

    np.testing.assert_allclose(*both(w), rtol=1e-7)


def test_the_order_of_the_hessian_factors_matters_here():
    task, alpha = two_layer_family()[0], ALPHA
    path = [flat(w) for w in ml.inner_path(task, alpha, network(3), 2)]
    unravel = ravel_pytree(network(3))[1]
    hessian = jax.jit(jax.hessian(lambda x: task.loss(unravel(x))))
    first, second = (jnp.eye(path[0].size) - alpha * hessian(x) for x in path[:2])
    gradient = flat(task.gradient(unravel(path[2])))
    right, wrong = first @ second @ gradient, second @ first @ gradient
    measured = flat(ml.task_meta_gradient(task, alpha, network(3), 2))
    np.testing.assert_allclose(measured, right, rtol=1e-10)
    assert np.linalg.norm(measured - wrong) > 0.01 * np.linalg.norm(right)


def quadratics(noise=None):
    tasks = [ml.Quadratic(CURVATURE, c) for c in CENTRES]
    return ml.TaskFamily.of([ml.Noisy(task, noise) for task in tasks] if noise else tasks, [0.25, 0.75])


@inner_steps
def test_on_quadratics_the_meta_loss_is_a_quadratic_of_a_power(steps):
    contraction = np.linalg.matrix_power(np.eye(3) - ALPHA * CURVATURE, steps)
    residuals = (POINT - CENTRES) @ contraction
    losses = 0.5 * np.einsum("ik,kl,il->i", residuals, CURVATURE, residuals)
    gradients = residuals @ CURVATURE @ contraction
    np.testing.assert_allclose(ml.meta_loss(quadratics(), ALPHA, POINT, steps), [0.25, 0.75] @ losses, rtol=1e-12)
    np.testing.assert_allclose(
        ml.meta_gradient(quadratics(), ALPHA, POINT, steps), np.array([0.25, 0.75]) @ gradients, rtol=1e-12
    )


@pytest.mark.parametrize("D", [1, 2, 5])
def test_on_quadratics_sampling_adds_half_alpha_squared_trace_over_D(D):
    atoms = jnp.array([[1.0, 0.0, 2.0], [-2.0, 1.0, 0.0], [1.0, -1.0, -2.0]])
    family = quadratics(ml.AtomicNoise(atoms))
    covariance = atoms.T @ atoms / 3
    expected = ml.meta_loss(family, ALPHA, POINT) + ALPHA**2 / 2 * jnp.trace(CURVATURE @ covariance) / D
    np.testing.assert_allclose(ml.sampled_meta_loss(family, ALPHA, POINT, D), expected, rtol=1e-12)


@pytest.mark.parametrize("D", [1, 2, 3])
def test_sampled_meta_gradient_is_the_derivative_of_the_sampled_meta_loss(D):
    noise = ml.SinusoidalNoise(0.7, 2.0, 3, 3)
    family = ml.TaskFamily.of([ml.Noisy(ml.Trigonometric(0.5, 0.5, 3.0, t), noise) for t in CENTRES], [0.25, 0.75])
    automatic = jax.grad(lambda w: ml.sampled_meta_loss(family, ALPHA, w, D))(POINT)
    np.testing.assert_allclose(ml.sampled_meta_gradient(family, ALPHA, POINT, D), automatic, rtol=1e-11)


def test_without_an_inner_step_the_meta_loss_is_the_mean_loss():
    family = FAMILIES["logistic"][0]
    np.testing.assert_allclose(
        ml.meta_loss(family, 0.0, POINT), family.expect(lambda task: task.loss(POINT)), rtol=1e-14
    )


def test_an_inner_path_starts_at_w_and_follows_the_gradient():
    task = ml.Quadratic(2.0, 1.0)
    np.testing.assert_allclose(ml.inner_path(task, 0.25, 3.0, 3), [3.0, 2.0, 1.5, 1.25])
    np.testing.assert_allclose(ml.inner_step(task, 0.25, 3.0), 2.0)


def test_a_local_smoothness_constant_adds_the_mean_gradient_norm():
    family = quadratics()
    norms = np.linalg.norm((POINT - CENTRES) @ CURVATURE, axis=1)
    np.testing.assert_allclose(ml.mean_gradient_norm(family, POINT), [0.25, 0.75] @ norms, rtol=1e-13)
    expected = 4 * 2.0 + 2 * 3.0 * ALPHA * np.array([0.25, 0.75]) @ norms
    np.testing.assert_allclose(ml.local_smoothness(family, 2.0, 3.0, ALPHA, POINT), expected, rtol=1e-13)


def test_the_meta_hessian_is_the_second_derivative_of_the_meta_loss():
    family, w, v = FAMILIES["logistic"]
    hessian = jax.hessian(lambda w: ml.meta_loss(family, ALPHA, w, 2))(w)
    np.testing.assert_allclose(ml.meta_hessian_vector_product(family, ALPHA, w, v, 2), hessian @ v, rtol=1e-11)


def test_the_steepest_direction_is_that_of_the_largest_meta_curvature():
    family, w, _ = FAMILIES["logistic"]
    direction = ml.steepest_direction(family, ALPHA, w, jax.random.key(0))
    hessian = jax.hessian(lambda w: ml.meta_loss(family, ALPHA, w))(w)
    assert float(jnp.linalg.norm(direction)) == pytest.approx(1.0)
    assert jnp.linalg.norm(hessian @ direction) == pytest.approx(float(jnp.linalg.norm(hessian, 2)), rel=1e-3)


def rates(w, seed=9):
    """A rate between 0.05 and 0.4 for every coordinate."""
    flat, unravel = ravel_pytree(w)
    return unravel(jax.random.uniform(jax.random.key(seed), flat.shape, minval=0.05, maxval=0.4))


@every_family
@inner_steps
def test_with_a_rate_a_coordinate_the_meta_gradient_is_the_derivative_of_the_meta_loss(family, w, v, steps):
    alpha = rates(w)
    by_hand = jax.jit(lambda w: ml.meta_gradient(family, alpha, w, steps))(w)
    automatic = jax.jit(jax.grad(lambda w: ml.meta_loss(family, alpha, w, steps)))(w)
    np.testing.assert_allclose(flat(by_hand), flat(automatic), rtol=1e-11, atol=1e-12)


@every_family
def test_equal_rates_are_one_number(family, w, v):
    alike = jax.tree.map(lambda leaf: jnp.full(leaf.shape, ALPHA), w)
    one, many = (jax.jit(lambda a: ml.meta_gradient(family, a, w, 2))(alpha) for alpha in (ALPHA, alike))
    np.testing.assert_allclose(flat(one), flat(many), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("D", [1, 2])
def test_with_a_rate_a_coordinate_the_sampled_gradient_is_the_derivative_of_the_sampled_loss(D):
    noise = ml.SinusoidalNoise(0.7, 2.0, 3, 3)
    family = ml.TaskFamily.of([ml.Noisy(ml.Logistic(jnp.eye(3), jnp.ones(3), 0.1), noise)])
    alpha = jnp.array([0.1, 0.5, 1.0])
    automatic = jax.grad(lambda w: ml.sampled_meta_loss(family, alpha, w, D))(POINT)
    np.testing.assert_allclose(ml.sampled_meta_gradient(family, alpha, POINT, D), automatic, rtol=1e-11)


def test_the_rates_scale_the_gradient_and_not_the_product():
    task, alpha = ml.Quadratic(CURVATURE, CENTRES[0]), jnp.array([0.1, 0.5, 1.0])
    jacobian = np.eye(3) - np.asarray(CURVATURE) @ np.diag(alpha)
    adapted = POINT - alpha * (CURVATURE @ (POINT - CENTRES[0]))
    right = jacobian @ (CURVATURE @ (adapted - CENTRES[0]))
    np.testing.assert_allclose(ml.task_meta_gradient(task, alpha, POINT), right, rtol=1e-12)


def test_rates_in_fractions():
    centre, alpha = (np.array(row, dtype=object) for row in ([Q(1), Q(-2)], [Q(1, 2), Q(1, 3)]))
    w = np.array([Q(0), Q(1)], dtype=object)
    exact = ml.meta_gradient(ml.TaskFamily.of([ml.Quadratic(Q(1), centre)]), alpha, w)
    assert exact.tolist() == [(1 - a) ** 2 * (x - c) for a, x, c in zip(alpha, w, centre, strict=True)]


class Layers(NamedTuple):
    a: object
    b: object


@jax.tree_util.register_dataclass
@dataclass
class Registered:
    a: object
    b: object


A, B = jnp.array([0.9, -0.8]), jnp.array([0.5, 0.6])
FORMS = {
    "dict": ({"a": A, "b": B}, lambda w: (w["a"], w["b"])),
    "tuple of equal leaves": ((A, B), lambda w: w),
    "NamedTuple": (Layers(A, B), lambda w: w),
    "registered dataclass": (Registered(A, B), lambda w: (w.a, w.b)),
    "nested": ([(A,), {"b": B}], lambda w: (w[0][0], w[1]["b"])),
}


def two_part_loss(a, b, row):
    return jnp.log(jnp.cosh(row["x"] @ a - row["y"])) + (row["x"] @ b) ** 2 / 8


def of_form(parts):
    rows = {"x": jnp.eye(2), "y": jnp.array([1.0, -1.0])}

    def loss(w, row):
        a, b = parts(w)
        return two_part_loss(a, b, row)

    return ml.TaskFamily.of([ml.Empirical(rows, ml.Constants(2.0, 4.0, 4.0, 4.0), loss)])


ASKED = {
    "F": lambda family, alpha, w: ml.meta_loss(family, alpha, w, 2),
    "∇F": lambda family, alpha, w: ml.meta_gradient(family, alpha, w, 2),
    "∇F̂": lambda family, alpha, w: ml.sampled_meta_gradient(family, alpha, w, 2),
    "∇²F w": lambda family, alpha, w: ml.meta_hessian_vector_product(family, alpha, w, w),
}


@pytest.mark.parametrize(("w", "parts"), FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_every_form_of_w_gives_what_the_flat_vector_gives(w, parts, ask):
    flat_family = of_form(lambda w: (w[:2], w[2:]))
    for alpha, flat_alpha in ((0.3, 0.3), (rates(w), flat(rates(w)))):
        value, right = ask(of_form(parts), alpha, w), ask(flat_family, flat_alpha, flat(w))
        if jax.tree.structure(value) != jax.tree.structure(0):
            assert jax.tree.structure(value) == jax.tree.structure(w)
        np.testing.assert_allclose(flat(value), flat(right), rtol=1e-12)
