"""Theorem 4.17: the exact numbers of the counterexample, the trap, the Proposition, the floors, and the controls."""

from dataclasses import replace
from fractions import Fraction as Q
from math import exp

import pytest

import mamllib as ml
from mamllib.inner_loop import inner_step
from mamllib.statements.fallah2020 import convergence, theorem_4_17
from mamllib.statements.fallah2020.theorem_4_17 import instances, polynomial, proposition, trap
from mamllib.statements.fallah2020.two_ramps import balancing_centre, two_ramps, two_ramps_setting

A = instances.instance_a()
SIDES = [(side, Q(side * k, 500)) for side in (1, -1) for k in range(11)]


def meta_gradient(setting):
    return ml.meta_gradient(setting.family, setting.alpha, setting.w)


def test_the_counterexample_in_fractions():
    ramp, parabola = A.family
    assert [inner_step(task, A.alpha, A.w) for task in A.family] == [Q(-1, 2), Q(253, 400)]
    assert ramp.gradient(Q(-1, 2)) == Q(23, 8)
    assert parabola.gradient(Q(253, 400)) == Q(-253, 80)
    assert convergence.large_batch_direction(A) == 0
    assert meta_gradient(A) == Q(23, 192)
    assert A.sigma == Q(1459, 400)


def test_a_perturbed_counterexample_is_not_stationary():
    moved = replace(A, family=two_ramps(Q(760, 200)))
    assert convergence.large_batch_direction(moved) != 0


@pytest.mark.parametrize(
    ("inverse_alpha", "hessian_free", "first_order"),
    [(6, 0.197, 0.310), (10, 0.300, 0.395), (30, 0.408, 0.449), (100, 0.446, 0.459)],
)
def test_the_floors_over_alpha_L_sigma(inverse_alpha, hessian_free, first_order):
    exact = instances.instance_a(alpha=Q(1, inverse_alpha))
    assert convergence.large_batch_direction(exact) == 0
    assert float(meta_gradient(exact) / (exact.alpha * exact.sigma)) == pytest.approx(hessian_free, abs=6e-4)
    setting = two_ramps_setting("FO-MAML", 1 / inverse_alpha, 20, 0.1)
    w = convergence.stationary_point(setting, -1.0, 1.0)
    floor = abs(float(meta_gradient(replace(setting, w=w)))) / (setting.alpha * setting.sigma)
    assert floor == pytest.approx(first_order, abs=6e-4)


@pytest.mark.parametrize(("side", "w"), SIDES)
def test_the_polynomials_are_the_directions_of_hf_maml(side, w):
    at_w = replace(A, w=w)
    mean = convergence.large_batch_direction(at_w)
    assert polynomial.evaluate(trap.mean_direction(side), w) == mean
    first = convergence.large_batch_direction(replace(at_w, family=ml.TaskFamily.of([A.family[0]])))
    assert polynomial.evaluate(trap.first_direction(side), w) == first
    assert polynomial.evaluate(trap.meta_gradient(side), w) == meta_gradient(at_w)
    assert max(map(len, (trap.mean_direction(side), trap.first_direction(side), trap.meta_gradient(side)))) <= 11


def test_every_fact_of_the_trap_holds():
    assert all(room >= 0 for room in trap.facts().values())


@pytest.mark.parametrize(
    ("name", "value", "fact"),
    [
        ("SLOPES", (Q(58, 100), Q(59, 100)), "0.56 ≤ m(w)/w"),
        ("SLOPES", (Q(56, 100), Q(57, 100)), "m(w)/w ≤ 0.59"),
        ("SPREAD", Q(52, 10), "|h₁ − h₂| ≤ 5.3"),
        ("FLOOR", Q(11, 100), "F' ≥ 1/10"),
        ("SHARE_ERROR", Q(1, 400), "the trap holds"),
        ("LARGEST_STEP", Q(2), "no step overshoots"),
        ("SECOND", [Q(25, 36) * Q(-760, 200), Q(25, 36)], "m(0) = 0"),
    ],
)
def test_each_fact_fails_when_its_number_is_a_little_better(monkeypatch, name, value, fact):
    monkeypatch.setattr(trap, name, value)
    assert trap.facts()[fact] < 0


def test_bernstein_coefficients_enclose_the_range():
    p = [Q(1), Q(-3), Q(0), Q(5)]
    low, high = polynomial.bounds(p, Q(-1), Q(1, 2))
    values = [polynomial.evaluate(p, Q(k, 40)) for k in range(-40, 21)]
    assert low <= min(values) <= max(values) <= high
    assert {polynomial.evaluate(p, Q(-1)), polynomial.evaluate(p, Q(1, 2))} & {low, high}


def test_the_halvings_are_below_the_exponential():
    # e > 2.718 and 2.718²⁵ > 2³⁶, so e ≥ 2^1.44
    assert Q(2718, 1000) ** 25 > 2**36
    assert all(2.0 ** -int(1.44 * x) >= exp(-x) for x in range(1, 200))


@pytest.mark.parametrize(("c_1", "c_2"), [(1, 1), (Q(1, 7), 300), (10**4, 10**9)])
def test_the_proposition_holds_from_its_batch_size_on(c_1, c_2):
    B = proposition.least_batch(Q(c_1), Q(c_2))
    for larger in (B, B + 1, 7 * B):
        case = ml.Quantifiers.of(c_1, c_2, larger)
        assert proposition.promised(case) < Q(3, 80) < Q(1, 20) <= proposition.attained(case)


def test_hoeffding_bounds_what_is_drawn():
    shares = ml.Quantifiers.of(1, 1)
    assert 2 * shares.B * trap.SHARE_ERROR**2 == shares.B / proposition.HOEFFDING


def test_negative_constants_are_refused():
    with pytest.raises(ValueError, match="c_1 = -1"):
        ml.Quantifiers.of(-1, 1)


def test_sampled_runs_stay_in_the_trap():
    setting = two_ramps_setting("HF-MAML", 1 / 6, 10**6, 1e-3, displacement=1.0)
    norms = ml.run(setting, 3000, 4).gradient_norms
    assert norms.min() > 0.1
    assert norms[:, 1000:].mean() == pytest.approx(23 / 192, rel=0.01)


def test_the_repaired_probe_leaves_the_floor():
    setting = two_ramps_setting("HF-MAML", 1 / 6, 10**6, 1e-3)
    assert ml.run(setting, 4000, 4).gradient_norms[:, 2000:].mean() < 0.01 * 23 / 192


@pytest.mark.parametrize("tau", [0.2, 0.02, 1e-4])
def test_instance_b_has_one_floor_at_every_scale(tau):
    setting = instances.instance_b_floats(tau)
    assert float(abs(convergence.large_batch_direction(setting)).max()) < 1e-14  # probes of length 1 cancel to 1e-16
    x, y = meta_gradient(setting)
    assert float(x) == pytest.approx(3 * tau / 55, rel=1e-9)
    assert abs(float(y)) < 1e-14
    assert float(x) / (setting.alpha * setting.sigma) == pytest.approx(0.0715, abs=1e-3)


def test_first_order_maml_stops_where_f_does_on_instance_b():
    setting = instances.instance_b()
    first_order = convergence.large_batch_direction(replace(setting, algorithm="FO-MAML"))
    exact = meta_gradient(setting)
    assert all(convergence.large_batch_direction(setting) == 0)
    assert [a / b if b else a for a, b in zip(exact, first_order, strict=True)] == [1, 0]


@pytest.mark.parametrize("factor", [Q(1, 1000), Q(1, 10), Q(1)])
def test_the_floor_is_proportional_to_a_short_probe(factor):
    setting = instances.with_displacement(factor)
    assert convergence.large_batch_direction(setting) == 0
    assert meta_gradient(setting) == factor * Q(23, 192)


def test_the_balance_of_the_ramps():
    assert balancing_centre(Q(1, 6)) == Q(759, 200)


def test_only_a_stationary_start_is_followed_in_fractions():
    with pytest.raises(ValueError, match="must be stationary for HF-MAML"):
        theorem_4_17.large_batch_run(replace(A, w=Q(1)))
