"""A mean over a task batch: the same law however it is computed, and its cost where samples do not matter."""

from collections import Counter

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chisquare

import mamllib as ml
from mamllib import task_batches
from mamllib.batches import draws
from mamllib.chunks import floats_made
from mamllib.step_sizes import estimated_smoothness
from mamllib.task_batches import is_noiseless, task_batch_mean, task_counts

PROBABILITIES = (0.2, 0.5, 0.3)
ORIGIN = jnp.zeros(3)
B = 4
QUADRATICS = [ml.Quadratic(1.0, centre) for centre in -jnp.eye(3)]
SILENT_NOISE = [ml.Noisy(task, ml.RademacherNoise(ORIGIN)) for task in QUADRATICS]


def unit_vector(task, w, batch):
    """The gradient of task i at the origin, which is the unit vector e_i: a mean of them shows who was drawn."""
    return ml.tasks.task.batch_gradient(task, w, batch)


def counts_of_many_draws(family, size, draws=30_000):
    keys = jax.random.split(jax.random.key(1), draws)
    mean = jax.jit(jax.vmap(lambda key: task_batch_mean(unit_vector, family, ORIGIN, key, size, (2,))))
    return np.asarray(size * mean(keys))


WAYS = {
    "counted": (QUADRATICS, B, 100),
    "multinomial": (QUADRATICS, B, 0),
    "task by task": (SILENT_NOISE, B, 100),
    "fewer draws than tasks": (QUADRATICS, 2, 100),
}


@pytest.fixture(params=WAYS.values(), ids=WAYS.keys())
def way(request, monkeypatch):
    tasks, size, draws_per_task = request.param
    monkeypatch.setattr(task_batches, "DRAWS_PER_TASK", draws_per_task)
    return ml.TaskFamily.of(tasks, PROBABILITIES), size


def test_every_batch_comes_as_often_as_it_should(way):
    family, size = way
    counts = counts_of_many_draws(family, size)
    drawn = Counter(map(tuple, np.rint(counts).astype(int).tolist()))
    expected = {outcome: chance * len(counts) for outcome, chance in draws(PROBABILITIES, size)}
    assert drawn.keys() <= expected.keys()
    assert chisquare([drawn[outcome] for outcome in expected], list(expected.values())).pvalue > 1e-4


def test_mean_and_covariance_are_those_of_the_enumeration(way):
    family, size = way
    counts = counts_of_many_draws(family, size)
    listed, chances = map(np.array, zip(*draws(PROBABILITIES, size), strict=True))
    mean = chances @ listed
    covariance = np.einsum("k,ki,kj->ij", chances, listed - mean, listed - mean)
    products = np.einsum("ki,kj->kij", counts - mean, counts - mean)
    for sample, exact in ((counts, mean), (products, covariance)):
        assert np.all(np.abs(sample.mean(axis=0) - exact) <= 4.5 * sample.std(axis=0) / np.sqrt(len(sample)))


def task_and_sign(task, w, batch):
    """One at (task i, sign of the one sample), else zero."""
    return jnp.outer(-task.task.c, jnp.array([1.0, -1.0]) == batch.theta)


def test_samples_are_independent_of_each_other_and_of_the_tasks():
    family, size, samples = ml.TaskFamily.of(SILENT_NOISE, PROBABILITIES), 2, 30_000
    keys = jax.random.split(jax.random.key(1), samples)
    mean = jax.jit(jax.vmap(lambda key: task_batch_mean(task_and_sign, family, ORIGIN, key, size, (1,))))(keys)
    counts = np.rint(size * mean).astype(int).reshape(samples, 6)
    drawn = Counter(map(tuple, counts.tolist()))
    expected = {
        outcome: chance * samples for outcome, chance in draws([p / 2 for p in PROBABILITIES for _ in range(2)], size)
    }
    assert drawn.keys() <= expected.keys()
    assert chisquare([drawn[outcome] for outcome in expected], list(expected.values())).pvalue > 1e-4


def test_a_million_noiseless_tasks_cost_what_twenty_do():
    family = ml.TaskFamily.of(QUADRATICS, PROBABILITIES)

    def floats(function, size):
        return floats_made(lambda key: function(family, key, size), jax.random.key(0))

    def direction(family, key, size):
        return ml.task_batch_direction(ml.maml, family, 0.1, ORIGIN, key, size, ml.BatchSizes(10, 10, 10))

    def smoothness(family, key, size):
        return estimated_smoothness(family, 1.0, 1.0, 0.1, ORIGIN, key, size, 10)

    for function in (direction, smoothness):
        assert floats(function, 10**6) < 2 * floats(function, 20) + 5_000
        assert floats(function, 10**6) < 10_000
    noisy = floats_made(
        lambda key: task_batch_mean(unit_vector, ml.TaskFamily.of(SILENT_NOISE), ORIGIN, key, 10**4, (2,)),
        jax.random.key(0),
    )
    assert noisy > 10**4


def test_the_mean_of_a_million_tasks_is_close_to_the_mean_over_tasks():
    family = ml.TaskFamily.of(QUADRATICS, PROBABILITIES)
    mean = task_batch_mean(unit_vector, family, ORIGIN, jax.random.key(2), 10**6, (1,))
    assert float(mean.sum()) == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(mean, PROBABILITIES, atol=5e-3)
    assert not np.allclose(mean, PROBABILITIES, atol=1e-6)


@pytest.mark.parametrize("size", [5, 1_000])
def test_counts_sum_to_the_number_of_draws(size):
    counts = jax.vmap(lambda key: task_counts(ml.TaskFamily.of(QUADRATICS), key, size))(
        jax.random.split(jax.random.key(0), 200)
    )
    np.testing.assert_array_equal(counts.sum(axis=1), size)
    assert np.all(counts == np.rint(counts))
    assert np.all(counts >= 0)


@pytest.mark.parametrize("size", [5, 1_000])
def test_a_task_that_is_not_drawn_does_not_speak(size):
    family = ml.TaskFamily.of(QUADRATICS, (0.4, 0.6, 0.0))

    def undefined_at_the_last(task, w, batch):
        return jnp.where(task.c[2] < 0, jnp.nan, unit_vector(task, w, batch))

    mean = task_batch_mean(undefined_at_the_last, family, ORIGIN, jax.random.key(0), size, (1,))
    assert float(mean.sum()) == pytest.approx(1.0, abs=1e-12)


def test_a_task_is_noiseless_when_it_has_one_sample_only():
    assert is_noiseless(QUADRATICS[0])
    assert is_noiseless(ml.Empirical({"x": jnp.ones((1, 2))}, ml.Constants(1.0, 0.0, 0.0, 0.0), lambda w, row: 0.0))
    assert not is_noiseless(SILENT_NOISE[0])
    assert not is_noiseless(ml.Noisy(QUADRATICS[0], ml.GaussianNoise(0.0, 0.0, ORIGIN)))


@pytest.mark.parametrize(("B", "sizes", "message"), [(0, (1,), "B = 0"), (3, (1, -2), "batch size = -2")])
def test_an_empty_batch_is_refused(B, sizes, message):
    with pytest.raises(ValueError, match=message):
        task_batch_mean(unit_vector, ml.TaskFamily.of(QUADRATICS), ORIGIN, jax.random.key(0), B, sizes)


def test_tasks_that_draw_their_own_numbers_draw_independent_ones_of_the_right_law(monkeypatch):
    monkeypatch.setattr(task_batches, "NUMBERS_AT_ONCE", 0)
    family, B = ml.TaskFamily.of([ml.Noisy(ml.Quadratic(1.0, 0.0), ml.RademacherNoise(1.0))]), 4000
    assert task_batches.numbers_read(family, B, (3, 2)) == 2 * B

    def values(task, w, one, two):
        signs = jnp.concatenate([batch_gradient_signs(task, batch) for batch in (one, two)])
        return jnp.outer(signs, signs)

    def batch_gradient_signs(task, batch):
        return jax.vmap(lambda theta: task.sample_gradient(0.0, theta))(batch.theta)

    mean = task_batch_mean(values, family, 0.0, jax.random.key(3), B, (3, 2))
    np.testing.assert_allclose(mean, np.eye(5), atol=5 / np.sqrt(B))
    assert not np.array_equal(mean, np.eye(5))
    other = task_batch_mean(values, family, 0.0, jax.random.key(4), B, (3, 2))
    assert not np.array_equal(mean, other)
