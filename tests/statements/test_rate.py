"""The constants of the convergence theorems, re-computed in fractions, and what a rate promises on a setting."""

from dataclasses import replace
from fractions import Fraction as Q

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
def test_a_fifth_of_c_1_and_c_2_would_not_do(name):
    rate, outcome = OUTCOMES[name]
    smaller = replace(rate, root=rate.root / 5, linear=rate.linear / 5)
    assert constants.outcome(smaller, Q(1, 25), outcome.u, outcome.v).theta > 1


def test_the_root_is_rounded_upward():
    assert constants.HALF_ROOT**2 * 4 > Q(25, 8) > (constants.HALF_ROOT - Q(1, 1000)) ** 2 * 4


@pytest.mark.parametrize("rate", [MAML, FO_MAML, HF_MAML, HF_MAML_PRINTED_PROBE])
def test_p_bounds_the_growth_of_the_local_constant(rate):
    step = Q(1, rate.smallest_inverse_step)
    assert 2 / (1 - 2 * step - step**2) <= rate.growth <= 4


def test_the_noise_has_three_terms():
    assert MAML.noise(SETTING) == pytest.approx(9 / 20 + 2.25 / 100 + 2.25 / 8)
    assert FO_MAML.noise(SETTING) == pytest.approx(9 * (1 / 20 + 20 * 0.04) + 2.25 / 100 + 2.25 / 8)
    assert HF_MAML_PRINTED_PROBE.noise(SETTING) == pytest.approx((9 + 2.25 / 5) * (1 / 20 + 1) + 2.25 / 8)


def test_the_accuracy_and_the_budget():
    noise, x, curvature = MAML.noise(SETTING), 0.6, 0.2
    T = max((61 * (1 + x) * noise) ** 0.5, 61 * curvature * noise, 0.01)
    assert MAML.accuracy(SETTING) == pytest.approx(T)
    assert MAML.budget(SETTING) == pytest.approx(361 * 2 * (8 + 3.14 * 0.4 * (3 + T)) / T**2)


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
