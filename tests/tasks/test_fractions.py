"""Fractions and floats are the same mathematics: derivatives, samples and meta-gradients agree, and stay rational."""

from fractions import Fraction as Q

import jax
import numpy as np
import pytest

import mamllib as ml
from mamllib import arithmetic

RATIONAL = {
    "quadratic": lambda q: ml.Quadratic(q(-3, 2), q(1, 3)),
    "saturating": lambda q: ml.Saturating(q(6, 5), q(2), q(1, 3)),
    "even ramp": lambda q: ml.EvenRamp(q(6, 5), q(2), q(1, 3)),
    "odd ramp": lambda q: ml.OddRamp(q(6, 5), q(2), q(-1, 3)),
    "broken line": lambda q: ml.BrokenLine((q(-1), q(1, 2), q(3, 2)), (q(3, 4), q(-6, 5), q(1, 3)), q(2, 5)),
    "triangular wave": lambda q: ml.TriangularWave(q(-1), q(1, 2), q(2)),
    "bump noise": lambda q: ml.Noisy(ml.Quadratic(q(1), q(0)), ml.BumpNoise(q(2), q(1, 2))),
    "skewed bump noise": lambda q: ml.Noisy(ml.OddRamp(q(1), q(2)), ml.SkewedBumpNoise(q(2), q(3, 2), q(1, 2))),
    "curvature noise": lambda q: ml.Noisy(ml.EvenRamp(q(1), q(2), q(0)), ml.CurvatureNoise(q(1, 2), q(1, 3))),
    "Rademacher noise": lambda q: ml.Noisy(ml.OddRamp(q(1), q(2)), ml.RademacherNoise(q(3, 4))),
}
CORNERS = [Q(0), Q(1), Q(-1), Q(3, 2), Q(-3, 2), Q(1, 2), Q(3, 5), Q(2), Q(5, 2)]
POINTS = [*CORNERS, *(Q(int(n), 37) for n in np.random.default_rng(0).integers(-150, 150, 12))]
DIRECTION = Q(-2, 7)
NOISY = [name for name in RATIONAL if name.endswith("noise")]
WITH_EXACT_LOSS = [name for name in RATIONAL if name not in ("triangular wave", "Rademacher noise")]


def as_float(p, q=1):
    return p / q


def agree(exact, approximate):
    assert isinstance(exact, Q)
    np.testing.assert_allclose(float(exact), float(approximate), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("build", RATIONAL.values(), ids=RATIONAL.keys())
def test_derivatives_agree_at_random_points_and_corners(build):
    exact, task = build(Q), build(as_float)
    for w in POINTS:
        agree(exact.gradient(w), task.gradient(float(w)))
        agree(exact.hessian_vector_product(w, DIRECTION), task.hessian_vector_product(float(w), float(DIRECTION)))


@pytest.mark.parametrize("name", NOISY)
def test_samples_agree(name):
    exact, task = RATIONAL[name](Q), RATIONAL[name](as_float)
    np.testing.assert_allclose([float(theta) for theta in exact.support()], task.support())
    for theta in set(exact.support()):
        for w in POINTS:
            agree(exact.sample_gradient(w, theta), task.sample_gradient(float(w), float(theta)))
            agree(
                exact.sample_hessian_vector_product(w, theta, DIRECTION),
                task.sample_hessian_vector_product(float(w), float(theta), float(DIRECTION)),
            )


@pytest.mark.parametrize("name", WITH_EXACT_LOSS)
def test_losses_agree(name):
    exact, task = RATIONAL[name](Q), RATIONAL[name](as_float)
    for w in POINTS:
        agree(exact.loss(w), task.loss(float(w)))


@pytest.mark.parametrize("build", RATIONAL.values(), ids=RATIONAL.keys())
def test_constants_agree(build):
    for exact, approximate in zip(build(Q).constants, build(as_float).constants, strict=True):
        np.testing.assert_allclose(float(exact), float(approximate), rtol=1e-12)


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("build", RATIONAL.values(), ids=RATIONAL.keys())
def test_meta_gradients_agree(build, steps):
    exact, family = ml.TaskFamily.of([build(Q)]), ml.TaskFamily.of([build(as_float)])
    compiled = jax.jit(lambda w: ml.meta_gradient(family, 0.3, w, steps))
    for w in POINTS[::4]:
        agree(ml.meta_gradient(exact, Q(3, 10), w, steps), compiled(float(w)))


@pytest.mark.parametrize("name", NOISY)
def test_sampled_meta_gradients_agree(name):
    exact, family = ml.TaskFamily.of([RATIONAL[name](Q)]), ml.TaskFamily.of([RATIONAL[name](as_float)])
    compiled = jax.jit(lambda w: ml.sampled_meta_gradient(family, 0.3, w, 3))
    for w in POINTS[::3]:
        agree(ml.sampled_meta_gradient(exact, Q(3, 10), w, 3), compiled(float(w)))


@pytest.mark.parametrize(("w", "d"), [(Q(3), Q(4)), (Q(-5, 7), Q(12, 7)), (Q(0), Q(2, 9))])
def test_the_smoothed_absolute_value_is_rational_at_pythagorean_points(w, d):
    exact, task = ml.SmoothedAbsolute(Q(3), d, Q(1, 2)), ml.SmoothedAbsolute(3.0, float(d), 0.5)
    agree(exact.gradient(w), task.gradient(float(w)))
    agree(exact.hessian_vector_product(w, DIRECTION), task.hessian_vector_product(float(w), float(DIRECTION)))


def test_a_square_root_that_leaves_the_rationals_is_refused():
    with pytest.raises(arithmetic.IrrationalError, match="√\\(2\\) is irrational"):
        ml.SmoothedAbsolute(Q(1), Q(1), Q(0)).gradient(Q(1))


@pytest.mark.parametrize("w", [Q(1, 8), Q(3, 4), Q(3, 2), Q(9, 4)])
def test_the_loss_of_the_triangular_wave_stays_rational(w):
    wave = ml.TriangularWave(Q(-1), Q(1, 2), Q(2))
    agree(wave.loss(w), ml.TriangularWave(-1.0, 0.5, 2.0).loss(float(w)))
