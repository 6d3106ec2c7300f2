"""Streams: what they compute, what the control variate is worth, and that their memory does not grow."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import monte_carlo
from mamllib.batches import expectation
from mamllib.statements.fallah2020.lemma_4_10 import bias_stream
from mamllib.statements.fallah2020.lemma_4_10.draws import around
from mamllib.tasks.task import Task, batch_gradient, register
from tests.programs import programs

DIMENSION, ROWS, D_IN = 50, 1000, 10
SAMPLES = 2**14
POINTS = {"0": jnp.zeros(DIMENSION), "a random point": 0.3 * jax.random.normal(jax.random.key(1), (DIMENSION,))}


@pytest.fixture(scope="module")
def task():
    return ml.gaussian_logistic(jax.random.key(0), d=DIMENSION, n=ROWS)


@pytest.fixture(scope="module", params=POINTS)
def streams(request, task):
    """α → (with control variate, plain) at one point, same key."""
    w, key = POINTS[request.param], jax.random.key(2)
    return {
        alpha: [bias_stream(task, alpha, w, D_IN, key, SAMPLES, control=control) for control in (True, False)]
        for alpha in (1.0, 0.3)
    }


@pytest.mark.parametrize(("alpha", "factor"), [(1.0, 3), (0.3, 20)])
def test_the_control_variate_lowers_the_standard_error_per_sample(streams, alpha, factor):
    controlled, plain = streams[alpha]
    assert plain.standard_error_per_sample >= factor * controlled.standard_error_per_sample


@pytest.mark.parametrize("alpha", [1.0, 0.3])
def test_both_estimates_agree_within_their_intervals(streams, alpha):
    controlled, plain = (ml.NormOfMean(s.blocks).quantity(risk=1e-3) for s in streams[alpha])
    assert controlled.lower <= plain.upper
    assert plain.lower <= controlled.upper
    assert controlled.lower > 0
    difference = streams[alpha][0].blocks - streams[alpha][1].blocks
    assert ml.NormOfMean(difference).quantity(risk=1e-3).lower == 0, "the control variate has mean exactly zero"


@pytest.mark.parametrize("alpha", [1.0, 0.3])
def test_the_bias_is_below_both_bounds(streams, task, alpha):
    c = task.constants
    upper = ml.NormOfMean(streams[alpha][0].blocks).quantity(risk=1e-3).upper
    assert upper <= alpha * c.L * c.sigma_tilde / np.sqrt(D_IN)
    assert upper <= c.rho * (alpha * c.sigma_tilde) ** 2 / (2 * D_IN)


def two_numbers(scale, key):
    """A pair with mean (0, ½)·scale and total variance scale²(1 + 1/12)."""
    key_normal, key_uniform = jax.random.split(key)
    return {"normal": scale * jax.random.normal(key_normal), "uniform": scale * jax.random.uniform(key_uniform)}


def test_a_stream_has_the_mean_and_the_standard_error_of_its_draws():
    stream = ml.stream(two_numbers, 3.0, jax.random.key(0), 100_000)
    error = 3 * np.sqrt(np.array([1, 1 / 12]) / stream.samples)
    assert np.all(np.abs(stream.blocks.mean(axis=0) - [0, 1.5]) <= 4 * error)
    assert stream.standard_error_per_sample == pytest.approx(3 * np.sqrt(1 + 1 / 12), rel=0.01)
    assert stream.blocks.std(axis=0, ddof=1) * np.sqrt(stream.samples / len(stream.blocks)) == pytest.approx(
        3 * np.sqrt([1, 1 / 12]), rel=0.3
    )


@pytest.mark.parametrize(("asked", "drawn"), [(1, 2048), (2048, 2048), (2049, 4096), (10_000, 10_240)])
def test_at_least_as_many_samples_are_drawn_as_asked(asked, drawn):
    stream = ml.stream(two_numbers, 1.0, jax.random.key(0), asked)
    assert stream.samples == drawn
    assert stream.blocks.shape == (monte_carlo.BLOCKS, 2)


def test_the_same_key_gives_the_same_stream_and_another_key_another():
    first, again, other = (ml.stream(two_numbers, 1.0, jax.random.key(k), 2048).blocks for k in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.any(first == other)


def test_blocks_are_uncorrelated():
    blocks = ml.stream(two_numbers, 1.0, jax.random.key(3), 2048).blocks[:, 0]
    assert len(set(blocks.tolist())) == monte_carlo.BLOCKS
    assert abs(np.corrcoef(blocks[:-1], blocks[1:])[0, 1]) < 4 / np.sqrt(monte_carlo.BLOCKS)


def exponential(scale, key):
    x = scale * jax.random.exponential(key)
    return ml.Watched(x, {"x": x, "negative": -x, "undefined": jnp.where(x > 9 * scale, jnp.nan, 0.0), "none": x < 0})


def test_the_largest_of_what_is_watched_is_kept_over_all_draws():
    stream = ml.stream(exponential, 3.0, jax.random.key(0), 100_000)
    assert stream.blocks.mean() == pytest.approx(3.0, rel=0.02)
    assert 3 * (np.log(stream.samples) - 2.5) < stream.largest["x"] < 3 * (np.log(stream.samples) + 10)
    assert -3e-3 < stream.largest["negative"] < 0
    assert np.isnan(stream.largest["undefined"])
    assert stream.largest["none"] == 0
    assert ml.stream(two_numbers, 1.0, jax.random.key(0), 1).largest == ()


def test_watching_changes_no_draw():
    plain = ml.stream(lambda scale, key: exponential(scale, key).value, 3.0, jax.random.key(0), 5_000)
    np.testing.assert_array_equal(plain.blocks, ml.stream(exponential, 3.0, jax.random.key(0), 5_000).blocks)


class UniformPair:
    """A draw that reads two uniform numbers, one of them twice."""

    def numbers_read(self, argument):
        return 2

    def __call__(self, argument, numbers):
        assert numbers.shape == (2,)
        return argument * jnp.array([numbers[0], numbers[1], numbers[0] * numbers[1], numbers[1] ** 2])


def test_a_draw_may_be_made_of_uniform_numbers():
    stream = ml.stream(UniformPair(), 2.0, jax.random.key(0), 50_000)
    np.testing.assert_allclose(stream.blocks.mean(axis=0), 2 * np.array([1 / 2, 1 / 2, 1 / 4, 1 / 3]), atol=0.02)
    assert stream.standard_error_per_sample == pytest.approx(2 * np.sqrt(2 / 12 + 7 / 144 + 4 / 45), rel=0.02)


def test_any_number_of_samples_from_any_data_is_one_program():
    draw, key = UniformPair(), jax.random.key(0)
    with programs() as found:
        for scale, samples in ((1.5, 1), (np.float64(2.5), 5_000), (jnp.asarray(3.5), 20_000)):
            ml.stream(draw, scale, key, samples)
    assert found.count("jit(_blocks)") == 1  # the conversions of plain numbers are small programs of their own


STRATA = 45  # neither prime nor a multiple of a chunk


class Spread(UniformPair):
    """The two numbers themselves, their product and which part the first lies in, in equal parts of (0, 1)."""

    def strata(self, argument):
        return STRATA

    def __call__(self, argument, numbers):
        return jnp.array([numbers[0], numbers[1], numbers[0] * numbers[1]])


SPREAD = Spread()


def test_in_a_set_each_number_falls_once_into_each_part():
    for seed in range(5):
        numbers, of_strata = np.random.default_rng(seed).random((32, 3)), jax.random.key(seed)
        chunks = [monte_carlo._stratified(numbers, of_strata, STRATA, first) for first in (0, 32)]
        drawn = np.concatenate(chunks)[:STRATA]
        assert np.all(np.sort(np.floor(drawn * STRATA), axis=0) == np.arange(STRATA)[:, None])
        np.testing.assert_allclose(drawn * STRATA % 1, np.concatenate([numbers, numbers])[:STRATA], atol=1e-12)


def test_a_draw_of_a_set_has_the_law_it_has_alone():
    """Any one draw of a set: its two parts are uniform and independent over keys."""
    keys, numbers = jax.random.split(jax.random.key(7), 20_000), np.full((32, 2), 0.5)
    parts = jax.vmap(lambda key: jnp.floor(monte_carlo._stratified(numbers, key, 3, 0)[1] * 3))(keys)
    counts = np.histogram2d(*np.asarray(parts).T, bins=3)[0]
    expected = len(keys) / 9
    assert np.sum((counts - expected) ** 2 / expected) < 26.1, "chi-square with 8 degrees of freedom, risk 0.001"


def test_strata_take_the_variance_of_what_depends_on_one_number():
    stream = ml.stream(SPREAD, 1.0, jax.random.key(0), 64 * STRATA)
    assert (stream.stratified, stream.samples) == (True, 64 * STRATA)
    alone = ml.stream(SPREAD, 1.0, jax.random.key(0), 64 * STRATA - 1)
    assert not alone.stratified, "too few draws for a set in each block"
    gained = alone.blocks.var(axis=0) / 32**-1 / (stream.blocks.var(axis=0) / STRATA**-1)
    assert np.all(gained[:2] > STRATA**2 / 3), "a number's variance falls by the square of the number of parts"
    assert np.all(np.abs(stream.blocks.mean(axis=0) - [1 / 2, 1 / 2, 1 / 4]) < 5 * stream.blocks.std(axis=0) / 8)
    assert stream.standard_error_per_sample < alone.standard_error_per_sample / 3


def test_the_standard_error_of_a_stratified_stream_is_how_far_its_means_lie_apart():
    means = np.array(
        [
            ml.stream(SPREAD, 1.0, key, 64 * STRATA).blocks.mean(axis=0)
            for key in jax.random.split(jax.random.key(1), 40)
        ]
    )
    spread = np.sqrt(np.sum(means.var(axis=0, ddof=1)))
    said = ml.stream(SPREAD, 1.0, jax.random.key(0), 64 * STRATA)
    assert said.standard_error_per_sample / np.sqrt(said.samples) == pytest.approx(spread, rel=0.3)


SMALL_ROWS = 8


@pytest.fixture(scope="module")
def small():
    """(task, w, α, ∇f(w̃) − ∇f(w⁺) averaged over all 8³ batches of three)."""
    task, w, alpha = ml.gaussian_logistic(jax.random.key(3), d=2, n=SMALL_ROWS), jnp.array([0.5, -1.0]), 2.0

    def change(batch):
        return task.gradient(w - alpha * batch_gradient(task, w, batch))

    after = task.gradient(w - alpha * task.gradient(w))
    return task, w, alpha, np.asarray(expectation(task, (3,), change) - after)


def test_intervals_of_the_stratified_bias_hold_as_often_as_they_say(small):
    """Of 120 streams 95 % intervals for the distance to the enumerated bias begin at zero, but for one in twenty."""
    task, w, alpha, bias = small
    assert np.linalg.norm(bias) > 1e-3
    streams = [bias_stream(task, alpha, w, 3, jax.random.key(k), 64 * SMALL_ROWS) for k in range(120)]
    assert all(stream.stratified for stream in streams)
    missed = sum(ml.NormOfMean(stream.blocks - bias).quantity(risk=0.05).lower > 0 for stream in streams)
    assert missed <= 14, "a binomial number exceeds 14 once in a thousand"
    shifted = bias * 1.02
    assert sum(ml.NormOfMean(stream.blocks - shifted).quantity(risk=0.05).lower > 0 for stream in streams) > missed


@register
class Cusp(Task):
    """Σ|w|^{5/2}: at zero it has two derivatives, and no third."""

    constants = None

    def loss(self, w):
        return jnp.sum(jnp.abs(w) ** 2.5)


def squared_tanh(w, row):
    return (jnp.tanh(row["x"] @ w) - row["y"]) ** 2


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_of_one_draw_a_batch_the_strata_list_every_batch(rows):
    """Two samples lie opposite each other, so that the curvature is the same in every draw and no control."""
    rng, w, alpha = np.random.default_rng(0), jnp.array([0.5, -0.2, 0.1]), 0.3
    given = {"x": rng.normal(size=(rows, 3)), "y": rng.normal(size=rows)}
    task = ml.Empirical(given, ml.UNDECLARED, squared_tanh)

    def change(batch):
        return task.gradient(w - alpha * batch_gradient(task, w, batch))

    bias = expectation(task, (1,), change) - task.gradient(w - alpha * task.gradient(w))
    blocks = bias_stream(task, alpha, w, 1, jax.random.key(0), 64 * rows).blocks
    np.testing.assert_allclose(blocks, np.broadcast_to(bias, blocks.shape), atol=1e-14)


@register
class OfItsOwnSampler(ml.Empirical):
    """Its samples are made of keys."""

    data: Any
    declared: Any
    sample_function: Any
    rows: Any = None

    def sample(self, key, size):
        return jax.random.randint(key, (size,), 0, len(self.data["y"]))


def test_only_where_a_number_makes_a_sample_draws_are_stratified():
    rng, w = np.random.default_rng(0), jnp.array([0.5, -0.2, 0.1])
    given = {"x": rng.normal(size=(5, 3)), "y": rng.normal(size=5)}
    kinds = (ml.Empirical, OfItsOwnSampler)
    streams = [bias_stream(k(given, ml.UNDECLARED, squared_tanh), 0.3, w, 2, jax.random.key(0), 320) for k in kinds]
    assert [stream.stratified for stream in streams] == [True, False]


def test_a_mean_that_costs_more_than_the_draws_is_not_computed(small):
    task, w, alpha, _ = small
    few, enough = (around(task, alpha, w, 3, samples) for samples in (4 * SMALL_ROWS - 1, 4 * SMALL_ROWS))
    assert few.share is None
    assert float(enough.share) != 0
    assert np.any(enough.mean)


def test_where_the_mean_is_not_worth_its_time_third_derivatives_are_not_asked_for():
    task, zero = ml.Noisy(Cusp(), ml.RademacherNoise(1.0)), jnp.zeros(())
    few = 7  # for two samples
    assert around(task, 0.1, zero, 3, few).share is None
    assert np.all(np.isfinite(bias_stream(task, 0.1, zero, 3, jax.random.key(0), few).blocks))


def test_without_third_derivatives_nothing_is_subtracted():
    task, zero, key = ml.Noisy(Cusp(), ml.RademacherNoise(1.0)), jnp.zeros(()), jax.random.key(0)
    assert np.isnan(around(task, 0.1, zero, 3, 2**14).share)
    controlled, plain = (bias_stream(task, 0.1, zero, 3, key, 2**14, control).blocks for control in (True, False))
    assert np.all(np.isfinite(controlled))
    assert ml.NormOfMean(controlled).quantity(risk=1e-3).lower <= ml.NormOfMean(plain).quantity(risk=1e-3).upper


ALLOWED_MIB = 20
PEAK_MEMORY = """
    import json, sys
    import jax, jax.numpy as jnp
    import mamllib as ml
    from mamllib.tasks.task import batch_gradient, draw

    def adapted(task, key):
        w = jnp.zeros(50)
        return task.gradient(w - batch_gradient(task, w, draw(task, key, 10)))

    def hoard(one_draw, task, key, samples):
        return jax.vmap(lambda k: one_draw(task, k))(jax.random.split(key, samples)).block_until_ready()

    def peak():
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        return int(status["VmHWM"].split()[0]) / 1024

    run = {"stream": ml.stream, "hoard": hoard}[sys.argv[1]]
    task = ml.gaussian_logistic(jax.random.key(0), d=50, n=20)
    run(adapted, task, jax.random.key(1), 10**4)
    before = peak()
    run(adapted, task, jax.random.key(1), int(sys.argv[2]))
    print(json.dumps(peak() - before))
"""


def growth_of_peak_memory(how, samples):
    """MiB by which ``samples`` draws raise the peak memory that 10⁴ draws left, in a process of their own.

    The peak is VmHWM: ``ru_maxrss`` is inherited from the process that starts another, and hides any growth.
    """
    command = [sys.executable, "-c", textwrap.dedent(PEAK_MEMORY), how, str(samples)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")


@needs_proc
def test_a_million_samples_need_no_more_memory_than_ten_thousand():
    assert growth_of_peak_memory("stream", 10**6) < ALLOWED_MIB


@needs_proc
def test_keeping_the_draws_would_need_more_memory_and_the_measurement_sees_it():
    assert growth_of_peak_memory("hoard", 3 * 10**4) > 2 * ALLOWED_MIB
