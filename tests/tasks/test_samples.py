"""Samples from a key and from uniform numbers have one law, and whichever way a class wrote last decides."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import kstest

import mamllib as ml
from mamllib.tasks.noise import Noise
from mamllib.tasks.samples import samples_from, samples_read
from mamllib.tasks.task import draw, register
from mamllib.uniforms import key_from, uniforms
from tests.tasks.instances import ALL, FINITE

DRAWS = 30_000
NUMBERS = uniforms(jax.random.key(1), 4 * DRAWS)


@pytest.mark.parametrize("name", FINITE)
def test_every_atom_comes_as_often_as_any_other(name):
    task = FINITE[name].task
    atoms = np.asarray(task.support()).reshape(-1, np.size(task.support()) // len(task.support()))
    drawn = np.asarray(samples_from(task, NUMBERS[: samples_read(task, DRAWS)], DRAWS)).reshape(DRAWS, -1)
    distinct, multiplicity = np.unique(atoms, axis=0, return_counts=True)
    found, counts = np.unique(drawn, axis=0, return_counts=True)
    np.testing.assert_array_equal(found, distinct)
    expected = multiplicity / len(atoms)
    assert np.all(np.abs(counts / DRAWS - expected) <= 4.5 * np.sqrt(expected * (1 - expected) / DRAWS))


@pytest.mark.parametrize("name", ALL)
def test_as_many_numbers_are_read_as_are_said(name):
    task, size = ALL[name].task, 7
    count = samples_read(task, size)
    one, more = (draw(task, NUMBERS[: count + extra], size) for extra in (0, 5))
    jax.tree.map(np.testing.assert_array_equal, one, more)
    assert all(leaf.shape[0] == size for leaf in jax.tree.leaves(one))
    jax.tree.map(
        np.testing.assert_array_equal,
        draw(task, jax.random.key(3), size),
        draw(task, uniforms(jax.random.key(3), count), size),
    )


def test_gaussian_noise_is_standard_normal_in_every_direction():
    noise = ml.GaussianNoise(0.7, 0.4, jnp.ones(3))
    assert noise.numbers_read(DRAWS) == 4 * DRAWS
    xi, zeta = noise.sample_from(NUMBERS, DRAWS)
    assert xi.shape == (DRAWS, 3)
    values = np.column_stack([xi, zeta])
    assert all(kstest(column, "norm").pvalue > 1e-3 for column in values.T)
    assert np.all(np.abs(np.corrcoef(values.T) - np.eye(4)) < 5 / np.sqrt(DRAWS))


@register
class OwnSample(ml.Task):
    """A task of a reader who wrote ``sample`` alone."""

    scale: object
    constants = property(lambda self: ml.Constants(1.0, 0.0, 1.0, 0.0))

    def loss(self, w):
        return jnp.sum(w**2) / 2

    def sample(self, key, size):
        return self.scale * jax.random.exponential(key, (size,))

    def support(self):
        return None


class OwnSampleFrom(OwnSample):
    """One who then wrote ``sample_from``."""

    def sample_from(self, numbers, size):
        return -self.scale * jnp.log(numbers[:size])


class Both(OwnSampleFrom):
    """One who wrote both: ``sample`` is the older word, and decides."""

    def sample(self, key, size):
        return jnp.zeros(size)

    def sample_from(self, numbers, size):
        return jnp.ones(size)


class NoiseOfTheirOwn(Noise):
    def sample(self, key, size):
        return 5 + jax.random.uniform(key, (size,))


def test_a_task_with_a_sample_of_its_own_is_asked_for_it():
    task, size = OwnSample(2.0), 6
    assert samples_read(task, size) == 2
    np.testing.assert_array_equal(samples_from(task, NUMBERS[:2], size), task.sample(key_from(NUMBERS[:2]), size))
    np.testing.assert_array_equal(draw(task, jax.random.key(3), size).theta, task.sample(jax.random.key(3), size))


def test_what_was_written_last_decides_for_keys_and_numbers_alike():
    later, both = OwnSampleFrom(2.0), Both(2.0)
    assert samples_read(later, 6) == 6
    np.testing.assert_array_equal(samples_from(later, NUMBERS[:6], 6), -2 * jnp.log(NUMBERS[:6]))
    np.testing.assert_array_equal(draw(later, jax.random.key(0), 6).theta, -2 * jnp.log(uniforms(jax.random.key(0), 6)))
    for source in (NUMBERS[:6], jax.random.key(0)):
        np.testing.assert_array_equal(samples_from(both, source, 6), 0)


def test_a_noise_with_a_sample_of_its_own_is_asked_for_it():
    task = ml.Noisy(ml.Quadratic(1.0, 0.0), NoiseOfTheirOwn())
    assert samples_read(task, 9) == 2
    for source in (NUMBERS[:2], jax.random.key(0)):
        drawn = draw(task, source, 9).theta
        assert len(set(drawn.tolist())) == 9
        assert np.all((drawn > 5) & (drawn < 6))
