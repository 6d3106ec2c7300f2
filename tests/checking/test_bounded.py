"""Bounds for samples in a known range: they keep their level where Student's do not, and are not wide for nothing."""

import functools
import re
from fractions import Fraction as Q
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta, binom

import mamllib as ml
from benchmarks.coverage import LAWS, bounds
from mamllib.checking.bounded import bounds_of_mean
from mamllib.checking.smallest_mean import SmallestMean
from mamllib.checking.statistics import mean_bounds
from mamllib.measured import load
from mamllib.statements.fallah2020 import lemma_4_9

INDEX = Path(__file__).parents[2] / "book" / "index.md"
BOUND = re.compile(r" \| (Student|betting) \| ")
RISK = 1e-3
UNIT = (0.0, 1.0)


def coins(ones: int, n: int) -> np.ndarray:
    return np.repeat([1.0, 0.0], [ones, n - ones])


@functools.cache
def bounds_of_coins(n: int, limits) -> tuple:
    """Both bounds for every outcome of n coins."""
    return mean_bounds(np.array([coins(k, n) for k in range(n + 1)]), RISK, limits)


def miss_probabilities(n: int, p: float, limits) -> np.ndarray:
    """The exact chances with which either bound misses p, over all outcomes of n coins."""
    lower, upper = bounds_of_coins(n, limits)
    chances = binom.pmf(np.arange(n + 1), n, p)
    return np.array([chances[lower > p].sum(), chances[upper < p].sum()])


@pytest.mark.parametrize("p", [0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("n", [2, 4, 16, 100, 300])
def test_either_bound_of_a_coin_misses_no_more_often_than_it_says(n, p):
    assert miss_probabilities(n, p, UNIT).max() <= RISK


@pytest.mark.parametrize(("n", "p", "share"), [(4, 0.1, 0.6), (16, 0.1, 0.15), (100, 0.001, 0.9), (800, 0.001, 0.4)])
def test_students_bound_misses_hundreds_of_times_more_often(n, p, share):
    assert miss_probabilities(n, p, None).max() >= share


@pytest.mark.parametrize("law", ["exponential, clipped at 5", "uniform"])
@pytest.mark.parametrize("n", [4, 16, 100])
def test_the_level_is_kept_by_other_laws(law, n):
    known = LAWS[law]
    lower, upper = mean_bounds(known.draw(np.random.default_rng(0), (1_000, n)), 0.05, known.range)
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1_000)
    assert np.mean(lower > known.mean) <= most
    assert np.mean(upper < known.mean) <= most


@pytest.mark.parametrize(("n", "ones"), [(16, 0), (64, 8), (100, 50), (800, 1), (4_000, 400)])
def test_no_bound_is_half_as_far_again_as_the_exact_one(n, ones):
    lower, upper = bounds_of_mean(coins(ones, n), UNIT, RISK)
    exact = (beta.ppf(RISK, ones, n - ones + 1) if ones else 0.0), beta.ppf(1 - RISK, ones + 1, n - ones)
    assert lower <= exact[0]
    assert exact[1] <= upper
    assert upper - lower <= 1.5 * (exact[1] - exact[0])


def test_samples_that_hardly_vary_have_narrow_bounds():
    samples = 0.8 + 0.01 * np.random.default_rng(0).uniform(-1, 1, 4_000)
    lower, upper = bounds_of_mean(samples, UNIT, RISK)
    assert 0.795 < lower < samples.mean() < upper < 0.805


def test_another_unit_and_a_mirror_give_the_same_bounds():
    samples = np.random.default_rng(0).uniform(size=(3, 20)) ** 2
    lower, upper = bounds_of_mean(samples, UNIT, RISK)
    np.testing.assert_allclose(
        bounds_of_mean(7 * samples - 2, (-2.0, 5.0), RISK), (7 * lower - 2, 7 * upper - 2), rtol=1e-6
    )
    np.testing.assert_allclose(bounds_of_mean(1 - samples, UNIT, RISK), (1 - upper, 1 - lower), rtol=1e-6)
    np.testing.assert_allclose([bounds_of_mean(one, UNIT, RISK)[0] for one in samples], lower)


def test_the_order_of_the_samples_does_not_matter():
    samples = np.random.default_rng(0).uniform(size=(1, 30))
    np.testing.assert_allclose(bounds(samples, UNIT), bounds(samples[:, ::-1], UNIT))


@pytest.mark.parametrize("wrong", [-0.01, 1.01, np.nan])
def test_a_sample_outside_the_range_is_refused(wrong):
    with pytest.raises(ValueError, match="not in the range 0 to 1"):
        bounds_of_mean(np.array([0.5, wrong, 0.2]), UNIT, RISK)


def test_round_off_at_the_end_of_the_range_is_no_sample_outside():
    lower, upper = bounds_of_mean(np.array([1 + 1e-15, -1e-15, 1.0]), UNIT, RISK)
    assert 0 <= lower < upper <= 1


def test_a_mean_and_the_smallest_of_many_take_the_range():
    rows = (np.random.default_rng(0).random((16, 3)) < 0.05).astype(float)
    mean = ml.Mean(rows.T, UNIT).quantity(RISK)
    np.testing.assert_allclose((mean.lower, mean.upper), bounds_of_mean(rows.T, UNIT, RISK))
    assert mean.grade == ml.Grade.STATISTICAL
    smallest = SmallestMean(rows, True, UNIT).quantity(RISK)
    assert smallest.lower <= 0.05 <= smallest.upper
    assert smallest.upper > SmallestMean(rows, True).quantity(RISK).upper
    steady = SmallestMean(np.tile([0.9, 0.8], (400, 1)), True, UNIT).quantity(RISK)
    np.testing.assert_allclose(steady.lower, bounds_of_mean(np.full(400, 0.8), UNIT, RISK / 2)[0])


def test_the_norm_of_a_mean_in_a_ball_is_covered_where_students_bound_is_not():
    """X = (1, 0, 0) with probability 0.02, else 0: most samples of 16 are all zero, and without noise."""
    first = np.random.default_rng(0).random((2_000, 16)) < 0.02
    blocks = first[..., None] * np.array([1.0, 0.0, 0.0])
    known, unknown = (ml.NormOfMean(blocks, radius).quantity(RISK) for radius in (1.0, None))
    assert np.mean(unknown.upper < 0.02) > 0.5
    assert np.mean((known.lower > 0.02) | (known.upper < 0.02)) <= 2 * RISK
    assert np.all((known.lower <= known.value) & (known.value <= known.upper))
    far = ml.NormOfMean(3 * blocks, 3.0).quantity(RISK)
    np.testing.assert_allclose((far.lower, far.upper), (3 * known.lower, 3 * known.upper), rtol=1e-6)
    sure = ml.NormOfMean(np.full((2_000, 1), 0.9), 1.0).quantity(RISK)
    assert 0.88 < sure.lower <= 0.9 <= sure.upper
    assert ml.NormOfMean(np.full((2_000, 1), 2.7), 3.0).quantity(RISK).lower == pytest.approx(3 * sure.lower, rel=1e-6)


def test_the_estimated_step_is_bounded_by_the_range_of_its_draws():
    step = lemma_4_9.rippled(0, samples=100)
    for power in (1, 2):
        mean = step.moment(power)
        assert mean.range == (0.0, float(step.smoothness / (4 * step.constants.L)) ** power)
        assert mean.blocks.max() <= mean.range[1] * (1 + 1e-12)


def test_the_kept_coverage_shows_both_bounds_for_the_laws_that_have_a_range():
    table = load("coverage")
    assert set(table.law) == set(LAWS)
    assert (table.trials >= 10_000).all()
    assert set(table.samples) == {4, 16, 100, 800}
    betting = table[table.bound == "betting"]
    assert set(betting.law) == {name for name, law in LAWS.items() if law.range}
    assert (betting[["lower_missed", "upper_missed"]].max(axis=1) <= betting.risk).all()
    student = table[table.bound == "Student"].set_index(["law", "samples"]).upper_missed
    for p, n in ((Q(1, 10), 4), (Q(1, 1000), 800)):
        row = student[f"Bernoulli, p = {float(p):g}", n]
        assert row == pytest.approx(miss_probabilities(n, float(p), None)[1], abs=0.02)


def test_the_home_page_shows_the_kept_coverage():
    rows = [line.split(" | ") for line in INDEX.read_text(encoding="utf-8").splitlines() if BOUND.search(line)]
    shown = {(law.strip("| "), bound): [float(cell.strip("| ")) for cell in cells] for law, bound, *cells in rows}
    table = load("coverage").assign(missed=lambda t: 100 * t[["lower_missed", "upper_missed"]].max(axis=1))
    kept = {key: list(group.missed) for key, group in table.groupby(["law", "bound"])}
    assert set(shown) == set(kept)
    for key, missed in kept.items():
        assert shown[key] == pytest.approx(missed, rel=5e-3), key
