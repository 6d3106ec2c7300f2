"""The constants of the convergence theorems, re-computed in fractions, and what a rate promises on a setting."""

from dataclasses import replace
from fractions import Fraction as Q

import numpy as np
import pytest

import mamllib as ml
from mamllib.statements.fallah2020.convergence import constants
from mamllib.statements.fallah2020.convergence.instances import NO_SAMPLES
from mamllib.statements.fallah2020.convergence.rate import FO_MAML, HF_MAML, HF_MAML_PRINTED_PROBE, MAML

OUTCOMES = constants.outcomes()
SETTING = ml.Setting.of(
    "MAML",
    ml.TaskFamily.of([ml.Quadratic(1.0, 0.0)]),
    0.1,
    1.0,
    20,
    ml.BatchSizes(8, 5, 1),
    2.0,
    0.01,
    sigma=3.0,
    constants=ml.Constants(2.0, 4.0, 1.5, 0.0),
)


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_proof_gives_the_constants_of_the_rate(name):
    rate, outcome = OUTCOMES[name]
    assert outcome.u > 0
    assert 0 < outcome.theta < 1
    assert rate.iterations - 3 < outcome.iterations <= rate.iterations


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_eighth_of_c_1_and_c_2_would_not_do(name):
    rate, outcome = OUTCOMES[name]
    smaller = replace(rate, root=rate.root / 8, linear=rate.linear / 8)
    assert constants.outcome(smaller, Q(1, 25), outcome.u, outcome.v).theta > 1


def test_roots_are_rounded_upward():
    for root, square in ((constants.MEAN_STEP[1], Q(371, 200)), (constants.BATCH, Q(1, 20))):
        assert root**2 > square > (root - Q(1, 10**9)) ** 2


STEPS = {
    "MAML": (constants.maml(), Q(1, 12)),
    "FO-MAML": (constants.fo_maml(), Q(1, 18)),
    "HF-MAML, δ with √B": (constants.hf_maml(printed=False), Q(1, 25)),
    "HF-MAML, δ as printed": (constants.hf_maml(printed=True), Q(1, 25)),
}


@pytest.mark.parametrize("name", STEPS)
def test_what_a_step_gains_is_at_least_u_times_the_square_less_v_times_the_noise(name):
    (step, c), (rate, outcome) = STEPS[name], OUTCOMES[name]
    weights = np.array([0, 1, float(rate.task_floor(Q(1))) or 1, 1, 1, 1]) * float(outcome.v)
    y = np.abs(np.random.default_rng(0).normal(size=(4000, 6))) ** 3
    for form in constants.brackets(step, c):
        gained = np.einsum("ni,ij,nj->n", y, form.astype(float), y)
        assert np.all(gained >= float(outcome.u) * y[:, 0] ** 2 - y**2 @ weights)


@pytest.mark.parametrize("name", STEPS)
def test_no_larger_u_would_do(name):
    (step, c), (rate, outcome) = STEPS[name], OUTCOMES[name]
    weights = np.array([Q(0), Q(1), rate.task_floor(Q(1)) or Q(1), Q(1), Q(1), Q(1)], dtype=object)
    forms = [(form + outcome.v * np.diag(weights)).astype(float) for form in constants.brackets(step, c)]
    for share, definite in ((0.999, True), (1.001, False)):
        lowered = [form - np.diag([share * float(outcome.u), 0, 0, 0, 0, 0]) for form in forms]
        assert all(np.linalg.eigvalsh(form)[0] >= 0 for form in lowered) == definite


def test_a_v_that_covers_nothing_proves_nothing():
    with pytest.raises(ArithmeticError, match="does not cover"):
        constants.prove(MAML, constants.maml(), Q(1, 12), Q(1, 1000))


@pytest.mark.parametrize(
    ("name", "v", "least"),
    [
        ("MAML", Q(238, 1000), 58),
        ("HF-MAML, δ with √B", Q(16, 100), 82),
        ("HF-MAML, δ as printed", Q(132, 1000), 92),
    ],
)
def test_halving_c_1_and_c_2_costs_twice_the_iterations(name, v, least):
    (step, c), (rate, _) = STEPS[name], OUTCOMES[name]
    halved = replace(rate, root=Q(1), linear=Q(1))
    assert least - 1 < constants.prove(halved, step, c, v).iterations <= least


@pytest.mark.parametrize("rate", [MAML, FO_MAML, HF_MAML, HF_MAML_PRINTED_PROBE])
def test_p_bounds_the_growth_of_the_local_constant(rate):
    step = Q(1, rate.smallest_inverse_step)
    assert 2 / (1 - 2 * step - step**2) <= rate.growth <= 4


def test_the_noise_has_three_terms():
    assert MAML.noise(SETTING) == pytest.approx(9 / 20 + 2.25 / 100 + 2.25 / 8)
    assert FO_MAML.noise(SETTING) == pytest.approx(9 * (1 / 20 + 10 * 0.04) + 2.25 / 100 + 2.25 / 8)
    assert HF_MAML_PRINTED_PROBE.noise(SETTING) == pytest.approx((9 + 2.25 / 5) * (1 / 20 + 1) + 2.25 / 8)


def test_the_accuracy_and_the_budget():
    noise, x, curvature = MAML.noise(SETTING), 0.6, 0.2
    T = max((2 * (1 + x) * noise) ** 0.5, 2 * curvature * noise, 0.01)
    assert MAML.accuracy(SETTING) == pytest.approx(T)
    assert MAML.budget(SETTING) == pytest.approx(29 * 2 * (8 + 3.14 * 0.4 * (3 + T)) / T**2)


def test_an_accuracy_that_is_met_at_once_needs_no_iteration():
    endless = replace(SETTING, sigma=float("inf"))
    assert MAML.accuracy(endless) == float("inf")
    assert MAML.budget(endless) == 0


def test_the_printed_probe_has_no_floor_where_alpha_is_small():
    tiny = replace(SETTING, alpha=1e-9)
    assert HF_MAML_PRINTED_PROBE.noise(tiny) == pytest.approx(MAML.noise(tiny))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"algorithm": "Reptile"}, "algorithm = 'Reptile'"),
        ({"gap": -1.0}, "gap = -1.0"),
        ({"epsilon": 0.0}, "epsilon = 0.0"),
        ({"B": 0}, "B = 0"),
        ({"alpha": -0.1}, "alpha = -0.1"),
        ({"sizes": ml.BatchSizes(1, 0, 1)}, "D_o = 0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(change, message):
    given = {"algorithm": "MAML", "alpha": 0.1, "B": 20, "sizes": NO_SAMPLES, "gap": 1.0, "epsilon": 0.1} | change
    with pytest.raises(ValueError, match=message):
        ml.Setting.of(family=SETTING.family, w=1.0, **given)
