"""What is made of uniform numbers has the law that it should have."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from mamllib.precision import computing_in
from mamllib.uniforms import (
    choice_from,
    index_from,
    is_key,
    key_from,
    normal_from,
    numbers_of,
    randomness_for,
    uniforms,
)

DRAWS = 100_000
NUMBERS = uniforms(jax.random.key(0), DRAWS)
CELLS = jnp.asarray((np.arange(DRAWS) + 0.5) / DRAWS)


def test_numbers_are_uniform_independent_and_inside_the_interval():
    assert stats.kstest(np.asarray(NUMBERS), "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(NUMBERS[:-1], NUMBERS[1:])[0, 1]) < 4 / np.sqrt(DRAWS)
    assert NUMBERS.min() > 0
    assert NUMBERS.max() < 1


def test_numbers_that_are_drawn_already_are_handed_on():
    np.testing.assert_array_equal(uniforms(NUMBERS, 7), NUMBERS[:7])


@pytest.mark.parametrize("key", [jax.random.key(0), jax.random.PRNGKey(0)])
def test_a_key_is_told_from_numbers(key):
    assert is_key(key)
    assert not is_key(NUMBERS)
    assert uniforms(key, 5).shape == (5,)


@pytest.mark.parametrize("probabilities", [(0.2, 0.5, 0.3), (0.0, 1.0), (0.5, 0.0, 0.5, 0.0), (1.0,)])
def test_a_choice_comes_as_often_as_its_probability_says(probabilities):
    chosen = choice_from(CELLS, jnp.asarray(probabilities))
    shares = np.bincount(chosen, minlength=len(probabilities)) / DRAWS
    np.testing.assert_allclose(shares, probabilities, atol=1.5 / DRAWS)
    assert np.all((shares > 0) == (np.asarray(probabilities) > 0))


def test_a_choice_among_many_is_the_same():
    probabilities = jnp.arange(1000.0) / 499_500
    shares = np.bincount(choice_from(CELLS, probabilities), minlength=1000) / DRAWS
    np.testing.assert_allclose(shares, probabilities, atol=1.5 / DRAWS)


@pytest.mark.parametrize("count", [1, 3, 348, 2**20 + 1])
def test_an_index_lies_in_its_range_and_all_are_equally_likely(count):
    index = index_from(CELLS, count)
    np.testing.assert_allclose(index, np.floor(np.asarray(CELLS) * count))
    ends = index_from(jnp.array([0.5, 2**32 - 0.5]) / 2**32, count)
    assert ends.tolist() == [0, count - 1]


def test_normal_numbers_are_normal():
    assert stats.kstest(np.asarray(normal_from(NUMBERS)), "norm").pvalue > 1e-3
    assert np.all(np.isfinite(normal_from(jnp.array([0.5, 2**32 - 0.5]) / 2**32)))


def test_a_key_made_of_numbers_depends_on_both():
    one, other, third = key_from(NUMBERS[:2]), key_from(NUMBERS[1:3]), key_from(NUMBERS[jnp.array([0, 2])])
    values = [float(jax.random.uniform(key)) for key in (one, other, third)]
    assert len(set(values)) == 3
    assert float(jax.random.uniform(key_from(NUMBERS[:2]))) == values[0]


class Reader:
    def numbers_read(self, problem):
        return 3 * problem


def test_a_reader_is_given_what_it_reads():
    assert numbers_of(Reader(), 5) == 15
    assert numbers_of(abs, 5) == 2
    np.testing.assert_array_equal(randomness_for(Reader(), NUMBERS), NUMBERS)
    assert is_key(randomness_for(abs, NUMBERS))
    assert randomness_for(abs, jax.random.key(3)) == jax.random.key(3)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_largest_and_the_smallest_number_lie_inside_the_interval_in_either_precision(dtype, monkeypatch):
    """Rounded up to 1, a number would choose the row behind the last, and a normal number would be infinite."""
    for bits in (0, 2**32 - 1):
        monkeypatch.setattr(jax.random, "bits", lambda key, shape, kind, bits=bits: jnp.full(shape, bits, kind))
        with computing_in(dtype):
            numbers = uniforms(jax.random.key(0), 2)
            assert numbers.dtype == dtype
            assert numbers.min() > 0
            assert numbers.max() < 1
            assert np.all(np.isfinite(normal_from(numbers)))
            for count in (1, 3, 4, 5, 1000, 2**20 + 1):
                assert index_from(numbers[0], count) == (count - 1 if bits else 0)
            weights = jnp.asarray([0.0, 0.3, 0.7, 0.0])
            assert choice_from(numbers[0], weights) == (2 if bits else 1)


def test_float32_meets_the_numbers_of_float64():
    with computing_in(np.float32):
        narrow = np.asarray(uniforms(jax.random.key(0), DRAWS))
    np.testing.assert_allclose(narrow, NUMBERS, atol=2.0**-23)
    assert stats.kstest(narrow, "uniform").pvalue > 1e-3
