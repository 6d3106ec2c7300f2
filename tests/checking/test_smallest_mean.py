"""The smallest of many means: its bounds cover it, selection does not flatter it, and half a run refutes nothing."""

import numpy as np
import pytest

from mamllib.checking.smallest_mean import SmallestMean

MEANS = np.array([0.5, 0.2, 0.21, 0.4])
RISK, REPLICATIONS = 0.05, 400


def rows(seed, m=40):
    return np.random.default_rng(seed).exponential(MEANS, size=(m, len(MEANS)))


def quantities(complete=True):
    return [SmallestMean(rows(seed), complete).quantity(RISK) for seed in range(REPLICATIONS)]


def test_the_bounds_cover_the_smallest_mean():
    found = quantities()
    threshold = 1 - RISK - 3 * np.sqrt(RISK * (1 - RISK) / REPLICATIONS)
    assert np.mean([q.upper >= MEANS.min() for q in found]) >= threshold
    assert np.mean([q.lower <= MEANS.min() for q in found]) >= threshold


def test_the_held_out_mean_is_not_biased_downward():
    values = [q.value for q in quantities()]
    naive = [rows(seed).mean(axis=0).min() for seed in range(REPLICATIONS)]
    error = np.std(values) / np.sqrt(REPLICATIONS)
    assert np.mean(values) >= MEANS.min() - 3 * error
    assert np.mean(naive) < MEANS.min() - 3 * error


def test_a_run_that_is_not_complete_has_no_lower_bound():
    assert SmallestMean(rows(0), complete=False).quantity(RISK).lower == 0
    assert SmallestMean(rows(0), complete=True).quantity(RISK).lower > 0


def test_rows_without_noise_have_no_error():
    quantity = SmallestMean(np.tile([3.0, 2.0], (10, 1)), True).quantity(1e-6)
    assert quantity.lower == quantity.value == quantity.upper == pytest.approx(2.0)


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="3 rows are too few"):
        SmallestMean(rows(0, m=3), True)
