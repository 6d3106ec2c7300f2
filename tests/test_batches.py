"""Expectations over batches: against the brute-force product of the support, and against Monte Carlo."""

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import batches
from mamllib.tasks.task import Batch, batch_gradient, draw
from tests.programs import programs

ATOMS = jnp.array([[1.0, 0.0], [-0.5, 2.0], [-0.5, -2.0]])
TASK = ml.Noisy(ml.Trigonometric(1.0, 0.5, 2.0), ml.AtomicNoise(ATOMS))
EXACT = ml.Noisy(ml.OddRamp(Q(1), Q(2)), ml.RademacherNoise(Q(3, 4)))
POINT = jnp.array([0.4, -0.2])


def nonlinear(*drawn: Batch):
    """A function of the batches that no mean can pass through."""
    sums = [batch.weights @ jnp.asarray(batch.theta) for batch in drawn]
    return jnp.exp(sum((i + 1) * s for i, s in enumerate(sums))) * jnp.cos(sums[0])


def brute_force(support, sizes, function):
    """The mean of ``function`` over all mⁿ ways to draw, one by one."""
    m, values = len(support), []
    for drawn in itertools.product(*(itertools.product(range(m), repeat=size) for size in sizes)):
        counts = [np.bincount(indices, minlength=m) for indices in drawn]
        values.append(function(*(Batch(support, jnp.asarray(c / sum(c))) for c in counts)))
    return np.mean(values, axis=0)


@pytest.mark.parametrize("sizes", [(1,), (4,), (2, 3), (1, 2, 1)])
def test_enumeration_is_the_mean_over_all_ways_to_draw(sizes):
    np.testing.assert_allclose(
        batches.expectation(TASK, sizes, nonlinear), brute_force(ATOMS, sizes, nonlinear), rtol=1e-12
    )


@pytest.mark.parametrize("sizes", [(1,), (4,), (2, 3)])
def test_enumeration_in_fractions_is_exact(sizes):
    def function(*drawn):
        sums = [sum(p * t for p, t in zip(batch.weights, batch.theta, strict=True)) for batch in drawn]
        return (1 + sums[0]) ** 4 * (2 - sums[-1]) ** 3

    signs = [Q(1), Q(-1)]
    means = [[Q(sum(d), len(d)) for d in itertools.product(signs, repeat=size)] for size in sizes]
    values = [(1 + drawn[0]) ** 4 * (2 - drawn[-1]) ** 3 for drawn in itertools.product(*means)]
    exact = batches.expectation(EXACT, sizes, function)
    assert isinstance(exact, Q)
    assert exact == sum(values) / len(values)


@pytest.mark.parametrize("size", [1, 3, 12])
def test_probabilities_sum_to_one(size):
    np.testing.assert_allclose(batches.expectation(TASK, (size,), lambda batch: jnp.ones(())), 1.0, rtol=1e-14)
    assert batches.expectation(EXACT, (size,), lambda batch: Q(1)) == 1


@pytest.mark.parametrize("size", [1, 3, 12])
def test_weights_sum_to_one_and_are_multinomial(size):
    def on_atoms(batch):
        return jnp.sum(batch.weights[:, None] * jnp.all(batch.theta[:, None] == ATOMS, axis=-1), axis=0)

    mean = batches.expectation(TASK, (size,), on_atoms)
    square = batches.expectation(TASK, (size,), lambda batch: on_atoms(batch) ** 2)
    total = batches.expectation(TASK, (size,), lambda batch: jnp.sum(batch.weights) ** 2)
    np.testing.assert_allclose(total, 1.0, rtol=1e-14)
    np.testing.assert_allclose(mean, np.full(3, 1 / 3), rtol=1e-14)
    np.testing.assert_allclose(square - mean**2, np.full(3, 2 / 9 / size), rtol=1e-12)


@jax.jit
def adapted_square(batch):
    return jnp.sum(TASK.gradient(POINT - 0.7 * batch_gradient(TASK, POINT, batch)) ** 2)


def one_draw(argument, key):
    return adapted_square(draw(TASK, key, 3))


def test_monte_carlo_encloses_the_enumerated_mean():
    exact = batches.expectation(TASK, (3,), adapted_square)
    blocks = ml.stream(one_draw, None, jax.random.key(1), 40_000).blocks[:, 0]
    interval = ml.Mean(blocks).quantity(risk=1e-4)
    assert interval.lower <= exact <= interval.upper
    assert interval.upper - interval.lower < 0.1 * exact


def test_a_fair_sign_needs_only_one_term_a_count():
    assert batches.is_enumerable(EXACT, 100_000)
    assert not batches.is_enumerable(EXACT, 1_000, 1_000)


GAUSSIAN = ml.Noisy(ml.Quadratic(1.0, jnp.zeros(2)), ml.GaussianNoise(1.0, 0.0, jnp.zeros(2)))
REFUSED = {
    "no finite support": (GAUSSIAN, (2,), "D = 2 samples of Noisy cannot be listed, .* not finitely many"),
    "too many of 348 rows": (ml.digit_pair(0, 1), (10,), r"D = 10 samples of Logistic .* 10\^19 of them.* 2,000,000"),
    "too many pairs": (EXACT, (1_000, 1_000), r"D = 1000, 1000 samples of Noisy .* 1,002,001 of them, with 4,008,004"),
    "hopelessly many": (ml.digit_pair(0, 1), (10**6,), r"more than 10\^19 of them"),
}


@pytest.mark.parametrize(("task", "sizes", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_listed_is_refused_with_what_to_do(task, sizes, why):
    for refused in (
        lambda: batches.require_enumerable(task, *sizes),
        lambda: batches.require_enumerable(ml.TaskFamily.of([task]), *sizes),
        lambda: batches.expectation(task, sizes, nonlinear),
        lambda: batches.listed_values(task, sizes, nonlinear),
    ):
        with pytest.raises(batches.NotEnumerableError, match=f"{why}.*: give samples=, for example samples=40_000"):
            refused()


def test_asking_whether_batches_can_be_listed_costs_no_program():
    family = ml.TaskFamily.of([ml.Empirical({"x": np.ones((1237, 3))}, ml.Constants(1, 1, 1, 1), lambda w, row: w)])
    with programs() as compiled:
        batches.require_enumerable(family, 1)
    assert compiled == []


def test_a_thousand_rows_drawn_one_at_a_time_are_a_thousand_batches_of_one():
    rows = np.random.default_rng(0).normal(size=(1100, 2))
    task = ml.Empirical(rows, ml.Constants(5.0, 0.0, 50.0, 50.0), lambda w, x: (x @ w) ** 2 / 2)
    listed, chances = batches.stacked_batches(task, 1)
    assert listed.theta.shape == listed.weights.shape == (1100, 1)
    np.testing.assert_allclose(chances, 1 / 1100, rtol=1e-15)
    w, H = np.array([1.0, 0.5]), rows.T @ rows / 1100
    by_hand = [(np.eye(2) - 0.1 * np.outer(x, x)) @ H @ (w - 0.1 * x * (x @ w)) for x in rows]
    sampled = ml.sampled_meta_gradient(ml.TaskFamily.of([task]), 0.1, jnp.asarray(w), 1)
    np.testing.assert_allclose(sampled, np.mean(by_hand, axis=0), rtol=1e-11)


@pytest.mark.parametrize("sizes", [(1,), (4,), (2, 3)])
def test_chunks_of_terms_give_the_same_mean(sizes, monkeypatch):
    whole = batches.expectation(TASK, sizes, nonlinear)
    monkeypatch.setattr(batches, "FEW_ROWS", 0)
    monkeypatch.setattr(batches, "chunk_size", lambda count, floats: min(count, 4))
    np.testing.assert_allclose(batches.expectation(TASK, sizes, nonlinear), whole, rtol=1e-13)


def test_many_batches_do_not_stand_side_by_side_in_memory():
    task = ml.digit_pair(0, 1)
    largest = []

    def gradient(batch):
        largest.append(batch.theta.shape)
        return batch_gradient(task, jnp.zeros(65), batch)

    program = jax.make_jaxpr(lambda: batches.expectation(task, (2,), gradient))()
    floats = max(v.aval.size for line in program.eqns for v in line.outvars if v.aval.dtype == float)
    assert floats <= 3 * batches.outcomes(task, 2)
    assert set(largest) == {(2,)}


@dataclass(frozen=True)
class Loaded(ml.Task):
    """Three samples, not equally likely."""

    p: tuple
    exact: bool = False

    def support(self):
        return (Q(0), Q(1), Q(5)) if self.exact else jnp.array([0.0, 1.0, 5.0])

    def chances(self):
        return self.p if self.exact else jnp.array([float(x) for x in self.p])


@pytest.mark.parametrize("p", [(Q(1, 2), Q(1, 3), Q(1, 6)), (Q(1, 4), Q(3, 4), Q(0))])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_samples_need_not_be_equally_likely(p, size):
    drawn = itertools.product(zip((0, 1, 5), p, strict=True), repeat=size)
    right = sum(Q(sum(t for t, _ in d), size) ** 3 * math.prod(q for _, q in d) for d in drawn)

    def cube(batch):
        return sum(x * t for x, t in zip(batch.weights, batch.theta, strict=True)) ** 3

    assert batches.expectation(Loaded(p, exact=True), (size,), cube) == right
    found = batches.expectation(Loaded(p), (size,), lambda batch: (batch.weights @ batch.theta) ** 3)
    assert float(found) == pytest.approx(float(right), rel=1e-13)
    drawn = np.asarray(draw(Loaded(p), jax.random.key(0), 20_000).theta)
    counts = np.array([np.sum(drawn == t) for t in (0, 1, 5)])
    assert np.all(np.abs(counts / 20_000 - np.array(p, float)) <= 0.02)


@pytest.mark.parametrize("sizes", [(2,), (2, 1)])
def test_listed_values_average_to_the_expectation(sizes):
    values, chances = batches.listed_values(TASK, sizes, nonlinear)
    np.testing.assert_allclose(chances @ values, batches.expectation(TASK, sizes, nonlinear), rtol=1e-13)
    values, chances = batches.listed_values(EXACT, sizes, lambda *drawn: drawn[0].theta[0] + len(drawn))
    assert sum(chances) == 1
    assert set(values) <= {len(sizes) + 1, len(sizes) - 1}


@pytest.mark.parametrize("task", [TASK, EXACT], ids=["floats", "fractions"])
def test_all_batches_one_by_one(task):
    listed = batches.all_batches(task, 2)
    assert len(listed) == batches.outcomes(task, 2)
    assert float(sum(chance for _, chance in listed)) == pytest.approx(1.0)
    assert all(sum(batch.weights) == 1 for batch, _ in listed)
