"""Recorded runs: the algorithm as printed, exact where deterministic, and never a refutation from half a run."""

from dataclasses import replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.statements.fallah2020 import convergence
from mamllib.statements.fallah2020.convergence import sides
from mamllib.statements.fallah2020.convergence.printed import printed_estimator
from mamllib.statements.fallah2020.convergence.units import copied_in_units
from mamllib.statements.fallah2020.two_ramps import (
    balancing_centre,
    gap_bound,
    two_ramps,
    two_ramps_constants,
    two_ramps_setting,
)

ALGORITHMS = ["MAML", "FO-MAML", "HF-MAML"]
DIVISORS = {"MAML": 12, "FO-MAML": 18, "HF-MAML": 25}


def noisy_setting(algorithm, B=3):
    tasks = [ml.Noisy(ml.Trigonometric(0.5, 0.5, 2.0, t), ml.RademacherNoise(0.4)) for t in (-0.3, 0.3)]
    family = ml.TaskFamily.of(tasks, sigma=0.3)
    return ml.Setting.of(algorithm, family, 0.1, 2.0, B, ml.BatchSizes(2, 2, 2), 5.0, 0.1)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_without_noise_a_run_follows_the_algorithm_written_by_hand(algorithm):
    family = ml.TaskFamily.of([ml.EvenRamp(1.0, 1.0, 3.0)], sigma=0.0)
    setting = ml.Setting.of(algorithm, family, 0.1, 0.7, 20, ml.BatchSizes(1, 1, 1), 20.0, 0.1)
    norms = ml.run(setting, 5, 2).gradient_norms
    (task,), w, reach = family, jnp.asarray(0.7), 1 / (0.6 * 20**0.5)
    for k in range(5):
        assert norms[0, k] == pytest.approx(abs(float(ml.meta_gradient(family, 0.1, w))), rel=1e-12)
        g = task.gradient(w - 0.1 * task.gradient(w))
        ahead, behind = task.gradient(w + jnp.sign(g) * reach), task.gradient(w - jnp.sign(g) * reach)
        product = {
            "MAML": task.hessian_vector_product(w, g),
            "FO-MAML": 0.0,
            "HF-MAML": (ahead - behind) / (2 * reach) * abs(g),
        }[algorithm]
        beta = 1 / (DIVISORS[algorithm] * (4 + 0.2 * abs(task.gradient(w))))
        w = w - beta * (g - 0.1 * product)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_exact_run_is_the_float_run(algorithm):
    def norms(number):
        family = ml.TaskFamily.of([ml.Quadratic(number(1), number(2))], sigma=number(0))
        setting = ml.Setting.of(
            algorithm, family, number(1) / 10, number(0), 25, ml.BatchSizes(1, 1, 1), number(2), number(1)
        )
        return ml.run(setting, 8, 1).gradient_norms

    exact = norms(Q)
    assert all(isinstance(x, Q) for x in exact[0])
    np.testing.assert_allclose(exact.astype(float), norms(float), rtol=1e-12)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_mean_step_is_the_large_batch_direction(algorithm):
    setting = noisy_setting(algorithm, B=20_000)

    estimator = printed_estimator(algorithm, setting.displacement)

    def drawn(key):
        return ml.task_batch_direction(
            estimator, setting.family, setting.alpha, jnp.asarray(setting.w), key, setting.B, setting.sizes
        )

    values = jnp.stack([drawn(jax.random.key(k)) for k in range(20)])
    expected = float(convergence.large_batch_direction(setting))
    assert abs(float(values.mean()) - expected) < 5 * float(values.std()) / 20**0.5


def test_a_run_shorter_than_its_budget_can_hold_but_not_violate():
    setting = two_ramps_setting("HF-MAML", 1 / 6, 10**6, 1e-3, displacement=1.0)
    run = ml.run(setting, 50, 8)
    quantity = sides.smallest_gradient(run, convergence.HF_MAML).quantity(1e-3)
    assert convergence.HF_MAML.budget(setting) > 50
    assert quantity.lower == 0
    assert sides.recorded(run, convergence.HF_MAML).illustration == "recorded for fewer than N iterations"
    assert quantity.value > convergence.HF_MAML.accuracy(setting)


@pytest.mark.parametrize(
    ("change", "hypothesis"),
    [
        ({"algorithm": "FO-MAML"}, "the algorithm is MAML"),
        ({"alpha": 0.3}, "α ≤ 1/(6L)"),
        ({"fraction": 0.1}, "β_k = β̃/12"),
        ({"B": 19}, "B ≥ 20"),
        ({"gap": 1e-9}, "F(w₀) − min F ≤ Δ"),
        ({"sigma": 0.29}, "task deviation ≤ σ"),
        ({"sigma": float("inf")}, "σ, σ̃ and σ_H are finite"),
        ({"constants": ml.Constants(0.02, 1.0, 0.4, 0.0)}, "f_i is L-smooth"),
        ({"constants": ml.Constants(1.0, 1e-3, 0.4, 0.0)}, "Hessian is ρ-Lipschitz"),
        ({"constants": ml.Constants(1.0, 1.0, 0.39, 0.0)}, "sample deviation ≤ σ̃"),
        ({"constants": ml.Constants(1.0, 1.0, 0.4, 100.0)}, "D_h ≥ 2α²σ_H²"),
    ],
)
def test_each_hypothesis_is_measured(noisy_run, change, hypothesis):
    assert room(noisy_run, hypothesis) >= 0
    changed = replace(noisy_run, setting=replace(noisy_run.setting, **change))
    assert room(changed, hypothesis) < 0


def room(run, hypothesis):
    return ml.statement("theorem_4_12").measure_hypotheses(run)[hypothesis].room


@pytest.fixture(scope="module")
def noisy_run():
    return ml.run(noisy_setting("MAML", B=20), 20, 4)


def test_the_batches_of_the_step_are_the_smallest_that_are_allowed():
    setting = replace(noisy_setting("MAML"), constants=ml.Constants(1.0, 50.0, 0.4, 0.0))
    ratio = 50 * 0.1
    B, D_beta = convergence.step_batches(setting)
    assert B - 1 < (ratio * 0.3) ** 2 / 2 <= B
    assert D_beta - 1 < (2 * ratio * 0.4) ** 2 <= D_beta


@pytest.mark.parametrize("w", [Q(-7, 2), Q(-1), Q(0), Q(1, 3), Q(4)])
def test_sigma_of_the_two_ramps_holds_and_is_attained(w):
    family = two_ramps()
    gradients = [task.gradient(w) for task in family]
    deviation = abs(gradients[0] - gradients[1]) / 2
    assert deviation <= family.sigma
    assert (deviation == family.sigma) == (w <= -1)


def test_the_descent_of_the_two_ramps_is_bounded():
    grid = [Q(k, 10) for k in range(-100, 101)]
    centre = balancing_centre(Q(1, 6))
    lowest = min(ml.meta_loss(two_ramps(centre), Q(1, 6), w) for w in grid)
    assert 0 <= ml.meta_loss(two_ramps(centre), Q(1, 6), Q(0)) - lowest <= gap_bound(centre, Q(1, 6), Q(0))
    assert two_ramps_constants() == ml.Constants(Q(1), Q(1), Q(0), Q(0))


THEOREMS = (
    "theorem_4_12",
    "theorem_4_12_mean",
    "corollary_4_13",
    "theorem_4_15",
    "corollary_4_16",
    "theorem_4_17_repair",
    "theorem_4_17_repair_mean",
    "theorem_4_17_printed_step",
)
LEAST_POWER = 0.15


@pytest.mark.parametrize("name", THEOREMS)
def test_every_convergence_theorem_has_a_row_that_could_have_been_red(case_check, name):
    statement = ml.statement(name)
    checks = [case_check(statement.id, case.name) for case in statement.cases]
    assert max(check.power for check in checks if check.verdict == ml.Verdict.HOLDS) >= LEAST_POWER
    assert not ml.Entry(statement, tuple(checks), ()).tightest.illustration


ROWS = [
    ("theorem_4_12", "two slopes with tilts ±1, B = 20"),
    ("corollary_4_13", "two slopes with tilts ±1, ε = .4"),
    ("theorem_4_15", "two slopes with tilts ±1, B = 1000"),
    ("corollary_4_16", "two slopes with tilts ±1, αL = 1/10, B = 100"),
    ("theorem_4_17_repair", "two slopes with tilts ±1, B = 20"),
    ("theorem_4_17_printed_step", "two slopes with tilts ±1, B = 20"),
]


@pytest.mark.parametrize(("name", "case"), ROWS)
def test_neither_verdict_nor_ratio_knows_the_units(case_check, name, case):
    statement = ml.statement(name)
    (build,) = [each.build for each in statement.cases if each.name == case]
    given = case_check(statement.id, case)
    run = build(0).rescaled(Q(8), Q(4))
    known = copied_in_units(build(0), Q(8), Q(4))
    np.testing.assert_allclose(known.gradient_norms, run.gradient_norms, rtol=1e-9)
    for name, value in run.recording.met.watched.items():
        assert known.recording.met.watched[name] == pytest.approx(value, rel=1e-6, abs=1e-9), name
    copy = statement.check(run)
    assert copy.verdict == given.verdict
    assert copy.ratio == pytest.approx(given.ratio, rel=1e-9)
    assert copy.budget.needed == pytest.approx(given.budget.needed, rel=1e-9)
