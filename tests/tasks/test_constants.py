"""Try to break every constant by search: none may be exceeded, and those said to be attained must be reached."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import differential_evolution

import mamllib as ml
from tests.tasks.instances import ATOMS, FINITE, GAUSSIAN, LOGISTIC, LOSSES, MATRIX, NOISES, Instance

WITHIN = 0.99
ROUND_OFF = 1e-9


class Range(NamedTuple):
    """A function to maximise over a box."""

    function: Callable
    bounds: list[tuple[float, float]]


def largest(searched: Range, seed: int = 0) -> float:
    """The largest value that 4,096 random points and then differential evolution find."""
    low, high = np.array(searched.bounds).T
    values = jax.jit(jax.vmap(searched.function))
    random = np.random.default_rng(seed).uniform(low, high, (4096, len(low)))
    start = np.asarray(values(random))
    result = differential_evolution(
        lambda columns: -np.asarray(values(columns.T)),
        searched.bounds,
        rng=seed,
        init=random[np.argsort(-start)[:64]],
        maxiter=60,
        polish=False,
        vectorized=True,
        updating="deferred",
    )
    return max(float(start.max()), -float(result.fun))


def hessian(product, w):
    """The matrix of a Hessian-vector product."""
    basis = jnp.eye(w.size).reshape(w.size, *w.shape)
    return jax.vmap(lambda v: product(v).ravel())(basis)


def curvature(instance: Instance) -> Range:
    """‖∇²f(w)‖ over w."""

    def norm(x):
        w = x.reshape(instance.shape)
        return jnp.linalg.norm(hessian(lambda v: instance.task.hessian_vector_product(w, v), w), 2)

    return Range(norm, box(instance))


def curvature_change(instance: Instance) -> Range:
    """‖∇²f(w) − ∇²f(u)‖/‖w − u‖ over w and u at distances from 10⁻³ to 1."""
    task = instance.task

    def quotient(x):
        w, v = (part.reshape(instance.shape) for part in jnp.split(x[:-1], 2))
        u = w + 10 ** x[-1] * v / jnp.linalg.norm(v)
        change = hessian(lambda e: task.hessian_vector_product(w, e) - task.hessian_vector_product(u, e), w)
        return jnp.linalg.norm(change, 2) / jnp.linalg.norm(w - u)

    dimension = len(box(instance))
    return Range(quotient, box(instance) + [(-1.0, 1.0)] * dimension + [(-3.0, 0.0)])


def gradient_deviation(instance: Instance) -> Range:
    """(E_θ‖∇f(w, θ) − ∇f(w)‖²)^½ over w."""
    task = instance.task

    def deviation(x):
        w = x.reshape(instance.shape)
        errors = jax.vmap(lambda theta: task.sample_gradient(w, theta) - task.gradient(w))(samples(task))
        return jnp.sqrt(jnp.sum(errors**2) / len(errors))

    return Range(deviation, box(instance))


def hessian_deviation(instance: Instance) -> Range:
    """(E_θ‖∇²f(w, θ) − ∇²f(w)‖²_F)^½ over w."""
    task = instance.task

    def deviation(x):
        w = x.reshape(instance.shape)

        def error(theta):
            return hessian(
                lambda v: task.sample_hessian_vector_product(w, theta, v) - task.hessian_vector_product(w, v), w
            )

        errors = jax.vmap(error)(samples(task))
        return jnp.sqrt(jnp.sum(errors**2) / len(errors))

    return Range(deviation, box(instance))


def box(instance: Instance) -> list[tuple[float, float]]:
    """The cube of half-width ``reach``."""
    return [(-instance.reach, instance.reach)] * max(int(np.prod(instance.shape)), 1)


def samples(task):
    """The support where it is finite, else 20,000 samples."""
    support = task.support()
    return task.sample(jax.random.key(11), 20_000) if support is None else support


MEASURES = {
    "L": curvature,
    "rho": curvature_change,
    "sigma_tilde": gradient_deviation,
    "sigma_H": hessian_deviation,
}


@functools.cache
def found(name: str, constant: str) -> float:
    return largest(MEASURES[constant](FINITE[name]))


def searches() -> list[tuple[str, str]]:
    """Every finite constant worth a search: L and ρ for losses, the sample deviations where there are samples."""
    of_losses = [(name, constant) for name in LOSSES | LOGISTIC for constant in ("L", "rho")] + [("saddle", "L")]
    of_samples = [(name, constant) for name in NOISES | LOGISTIC for constant in ("sigma_tilde", "sigma_H")]
    return [(name, c) for name, c in of_losses + of_samples if np.isfinite(getattr(FINITE[name].task.constants, c))]


@pytest.mark.parametrize(("name", "constant"), searches())
def test_no_search_exceeds_a_constant(name, constant):
    declared = float(getattr(FINITE[name].task.constants, constant))
    assert found(name, constant) <= declared * (1 + ROUND_OFF) + ROUND_OFF


@pytest.mark.parametrize(("name", "constant"), [(n, c) for n, c in searches() if c in FINITE[n].attained])
def test_the_search_reaches_every_constant_said_to_be_attained(name, constant):
    declared = float(getattr(FINITE[name].task.constants, constant))
    assert found(name, constant) >= WITHIN * declared


def test_noise_without_a_bounded_gradient_says_so():
    noise = ml.CurvatureNoise(0.7, jnp.ones(2))
    assert ml.Noisy(ml.Quadratic(1.0, jnp.ones(2)), noise).constants.sigma_tilde == float("inf")
    near, far = (gradient_deviation(Instance(NOISES["curvature noise"].task, (2,), (), reach)) for reach in (5.0, 50.0))
    assert largest(far) > 5 * largest(near)


@pytest.mark.parametrize(("name", "constant"), [(n, c) for n, i in GAUSSIAN.items() for c in i.attained if c != "L"])
def test_gaussian_noise_has_the_deviations_it_declares(name, constant):
    instance = GAUSSIAN[name]
    measured = jax.jit(MEASURES[constant](instance).function)(jnp.array([0.4, -1.0, 2.0]))
    np.testing.assert_allclose(measured, getattr(instance.task.constants, constant), rtol=0.02, atol=1e-12)


def test_gaussian_curvature_noise_has_no_bounded_gradient():
    assert GAUSSIAN["Gaussian curvature noise"].task.constants.sigma_tilde == float("inf")


FAMILIES = {
    "quadratic": (ml.quadratic_family(MATRIX, jnp.array([[1.0, 0, 2], [0, 1, -1], [3, 1, 0]]), [0.2, 0.5, 0.3]), 3),
    "trigonometric": (ml.trigonometric_family(0.7, 0.4, 3.0, ATOMS, [0.1, 0.6, 0.3]), 2),
    "logistic": (
        ml.TaskFamily.of(
            tasks := [ml.gaussian_logistic(key, 3, 20, 0.1) for key in jax.random.split(jax.random.key(2), 3)],
            sigma=ml.logistic_sigma(tasks),
        ),
        3,
    ),
}


def task_deviation(family: ml.TaskFamily, dimension: int) -> Range:
    """(E_i‖∇f_i(w) − ∇f(w)‖²)^½ over w."""

    def deviation(w):
        gradients = jax.vmap(lambda task: task.gradient(w))(family.members)
        errors = gradients - family.probabilities @ gradients
        return jnp.sqrt(family.probabilities @ jnp.sum(errors**2, axis=1))

    return Range(deviation, [(-10.0, 10.0)] * dimension)


@pytest.mark.parametrize("name", FAMILIES)
def test_no_search_exceeds_the_task_deviation(name):
    family, dimension = FAMILIES[name]
    assert largest(task_deviation(family, dimension)) <= family.sigma * (1 + ROUND_OFF)


@pytest.mark.parametrize("name", ["quadratic", "trigonometric"])
def test_tasks_that_differ_by_a_constant_gradient_attain_their_deviation_everywhere(name):
    family, dimension = FAMILIES[name]
    values = jax.vmap(task_deviation(family, dimension).function)(
        3 * jax.random.normal(jax.random.key(0), (50, dimension))
    )
    np.testing.assert_allclose(values, family.sigma, rtol=1e-12)
