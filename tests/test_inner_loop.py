"""N inner steps: loops give what writing the steps out gives, in little memory, and batches go where they should."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import inner_loop, objectives, tree
from mamllib.n_step import NStep, PathBatches, n_step_maml, parted
from mamllib.precision import SINGLE, computing_in

ALPHA = 0.1
W = {"a": np.array([0.4, -0.7]), "b": np.array(0.9)}


def wavy(w, row):
    """A loss with no symmetry, of a dictionary."""
    z = w["a"] @ row["x"] + w["b"]
    return jnp.sin(z) * row["y"] + 0.1 * z**2 + 0.05 * jnp.sum(w["a"] ** 3)


def task(rows: int = 6):
    rng = np.random.default_rng(0)
    data = {"x": rng.normal(size=(rows, 2)), "y": rng.normal(size=rows)}
    return ml.Empirical(data, ml.Constants(5.0, 5.0, 5.0, 5.0), wavy)


def written_out(steps: int):
    """∇F with every step and every factor listed, last factor first."""
    *points, end = ml.inner_path(task(), ALPHA, W, steps)
    direction = task().gradient(end)
    for point in reversed(points):
        direction = tree.step(direction, ALPHA, task().hessian_vector_product(point, direction))
    return direction


@pytest.mark.parametrize("steps", [0, 1, 4, 5, 6, 7, 12])
def test_loops_give_what_writing_out_gives(steps):
    looped = ml.task_meta_gradient(task(), ALPHA, W, steps)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14), looped, written_out(steps))
    end = ml.inner_path(task(), ALPHA, W, steps)[-1]
    np.testing.assert_allclose(ml.task_meta_loss(task(), ALPHA, W, steps), task().loss(end), rtol=1e-13)


def equations(steps: int) -> int:
    """How many equations, those of the loops included, the program of ∇F has."""

    def count(program):
        inside = [value for eqn in program.eqns for value in jax.tree.leaves(eqn.params) if hasattr(value, "eqns")]
        return len(program.eqns) + sum(map(count, inside))

    return count(jax.make_jaxpr(lambda w: ml.task_meta_gradient(task(), ALPHA, w, steps))(W).jaxpr)


def test_in_float32_eight_steps_are_written_out_and_nine_are_not():
    narrow = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), (task().data, W))

    def gradient(steps):
        def of(data, w):
            given = ml.Empirical(data, ml.UNDECLARED, wavy)
            return inner_loop.pulled_back(inner_loop.exact(given, ALPHA), w, steps, given.gradient)

        return of

    with computing_in(SINGLE):
        traced = {steps: str(jax.make_jaxpr(gradient(steps))(*narrow)) for steps in (8, 9)}
        found = gradient(8)(*narrow)
    assert "scan" not in traced[8]
    assert "scan" in traced[9]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), found, written_out(8))


def test_a_program_does_not_grow_with_the_number_of_steps():
    assert equations(16) == equations(64) == equations(1024)


def layers():
    """25k parameters of a network and a regression on 20 rows."""
    rng = np.random.default_rng(0)
    sizes = [(64, 128), (128, 128), (128, 1)]
    w = {f"W{k}": rng.normal(size=size) / np.sqrt(size[0]) for k, size in enumerate(sizes)}
    data = {"x": rng.normal(size=(20, 64)), "y": rng.normal(size=20)}

    def loss(w, row):
        hidden = jnp.tanh(jnp.tanh(row["x"] @ w["W0"]) @ w["W1"])
        return ((hidden @ w["W2"])[0] - row["y"]) ** 2

    return w, ml.Empirical(data, ml.Constants(1.0, 1.0, 1.0, 1.0), loss)


def temporary_memory(function, w) -> int:
    return jax.jit(function).lower(w).compile().memory_analysis().temp_size_in_bytes


def test_at_64_steps_a_fifth_of_the_memory_of_a_differentiated_scan_is_enough():
    w, network = layers()

    def differentiated(w):
        def last(w):
            def move(point, _):
                return inner_loop.inner_step(network, 0.01, point), None

            return network.loss(jax.lax.scan(move, w, length=64)[0])

        return jax.grad(last)(w)

    ours = temporary_memory(lambda w: objectives.task_meta_gradient(network, 0.01, w, 64), w)
    assert ours <= temporary_memory(differentiated, w) / 5


def batches(rows, steps: int):
    """One sample a batch, from a list of rows."""
    theta = jnp.asarray(rows)[:, None]
    return ml.Batch(theta, jnp.ones((steps, 1)))


@pytest.mark.parametrize("steps", [1, 3, 7])
def test_every_step_and_every_factor_has_the_batch_it_was_given(steps):
    rng = np.random.default_rng(steps)
    inner, hessian, outer = rng.integers(0, 6, steps), rng.integers(0, 6, steps), rng.integers(0, 6, 1)
    given = PathBatches(batches(inner, steps), batches(hessian, steps), ml.Batch(jnp.asarray(outer), jnp.ones(1)))
    point, points = W, []
    for row in inner:
        points.append(point)
        point = tree.step(point, ALPHA, task().sample_gradient(point, jnp.asarray(row)))
    direction = task().sample_gradient(point, jnp.asarray(outer[0]))
    for at, row in zip(reversed(points), reversed(hessian), strict=True):
        turned = task().sample_hessian_vector_product(at, jnp.asarray(row), direction)
        direction = tree.step(direction, ALPHA, turned)
    measured = n_step_maml(task(), ALPHA, W, given)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14), measured, direction)


def test_with_one_step_it_is_maml():
    sizes = ml.BatchSizes(3, 2, 4)
    drawn = ml.estimators.draw_batches(task(), jax.random.key(0), sizes)
    one, other = NStep(1)(task(), ALPHA, W, drawn), ml.maml(task(), ALPHA, W, drawn)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-13), one, other)


def test_a_batch_is_parted_without_a_sample_in_two_parts():
    parts = parted(ml.Batch(jnp.arange(12), jnp.full(12, 1 / 12)), 3)
    assert sorted(np.ravel(parts.theta)) == list(range(12))
    np.testing.assert_allclose(parts.weights.sum(axis=1), 1)


def test_bad_parts_and_steps_say_what_is_wrong():
    with pytest.raises(ValueError, match="7 samples cannot be parted among 3 inner steps"):
        parted(ml.Batch(jnp.arange(7), jnp.full(7, 1 / 7)), 3)
    with pytest.raises(ValueError, match=r"steps = 1\.5"):
        NStep(1.5)
    given = PathBatches(batches([0, 1], 2), batches([0], 1), ml.Batch(jnp.zeros(1, int), jnp.ones(1)))
    with pytest.raises(ValueError, match="1 batches for the Hessians of 2 inner steps"):
        n_step_maml(task(), ALPHA, W, given)
