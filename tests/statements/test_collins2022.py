"""Collins et al. (2022): values by hand, in fractions where they are, and what condition (i) does not say."""

import dataclasses
import math
from fractions import Fraction as Q

import jax
import numpy as np
import pytest

import mamllib as ml
from mamllib.statements.collins2022 import (
    adapted_risk,
    condition_i,
    condition_ii,
    digits,
    landscape,
    limit,
    mixture,
    ring,
    samples,
    saturation,
    two_layer,
    weights,
)
from mamllib.statements.collins2022.landscape import Mixture, one_dimension, ten_dimensions


def diagonal(curvature, alpha=Q(9, 10), m=2):
    covariance = np.array([[Q(1), Q(0)], [Q(0), Q(1, 4)]])
    return list(np.diag(curvature(covariance, alpha, m)))


@pytest.mark.parametrize(
    ("curvature", "m", "expected"),
    [
        (adapted_risk.formula, 2, [Q(541, 640), Q(169, 640)]),
        (adapted_risk.formula, 1, [Q(2689, 1600), Q(2419, 6400)]),
        (adapted_risk.without_share, 2, [Q(2689, 1600), Q(2419, 6400)]),
        (adapted_risk.without_cube, 2, [Q(1409, 3200), Q(3299, 12800)]),
        (adapted_risk.traces_exchanged, 2, [Q(737, 800), Q(301, 1600)]),
        (adapted_risk.of_the_gradient, 2, [Q(1, 100), Q(961, 6400)]),
    ],
)
def test_the_curvature_by_hand(curvature, m, expected):
    assert diagonal(curvature, m=m) == expected


def listed(law: str, m: int):
    """The curvature along each axis, from every batch."""
    root, zero = np.array([[Q(1), Q(0)], [Q(0), Q(1, 2)]]), np.array([Q(0), Q(0)])
    family = ml.TaskFamily.of([ml.LinearRegression(root, zero, None, law)])
    along = [np.array([Q(1), Q(0)]), np.array([Q(0), Q(1)])]
    return [2 * adapted_risk.AdaptedRisk.of(family, Q(9, 10), w, m).answer.parts.risk[0] for w in along]


def test_every_batch_gives_the_same_curvature():
    assert listed("three points", 2) == [Q(541, 640), Q(169, 640)]
    assert listed("signs", 1) == [Q(97, 1600), Q(2257, 6400)]


def test_in_one_dimension_with_one_sample():
    asked = adapted_risk.one_axis()
    assert asked.answer.parts.risk == [Q(163, 200)]


def test_normal_features_have_the_same_curvature():
    """An estimate from 200,000 batches of normal features, off the axes, with noise."""
    rng = np.random.default_rng(0)
    root, optimum, noise, alpha, m = rng.normal(size=(2, 3)), rng.normal(size=2), 0.7, 0.2, 3
    features = rng.normal(size=(200_000, m, 3)) @ root.T
    error = np.array([0.4, -1.1])
    slope = np.einsum("bmi,bm->bi", features, features @ error - noise * rng.normal(size=(200_000, m))) / m
    adapted = error - alpha * slope
    covariance = root @ root.T
    risks = np.einsum("bi,ij,bj->b", adapted, covariance, adapted) / 2 + noise**2 / 2
    family = ml.TaskFamily.of([ml.LinearRegression(root, optimum, np.float64(noise), "three points")])
    asked = adapted_risk.AdaptedRisk(family, alpha, optimum + error, m)
    assert abs(risks.mean() - adapted_risk.closed(asked)[0]) < 5 * risks.std() / math.sqrt(len(risks))


def test_off_the_axes_every_batch_is_listed_too():
    rng = np.random.default_rng(3)
    roots = rng.normal(size=(2, 2, 2)) * np.array([[1.0, 1.0], [1.0, 0.0]])[:, None, :]
    tasks = [ml.LinearRegression(root, rng.normal(size=2), np.float64(0.5), "three points") for root in roots]
    asked = adapted_risk.AdaptedRisk.of(ml.TaskFamily.of(tasks), 0.7, rng.normal(size=2), 2)
    np.testing.assert_allclose(asked.answer.parts.risk, adapted_risk.closed(asked), rtol=1e-12)


def test_another_task_is_refused_by_name():
    family = ml.TaskFamily.of([ml.Quadratic(1.0, np.zeros(2))])
    with pytest.raises(TypeError, match="a task is of type Quadratic; give a LinearRegression"):
        adapted_risk.AdaptedRisk.of(family, 0.1, np.zeros(2), 2)


def test_where_both_end():
    found = one_dimension(R=Q(1), alpha=Q(1, 2)).measured
    assert (found.nal, found.maml) == (Q(1, 3), Q(9, 17))
    assert weights.formula(one_dimension(R=Q(1), alpha=Q(1, 2)), 1)[1] == Q(3, 7)


@pytest.mark.parametrize(
    ("m", "curvatures", "delta", "ratio"),
    [
        (math.inf, (0, Q(1, 8)), Q(2, 3), 5),
        (8, (Q(1, 4), Q(5, 32)), Q(2, 39), Q(533, 529)),
        (6, None, 0, 1),
        (2, None, Q(-2, 15), Q(65, 61)),
    ],
)
def test_the_mixture_by_hand(m, curvatures, delta, ratio):
    asked = one_dimension(m)
    assert landscape.ratio(asked) == mixture.formula(asked) == ratio
    assert landscape.displacement(asked) == delta
    assert curvatures is None or landscape.curvatures(asked) == curvatures


def test_the_mixture_in_ten_dimensions():
    asked = ten_dimensions()
    shown = [landscape.ratio(asked), mixture.one_dimension_less(asked), mixture.formula(asked, 1)]
    shown += [mixture.formula(asked, 2, mixture.without_cross_term)]
    np.testing.assert_allclose(shown, [3.0075, 3.2147, 3.8862, 7.6228], rtol=5e-5)


def test_by_batches_and_by_matrices_is_the_same():
    for m in (1, 2, 5):
        asked = one_dimension(m)
        exact = [landscape._listed(asked, rho, Q(3)) for rho in (asked.rho_E, asked.rho_H)]
        assert exact == [landscape._by_matrices(asked, rho, Q(3)) for rho in (asked.rho_E, asked.rho_H)]


@pytest.mark.parametrize(("m", "towards_hard"), [(13, False), (14, True)])
def test_how_many_samples_it_takes_to_favour_the_hard_tasks(m, towards_hard):
    """(d + 1)αs/(2 − αs) = 13.4 at d = 10, ρ_H = 1/10."""
    asked = ten_dimensions(m)
    assert (condition_i.contraction(asked) < 2) == towards_hard == (asked.measured.maml > asked.measured.nal)


def test_the_direction_is_that_of_the_formula_on_random_instances():
    rng = np.random.default_rng(1)
    for _ in range(300):
        alpha, rho_E, rho_H, R = rng.uniform(0.05, 2.0, 4)
        asked = Mixture.of(alpha, rho_E, rho_H, 1.0, 1.0, R, int(rng.integers(1, 12)), int(rng.integers(1, 200)))
        for name in ("condition_i", "mixture", "condition_ii", "saturation"):
            assert ml.statement(f"collins2022/{name}").check(asked).verdict != ml.Verdict.VIOLATED
        assert np.isclose(condition_i.formula(asked), landscape.displacement(asked), rtol=1e-9, atol=1e-13)


def test_equal_spectra_by_hand():
    """‖·‖²/72 at e = ½, which is no square: with e = ¼ and ‖·‖² = 10 it is (¼·9/16/(4·25/16))·10."""
    check = ml.statement("collins2022/equal_spectra").check_all(0)[0]
    assert check.lhs.value[0] == Q(1, 4) * Q(9, 16) / (4 * Q(25, 16)) * 10
    assert check.lhs.value[2] == 0


def test_how_the_gain_falls_with_the_spread_of_hard_optima():
    ratios = [landscape.ratio(ten_dimensions(r_H=r_H)) for r_H in (0.01, 0.1, 1.0, 10.0, 100.0)]
    np.testing.assert_allclose(ratios, [3.17, 3.01, 2.16, 1.22, 1.02], atol=0.005)


def test_wrong_bounds_by_hand():
    tight, loose = one_dimension(r_E=Q(4)), one_dimension(8)
    assert condition_ii.bound(tight) == landscape.gain(tight) == 4
    assert condition_ii.bound(tight) * tight.r_H / tight.r_E == 1
    assert condition_ii.bound(tight) / tight.R == Q(4, 3)
    assert (landscape.gain(loose), condition_ii.lowered(loose)) == (Q(4, 529), Q(4, 169))
    packed = one_dimension(8, r_E=Q(0), R=Q(1, 10))
    assert round(float(landscape.gain(packed) / condition_ii.lowered(packed)), 2) == 2.58


def test_the_limit_by_hand():
    asked = [Mixture.of(1.0, 1.0, rho_H, 1.0, 0.1, 2.0, 1, math.inf) for rho_H in (0.5, 0.1, 0.01, 0.001)]
    np.testing.assert_allclose([landscape.ratio(each) for each in asked], [18.78, 34.06, 40.21, 40.92], atol=0.005)
    assert round(limit.formula(asked[0], 1), 1) == 27.7
    assert round(limit.formula(asked[0], 0), 1) == 41.0


def test_the_gain_saturates():
    """The largest gain for which the ratios 2.05, 3.41, 3.83, 3.88, 3.88 are, at R = 1, 3, 10, 100, 1000."""
    ratios = [landscape.ratio(ten_dimensions(R=R)) for R in (1.0, 3.0, 10.0, 100.0, 1000.0)]
    np.testing.assert_allclose(ratios, [2.05, 3.41, 3.83, 3.88, 3.88], atol=0.006)
    assert round(1 + saturation.bounds(ten_dimensions())[1], 4) == 3.8806
    by_hand = one_dimension(8)
    assert saturation.bounds(by_hand)[1] == Q(1, 90)
    assert round(float(1 + saturation.bounds(by_hand, 1)[1]), 4) == 1.0274


def test_how_the_gain_grows_with_samples():
    ratios = [landscape.ratio(ten_dimensions(m, rho_H=0.01)) for m in (1, 10, 100, 1000, 10**4, 10**5)]
    np.testing.assert_allclose(ratios, [1.0, 1.0, 1.017, 1.541, 6.712, 25.912], atol=0.01)
    asked = ten_dimensions(1000, rho_H=0.01)
    wrong = samples.left(asked, lambda each: samples.needed(each, factor=1))[0]
    assert (round(wrong, 2), round(landscape.gain(asked), 3)) == (2.96, 0.541)
    spread = ten_dimensions(10**5, rho_H=0.01, r_E=100.0)
    without = samples.left(spread, lambda each: samples.needed(each, spread=each.R**2))[0]
    assert (round(without, 1), round(samples.left(spread)[0], 3)) == (26.8, 3.059)
    assert round(landscape.gain(spread), 3) == 3.060


def test_two_tasks_by_hand():
    asked = two_layer.parabolas()
    assert two_layer.factor(asked) == Q(4, 9)
    assert list(asked.answer.parts.sizes) == [Q(9, 17), Q(4, 17)]


@pytest.mark.parametrize(
    ("teacher", "ratio", "constant"),
    [(((2.0, 0.0), (-2.0, 0.0)), 0.3263, 0.3908), (two_layer.TILTED, 0.2995, 0.4253)],
)
def test_the_network_by_hand(teacher, ratio, constant):
    asked = two_layer.network(teacher)
    easy, hard = asked.answer.parts.sizes
    np.testing.assert_allclose([hard / easy, two_layer.factor(asked)], [ratio, constant], rtol=2e-4)
    assert asked.answer.parts.meta_gradient < 1e-12 * easy


def test_the_network_s_spectrum():
    asked = two_layer.network()
    np.testing.assert_allclose([asked.beta_E, asked.L_E, asked.L_H], [0.226, 0.253, 0.062], atol=6e-4)
    np.testing.assert_allclose(np.abs(asked.w), [[1.4334, 0], [1.4334, 0]], atol=1e-4)


def test_standard_training_ends_where_the_gradients_balance():
    easy, hard = two_layer.network(end=ring.task_gradients_balance).answer.parts.sizes
    np.testing.assert_allclose(easy, hard, rtol=1e-9)


@pytest.mark.parametrize(
    ("bound", "change", "unmet"),
    [("beta_E", 1e-3, "β_E ≤ ∇²f_E"), ("L_E", -1e-3, "∇²f_E ≤ L_E"), ("L_H", -1e-3, "∇²f_H ≤ L_H")],
)
def test_a_bound_declared_too_sharp_is_seen_on_the_path(bound, change, unmet):
    asked = two_layer.network()
    asked = dataclasses.replace(asked, **{bound: getattr(asked, bound) + change})
    check = two_layer.TWO_LAYER.check(asked)
    assert check.verdict == ml.Verdict.SILENT
    assert check.smallest_margin[0] == unmet


def test_curvature_between_two_points_is_seen_by_the_step_itself():
    """A kink that no Hessian shows: relu of the first coordinate falls inside the step, between sixteenths."""

    def kinked(w, row):
        return row["a"] * (w[0] ** 2 / 2 + 4 * jax.nn.relu(w[0] - 0.517))

    constants = ml.Constants(*(4 * (math.inf,)))
    tasks = [
        ml.Empirical({"a": np.array([1.0])}, constants, kinked),
        ml.Empirical({"a": np.array([0.1])}, constants, kinked),
    ]
    asked = two_layer.TwoTasks.of(ml.TaskFamily.of(tasks), 0.1, np.array([1.0]), 0.0, 1.0, 0.2, 1)
    assert two_layer.TWO_LAYER.check(asked).verdict == ml.Verdict.SILENT


def test_two_tasks_are_asked_for():
    family = ml.TaskFamily.of([ml.Quadratic(1.0, 0.0)])
    with pytest.raises(ValueError, match="family has 1 tasks; give two, the easy one first"):
        two_layer.TwoTasks.of(family, 0.1, 0.0, 1.0, 1.0, 1.0)


def test_the_moments_of_digit_pairs_are_those_of_batches_of_images():
    """Against 40,000 batches of the images themselves."""
    task, alpha, m = digits.regressions()[13], 1.0, 4
    rng = np.random.default_rng(0)
    points = [task.optimum + 0.5 * rng.normal(size=task.optimum.size) for _ in range(2)]
    risk = digits.measured(task, alpha, m)
    rows = rng.integers(len(task.labels), size=(40_000, m))
    x, y = task.features[rows], task.labels[rows]

    def sampled(w):
        slope = np.einsum("bmi,bm->bi", x, x @ w - y) / m
        error = w - alpha * slope - task.optimum
        return np.einsum("bi,ij,bj->b", error, task.covariance, error) / 2

    differences = sampled(points[0]) - sampled(points[1])
    formula = risk.excess(points[0]) - risk.excess(points[1])
    assert abs(differences.mean() - formula) < 5 * differences.std() / math.sqrt(len(rows))


def test_for_normal_features_both_formulas_of_digit_pairs_agree():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(400_000, 3)) @ np.diag([1.0, 0.6, 0.3])
    task = digits.Regression((0, 1), features, features @ np.array([1.0, -1.0, 2.0]) + rng.normal(size=400_000))
    one, other = digits.predicted(task, 0.7, 3), digits.measured(task, 0.7, 3)
    np.testing.assert_allclose(one.curvature, other.curvature, atol=0.01)
    np.testing.assert_allclose(one.slope, other.slope, atol=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": math.nan}, "alpha = nan"),
        ({"rho_H": 0.0}, r"rho_H = 0\.0"),
        ({"R": math.inf}, "R = inf"),
        ({"m": 0}, "m = 0"),
        ({"m": 2.5}, r"m = 2\.5"),
        ({"d": 0}, "d = 0 is not allowed: d is an integer ≥ 1"),
    ],
)
def test_a_landscape_that_is_none_is_refused(change, message):
    given = {"alpha": 1.0, "rho_E": 1.0, "rho_H": 0.5, "r_E": 1.0, "r_H": 1.0, "R": 3.0, "d": 2, "m": 8}
    with pytest.raises(ValueError, match=message):
        Mixture.of(**(given | change))
