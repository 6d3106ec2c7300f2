"""Confidence bounds whose coverage is measured, on either side separately, and an interval that fails the measurement.

A block of a stream is a mean of at least 32 draws; so are the blocks here.
"""

import functools

import numpy as np
import pytest
from scipy import stats

from mamllib import Grade, Mean, NormOfMean
from mamllib.checking.quantity import Quantity
from mamllib.checking.statistics import risk_per_comparison
from mamllib.monte_carlo import BLOCKS, DRAWS_PER_CHUNK

REPLICATIONS = 1_000
LEVEL = 0.95
DIMENSION = 3
DIRECTION = np.array([2.0, -1.0, 2.0]) / 3


def least_coverage(level, replications):
    """The nominal level less three binomial standard errors."""
    return level - 3 * np.sqrt(level * (1 - level) / replications)


def gaussian(rng, shape):
    return rng.normal(size=shape)


def exponential(rng, shape):
    """Skewed draws of mean 0 and variance 1; a sum of n of them is a gamma variable."""
    return rng.exponential(size=shape) - 1


def block_means(draws, mean, replications=REPLICATIONS, seed=0):
    """Blocks (replications, m, d) of 32 draws each with the given mean vector."""
    rng = np.random.default_rng(seed)
    noise = np.zeros((replications, BLOCKS, len(mean)))
    for _ in range(DRAWS_PER_CHUNK):
        noise += draws(rng, noise.shape)
    return noise / DRAWS_PER_CHUNK + mean


STANDARD_ERROR = 1 / np.sqrt(BLOCKS * DRAWS_PER_CHUNK)
MEANS = {
    "mu far from 0": 20 * STANDARD_ERROR * DIRECTION,
    "mu of one standard error": STANDARD_ERROR * DIRECTION,
    "mu = 0": 0 * DIRECTION,
}
DRAWS = {"Gaussian": gaussian, "exponential": exponential}


@functools.cache
def blocks(draws: str, mean: str):
    return block_means(DRAWS[draws], MEANS[mean])


every_case = pytest.mark.parametrize(("draws", "mean"), [(d, m) for d in DRAWS for m in MEANS])


@every_case
def test_lower_bound_of_a_norm_covers(draws, mean):
    quantity = NormOfMean(blocks(draws, mean)).quantity(1 - LEVEL)
    coverage = np.mean(quantity.lower <= np.linalg.norm(MEANS[mean]))
    assert coverage >= least_coverage(LEVEL, REPLICATIONS)


@every_case
def test_upper_bound_of_a_norm_covers(draws, mean):
    quantity = NormOfMean(blocks(draws, mean)).quantity(1 - LEVEL)
    coverage = np.mean(np.linalg.norm(MEANS[mean]) <= quantity.upper)
    assert coverage >= least_coverage(LEVEL, REPLICATIONS)


@every_case
@pytest.mark.parametrize("side", ["lower", "upper"])
def test_either_bound_of_a_mean_covers(draws, mean, side):
    quantity = Mean(blocks(draws, mean)[..., 0].copy()).quantity(1 - LEVEL)
    truth = MEANS[mean][0]
    covered = quantity.lower <= truth if side == "lower" else truth <= quantity.upper
    assert np.mean(covered) >= least_coverage(LEVEL, REPLICATIONS)


def naive_norm(blocks, risk):
    """The interval of ‖X̄‖ as if the norm of an estimated mean were unbiased, with the delta method's error."""
    mean = blocks.mean(axis=-2, keepdims=True)
    value = np.linalg.norm(mean, axis=-1, keepdims=True)
    error = (blocks @ np.swapaxes(mean / value, -1, -2))[..., 0].std(axis=-1, ddof=1) / np.sqrt(BLOCKS)
    reach = stats.t.ppf(1 - risk, BLOCKS - 1) * error
    value = value[..., 0, 0]
    return Quantity(value, value - reach, value + reach, Grade.STATISTICAL)


def test_the_naive_interval_fails_the_same_measurement_at_zero():
    naive = naive_norm(blocks("Gaussian", "mu = 0"), 1 - LEVEL)
    coverage = np.mean(naive.lower <= 0)
    assert coverage < least_coverage(LEVEL, REPLICATIONS)
    assert coverage < 0.8


def test_the_naive_interval_is_sound_far_from_zero():
    naive = naive_norm(blocks("Gaussian", "mu far from 0"), 1 - LEVEL)
    assert np.mean(naive.lower <= np.linalg.norm(MEANS["mu far from 0"])) >= least_coverage(LEVEL, REPLICATIONS)


@functools.cache
def many_blocks(draws: str):
    return block_means(DRAWS[draws], 5 * STANDARD_ERROR * DIRECTION, 20_000, seed=1)


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize("side", ["lower", "upper"])
def test_the_level_at_which_verdicts_are_given_is_kept(draws, side):
    risk, truth = risk_per_comparison(3), 5 * STANDARD_ERROR
    quantity = NormOfMean(many_blocks(draws)).quantity(risk)
    covered = quantity.lower <= truth if side == "lower" else truth <= quantity.upper
    assert np.mean(covered) >= least_coverage(1 - risk, len(covered))


@pytest.mark.parametrize("mean", MEANS)
def test_the_square_of_the_norm_is_estimated_without_bias(mean):
    rng = np.random.default_rng(2)
    samples = STANDARD_ERROR * np.sqrt(BLOCKS) * rng.normal(size=(4_000, BLOCKS, DIMENSION)) + MEANS[mean]
    total = samples.sum(axis=1)
    by_pairs = (np.sum(total**2, axis=1) - np.sum(samples**2, axis=(1, 2))) / (BLOCKS * (BLOCKS - 1))
    truth = np.sum(MEANS[mean] ** 2)
    error = by_pairs.std() / np.sqrt(len(by_pairs))
    assert abs(by_pairs.mean() - truth) <= 4 * error
    values = NormOfMean(samples).quantity(0.05).value
    np.testing.assert_allclose(values**2, np.maximum(by_pairs, 0), rtol=1e-9, atol=1e-12)


def test_the_plain_square_of_the_norm_is_biased_upward():
    samples = STANDARD_ERROR * np.sqrt(BLOCKS) * np.random.default_rng(2).normal(size=(4_000, BLOCKS, DIMENSION))
    plain = np.sum(samples.mean(axis=1) ** 2, axis=1)
    assert plain.mean() > 10 * plain.std() / np.sqrt(len(plain))
    np.testing.assert_allclose(plain.mean(), DIMENSION * STANDARD_ERROR**2, rtol=0.1)


def test_the_jackknife_error_is_that_of_leaving_each_block_out():
    samples = np.random.default_rng(3).normal(size=(8, 2)) + 4.0

    def by_pairs(x):
        return (np.sum(x.sum(axis=0) ** 2) - np.sum(x**2)) / (len(x) * (len(x) - 1))

    full = by_pairs(samples)
    pseudo = [8 * full - 7 * by_pairs(np.delete(samples, k, axis=0)) for k in range(8)]
    reach = stats.t.ppf(0.95, 7) * np.std(pseudo, ddof=1) / np.sqrt(8)
    quantity = NormOfMean(samples).quantity(0.05)
    assert full > reach > 0
    np.testing.assert_allclose(quantity.lower**2, full - reach, rtol=1e-12)


def test_the_upper_bound_of_a_norm_is_where_the_test_of_it_just_passes():
    samples = np.random.default_rng(3).normal(size=(8, 2)) + 4.0
    quantity = NormOfMean(samples).quantity(0.05)
    spectrum = np.linalg.eigvalsh(np.cov(samples.T))
    theta = quantity.upper**2
    variance = 4 * theta * spectrum.max() / 8 + 2 * np.sum(spectrum**2) / 8**2
    np.testing.assert_allclose(theta - stats.t.ppf(0.95, 7) * np.sqrt(variance), quantity.value**2, rtol=1e-12)


def test_without_a_range_the_interval_of_a_mean_is_students():
    samples = np.random.default_rng(3).normal(size=8)
    quantity = Mean(samples).quantity(0.025)
    interval = stats.t.interval(0.95, 7, samples.mean(), stats.sem(samples))
    np.testing.assert_allclose((quantity.lower, quantity.upper), interval, rtol=1e-12)


def test_many_points_are_each_treated_alone():
    together = NormOfMean(blocks("Gaussian", "mu far from 0")[:5]).quantity(0.05)
    alone = [NormOfMean(one).quantity(0.05) for one in blocks("Gaussian", "mu far from 0")[:5]]
    np.testing.assert_allclose(together.lower, [quantity.lower for quantity in alone])
    np.testing.assert_allclose(together.upper, [quantity.upper for quantity in alone])


@pytest.mark.parametrize(("comparisons", "risk"), [(0, 1e-3), (1, 1e-3), (4, 2.5e-4)])
def test_bonferroni_divides_the_risk(comparisons, risk):
    assert risk_per_comparison(comparisons) == pytest.approx(risk)


def test_bonferroni_keeps_a_family_of_false_alarms_below_its_risk():
    family, families = 10, 1_000
    samples = block_means(gaussian, 0 * DIRECTION[:1], family * families, seed=4)[..., 0]
    lower = Mean(samples).quantity(risk_per_comparison(family, family_risk=0.05)).lower.reshape(families, family)
    wrong = np.mean(np.any(lower > 0, axis=1))
    assert wrong <= 1 - least_coverage(0.95, families)
    uncorrected = Mean(samples).quantity(0.05).lower.reshape(families, family)
    assert np.mean(np.any(uncorrected > 0, axis=1)) > 0.3
