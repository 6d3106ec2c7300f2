"""Certificates: computed from knots in fractions, they are the constants; what is not proved is None."""

import itertools
from fractions import Fraction as Q
from unittest.mock import patch

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.tasks import knots
from mamllib.tasks.ramp_and_parabola import RampAndParabola
from tests.tasks.instances import ALL, ATOMS, LOGISTIC, NOISES, ROWS

EXACT = {
    "quadratic": ml.Quadratic(Q(-3, 2), Q(1, 3)),
    "even ramp": ml.EvenRamp(Q(6, 5), Q(2), Q(1, 3)),
    "odd ramp": ml.OddRamp(Q(6, 5), Q(2), Q(-1, 3)),
    "broken line": ml.BrokenLine((Q(-1), Q(1, 2), Q(3, 2)), (Q(3, 4), Q(-6, 5), Q(1, 3)), Q(2, 5)),
    "saturating": ml.Saturating(Q(6, 5), Q(2), Q(-1, 3)),
    "triangular wave": ml.TriangularWave(Q(-1), Q(1, 2), Q(2)),
    "ramp and parabola": RampAndParabola(np.array([Q(1, 3), Q(-1)], dtype=object)),
    "bump noise": ml.Noisy(ml.Quadratic(Q(1), Q(0)), ml.BumpNoise(Q(-2), Q(1, 2))),
    "skewed bump noise": ml.Noisy(ml.OddRamp(Q(1), Q(2)), ml.SkewedBumpNoise(Q(2), Q(-3, 2), Q(1, 2), 2, 3)),
    "Rademacher noise": ml.Noisy(ml.OddRamp(Q(1), Q(2)), ml.RademacherNoise(Q(3, 4))),
}
ONE_DIMENSIONAL = {name: EXACT[name] for name in ("quadratic", "even ramp", "odd ramp", "broken line")}
WITH_KNOTS = {"even ramp": ml.EvenRamp, "odd ramp": ml.OddRamp}
BUMPS = {name: EXACT[name].noise for name in ("bump noise", "skewed bump noise")}
PROVED = {name: instance.task for name, instance in ALL.items() if name != "saddle"}


@pytest.mark.parametrize("task", EXACT.values(), ids=EXACT)
def test_a_certificate_in_fractions_is_the_constants_exactly(task):
    assert task.certificate() == task.constants
    assert all(isinstance(constant, Q) for constant in task.certificate())


@pytest.mark.parametrize("task", PROVED.values(), ids=PROVED)
def test_a_certificate_in_floats_is_the_constants(task):
    np.testing.assert_allclose(task.certificate(), task.constants, rtol=1e-15)
    assert all(isinstance(constant, float) for constant in task.certificate())


def between(bends):
    """Fractions inside every piece, the two unbounded ones among them."""
    low, high = min(bends, default=Q(0)), max(bends, default=Q(0))
    ends = sorted({low - 3, *bends, high + 3})
    return [(a, b, a + (b - a) * share) for a, b in itertools.pairwise(ends) for share in (Q(1, 7), Q(3, 5))]


def linear(second, a, b, x):
    return second(a) + (second(b) - second(a)) * (x - a) / (b - a)


def curvature(task):
    return lambda x: task.hessian_vector_product(x, Q(1))


def is_piecewise_linear(second, bends) -> bool:
    """Whether f'' is linear between neighbouring knots and constant beyond the outermost."""
    ends = sorted(bends) or [Q(0)]
    beyond = second(ends[0] - 9) == second(ends[0]) and second(ends[-1] + 9) == second(ends[-1])
    return beyond and all(second(x) == linear(second, a, b, x) for a, b, x in between(bends))


@pytest.mark.parametrize("task", ONE_DIMENSIONAL.values(), ids=ONE_DIMENSIONAL)
def test_between_knots_the_second_derivative_is_linear_and_beyond_them_constant(task):
    assert is_piecewise_linear(curvature(task), task.knots())


@pytest.mark.parametrize("kind", WITH_KNOTS.values(), ids=WITH_KNOTS)
@pytest.mark.parametrize("wrong", [lambda x: x / 2, lambda x: 2 * x])
def test_wrong_knots_are_another_certificate(kind, wrong):
    task = kind(Q(6, 5), Q(2), Q(1, 3))
    moved = tuple(map(wrong, task.knots()))
    with patch.object(kind, "knots", lambda task: moved):
        assert task.certificate() != task.constants
    assert not is_piecewise_linear(curvature(task), moved)


def test_a_knot_left_out_is_another_certificate():
    task = ml.EvenRamp(Q(6, 5), Q(2), Q(1, 3))
    outer = tuple(x for x in task.knots() if x)
    with patch.object(ml.EvenRamp, "knots", lambda task: outer):
        assert task.certificate() != task.constants
    assert not is_piecewise_linear(curvature(task), outer)


def test_the_wave_is_linear_between_its_knots_and_repeats_itself():
    wave = EXACT["triangular wave"]
    second, bends = curvature(wave), wave.knots_of_a_period()
    for a, b in itertools.pairwise(bends):
        x = a + (b - a) * Q(2, 7)
        assert second(x) == linear(second, a, b, x) == second(x + wave.period)


@pytest.mark.parametrize("noise", BUMPS.values(), ids=BUMPS)
def test_between_its_knots_the_noise_is_linear_and_beyond_them_zero(noise):
    def second(x):
        return noise.hessian_vector_product(x, Q(1), Q(1))

    assert is_piecewise_linear(second, noise.knots())
    assert second(min(noise.knots())) == second(max(noise.knots())) == 0
    assert not is_piecewise_linear(second, [2 * x for x in noise.knots()])


def test_the_parabola_and_the_ramp_do_not_mix():
    task, e = EXACT["ramp and parabola"], np.array([Q(1), Q(0)], dtype=object)
    w = np.array([Q(1, 2), Q(7)], dtype=object)
    assert task.hessian_vector_product(w, e).tolist() == [Q(1, 2), 0]
    assert task.hessian_vector_product(w, e[::-1]).tolist() == [0, 1]


def test_wrong_knots_of_noise_are_another_certificate():
    noise = BUMPS["bump noise"]
    for factor in (Q(1, 2), Q(1, 3)):
        moved = tuple(factor * x for x in noise.knots())
        with patch.object(ml.BumpNoise, "knots", lambda noise, moved=moved: moved):
            assert noise.certificate() != noise.deviations()
    assert noise.certificate() == noise.deviations()


def test_the_largest_slope_is_found_where_the_curvature_crosses_zero():
    first, second = (lambda x: x * x - x if 0 <= x <= 1 else Q(0)), (lambda x: 2 * x - 1 if 0 < x < 1 else Q(0))
    assert knots.largest_slope(first, second, (Q(0), Q(1, 10), Q(9, 10), Q(1))) == Q(1, 4)
    assert knots.largest_slope(lambda x: 3 * x, lambda x: Q(3), ()) == float("inf")


OUTSIDE = {
    "ramp with L < 0": ml.EvenRamp(-1.0, 1.0, 0.0),
    "ramp with ρ < 0": ml.OddRamp(Q(1), Q(-1)),
    "ramp with ρ = ∞": ml.OddRamp(1.0, float("inf")),
    "wave without a period": ml.TriangularWave(1.0, 1.0, 0.0),
    "trigonometric with b < 0": ml.Trigonometric(1.0, -3.0, 1.0),
    "smoothed with d = −1": ml.SmoothedAbsolute(1.0, -1.0, 0.0),
    "pseudo-Huber with L < 0": ml.PseudoHuber(-1.0, 1.0),
    "labels 0 and 1": ml.Logistic(ROWS, jnp.arange(20) % 2 * 1.0, 0.1),
    "ridge below 0": ml.Logistic(ROWS, jnp.ones(20), -0.1),
    "atoms with a mean": ml.Noisy(ml.Quadratic(1.0, jnp.zeros(2)), ml.AtomicNoise(ATOMS + 1.0)),
    "two angles": ml.Noisy(ml.Quadratic(1.0, 0.0), ml.SinusoidalNoise(1.0, 1.0, 2, 1)),
    "bump without a slope": ml.Noisy(ml.Quadratic(1.0, 0.0), ml.BumpNoise(1.0, 0.0)),
    "a reader's own rows": ml.Empirical({"x": jnp.ones(2)}, ml.Constants(1.0, 0.0, 0.0, 0.0), lambda w, row: w),
    "a reader's own task": ml.Task(),
}


@pytest.mark.parametrize("task", OUTSIDE.values(), ids=OUTSIDE)
def test_nothing_is_proved_outside_what_the_docstring_speaks_of(task):
    assert task.certificate() is None


def test_negative_numbers_that_do_no_harm_are_bounded_rightly():
    assert ml.TriangularWave(Q(1), Q(-3), Q(1)).certificate()[:2] == (4, 12)
    assert ml.TriangularWave(Q(1), Q(-3), Q(1)).constants.L == -2


@pytest.mark.parametrize("task", [ml.Quadratic(-1.5, 0.5), NOISES["bump noise"].task, LOGISTIC["logistic"].task])
def test_a_family_is_certified_where_every_task_is(task):
    smaller = ml.Noisy(ml.Quadratic(0.25, 0.0), ml.RademacherNoise(0.1))
    both = ml.TaskFamily.of([task, smaller]).certificate()
    expected = [max(pair) for pair in zip(task.certificate(), smaller.certificate(), strict=True)]
    np.testing.assert_allclose(both, expected, rtol=1e-15)
    assert ml.TaskFamily.of([task, OUTSIDE["a reader's own rows"]]).certificate() is None


def test_a_stacked_family_is_certified_task_by_task():
    family = ml.TaskFamily.of([ml.EvenRamp(1.0, 3.0, 0.0), ml.EvenRamp(2.0, 1.0, 0.0)])
    assert family.stacked
    assert family.certificate() == (2.0, 3.0, 0.0, 0.0)


FLAT = {
    "L = 0, even": lambda q: ml.EvenRamp(q(0), q(1), q(2)),
    "L = 0, odd": lambda q: ml.OddRamp(q(0), q(1), q(2)),
    "ρ = 0, even": lambda q: ml.EvenRamp(q(1), q(0), q(2)),
    "ρ = 0, odd": lambda q: ml.OddRamp(q(1), q(0), q(2)),
    "L = 0, quadratic": lambda q: ml.Quadratic(q(0), q(2)),
    "L = 0, smoothed": lambda q: ml.SmoothedAbsolute(q(0), q(1), q(-2)),
    "L = 0, wave": lambda q: ml.TriangularWave(q(0), q(0), q(1)),
}


@pytest.mark.parametrize("build", FLAT.values(), ids=FLAT)
@pytest.mark.parametrize("number", [Q, float])
def test_a_loss_without_curvature_is_flat(build, number):
    task, w = build(number), number(3) / 4
    slope = task.gradient(number(0))
    assert slope in (0, 2)
    assert task.gradient(w) == slope
    assert task.hessian_vector_product(w, number(1)) == 0
    assert task.certificate().rho == 0
    if number is float:
        np.testing.assert_allclose(task.loss(w), slope * w)
        assert jnp.isfinite(jax.grad(task.loss)(w))
