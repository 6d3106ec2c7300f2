"""A proved σ: of one task, of tasks apart by a constant, and of mixtures in one dimension; a σ by hand is no proof."""

import math
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml

NOISE = ml.RademacherNoise(0.3)
CENTRES = np.array([[1.0, 0.0], [-2.0, 1.0], [0.0, 3.0]])
MATRIX = jnp.array([[1.0, 0.4], [0.4, -0.5]])
POINTS = np.linspace(-6, 6, 2401)


def deviations(family):
    """(E_i‖∇f_i(w) − ∇f(w)‖²)^½ at many w of one dimension."""
    p = np.asarray(family.probabilities)
    gradients = np.stack([jax.vmap(task.gradient)(POINTS) for task in family])
    return np.sqrt(p @ (gradients - p @ gradients) ** 2)


def shifted(vectors, p):
    vectors = np.reshape(vectors, (len(p), -1))
    return math.sqrt(p @ np.sum((vectors - p @ vectors) ** 2, axis=1))


def test_one_task_does_not_deviate_from_itself():
    assert (
        ml.TaskFamily.of([ml.Empirical(jnp.ones(2), ml.Constants(1, 1, 1, 1), lambda w, x: x * w)]).certified_sigma == 0
    )
    assert isinstance(ml.TaskFamily.of([ml.Quadratic(Q(1), Q(0))]).certified_sigma, Q)


P = np.array([0.2, 0.5, 0.3])
BY_SHIFTS = {
    "quadratics, one number": ([ml.Quadratic(-2.0, c) for c in CENTRES], -2.0 * CENTRES),
    "quadratics, one matrix": ([ml.Quadratic(MATRIX, c) for c in CENTRES], CENTRES @ MATRIX),
    "trigonometric": ([ml.Trigonometric(1.0, 0.5, 2.0, c) for c in CENTRES], CENTRES),
    "ramp and parabola": ([ml.RampAndParabola(c) for c in CENTRES], CENTRES),
    "smoothed": ([ml.SmoothedAbsolute(1.0, 0.5, c) for c in CENTRES[:, 0]], CENTRES[:, 0]),
    "saturating": ([ml.Saturating(1.0, 2.0, c) for c in CENTRES[:, 0]], CENTRES[:, 0]),
    "even ramps": ([ml.EvenRamp(1.0, 2.0, c) for c in CENTRES[:, 0]], CENTRES[:, 0]),
    "odd ramps with noise": ([ml.Noisy(ml.OddRamp(1.0, 2.0, c), NOISE) for c in CENTRES[:, 0]], CENTRES[:, 0]),
}


@pytest.mark.parametrize(("tasks", "shifts"), BY_SHIFTS.values(), ids=BY_SHIFTS)
def test_tasks_apart_by_constant_gradients(tasks, shifts):
    assert ml.TaskFamily.of(tasks, P).certified_sigma == pytest.approx(shifted(shifts, P), rel=1e-13)


def test_constructors_give_the_proved_deviation():
    quadratics = ml.quadratic_family(MATRIX, CENTRES, P)
    waves = ml.trigonometric_family(1.0, 0.5, 2.0, CENTRES, P)
    for family in (quadratics, waves):
        assert family.sigma == family.certified_sigma
        assert isinstance(family.sigma, float)
    assert waves.sigma == pytest.approx(shifted(CENTRES, P), rel=1e-13)


def test_logistic_tasks_with_one_ridge():
    tasks = [ml.gaussian_logistic(key, 3, 20) for key in jax.random.split(jax.random.key(0), 2)]
    equal = ml.TaskFamily.of(tasks)
    assert equal.certified_sigma == pytest.approx(ml.logistic_sigma(tasks), rel=1e-13)
    top = [float(jnp.linalg.norm(task.x, 2)) ** 2 / 20 for task in tasks]
    assert ml.TaskFamily.of(tasks, [0.9, 0.1]).certified_sigma == pytest.approx(math.sqrt(0.9 * top[0] + 0.1 * top[1]))
    ridges = [ml.Logistic(task.x, task.y, ridge) for task, ridge in zip(tasks, (0.1, 0.2), strict=True)]
    assert ml.TaskFamily.of(ridges).certified_sigma is None


MIXTURES = {
    "ramp and quadratic": [ml.EvenRamp(1.0, 1.0, 0.5), ml.Quadratic(1.0, 0.75)],
    "two ramps of one end": [ml.OddRamp(1.0, 2.0, 0.1), ml.OddRamp(1.0, 0.5, -0.3)],
    "noisy": [ml.Noisy(ml.EvenRamp(1.0, 3.0, 0.0), NOISE), ml.Noisy(ml.EvenRamp(1.0, 1.0, 1.0), NOISE)],
}


@pytest.mark.parametrize("tasks", MIXTURES.values(), ids=MIXTURES)
def test_two_tasks_in_one_dimension_reach_the_deviation_that_is_proved(tasks):
    family = ml.TaskFamily.of(tasks, [0.25, 0.75])
    measured = deviations(family).max()
    assert measured <= family.certified_sigma * (1 + 1e-12)
    assert measured >= 0.999 * family.certified_sigma


def test_three_tasks_in_one_dimension_do_not_exceed_it():
    family = ml.TaskFamily.of([*MIXTURES["ramp and quadratic"], ml.EvenRamp(1.0, 3.0, 0.0)])
    assert deviations(family).max() <= family.certified_sigma


@pytest.mark.parametrize("tilt", [Q(0), Q(1, 3)])
def test_a_mixture_in_fractions(tilt):
    family = ml.TaskFamily.of([ml.EvenRamp(Q(1), Q(1), tilt), ml.Quadratic(Q(1), Q(2))])
    assert family.certified_sigma == (2 + tilt + Q(1, 2)) / 2


UNPROVED = {
    "two curvatures": [ml.Quadratic(1.0, 0.0), ml.Quadratic(2.0, 0.0)],
    "two slopes far out": [ml.EvenRamp(1.0, 1.0, 0.0), ml.EvenRamp(2.0, 1.0, 0.0)],
    "two wave lengths": [ml.Trigonometric(1.0, 0.5, 2.0), ml.Trigonometric(1.0, 0.5, 3.0)],
    "waves of two periods": [ml.TriangularWave(1.0, 0.5, 2.0), ml.TriangularWave(1.0, 0.5, 3.0)],
    "two kinds": [ml.Quadratic(1.0, 0.0), ml.Trigonometric(1.0, 0.5, 2.0)],
    "not in the domain": [ml.EvenRamp(-1.0, 1.0, 0.0), ml.Quadratic(1.0, 0.0)],
}


@pytest.mark.parametrize("tasks", UNPROVED.values(), ids=UNPROVED)
def test_a_deviation_given_by_hand_is_not_proved(tasks):
    assert ml.TaskFamily.of(tasks, sigma=5.0).certified_sigma is None


def test_what_is_proved_does_not_depend_on_what_is_declared():
    assert ml.quadratic_family(1.0, CENTRES).with_sigma(0.0).certified_sigma == pytest.approx(
        shifted(CENTRES, np.full(3, 1 / 3))
    )
