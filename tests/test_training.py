"""The outer loop: the same numbers as a loop written by hand, for a seed, after a cut, and in company."""

import signal
import subprocess
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import mamllib as ml
from mamllib import tree
from mamllib.outer_step import adam, descent, optimizer
from mamllib.step_sizes import EstimatedStep, estimated_smoothness
from mamllib.training import ITERATIONS_PER_SEGMENT, Algorithm, Problem, train

FAMILY = ml.TaskFamily.of([ml.EvenRamp(1.0, 1.0, 3.0), ml.Quadratic(1.0, 3.795)])
PROBLEM = Problem(FAMILY, 1 / 6)
SIZES = ml.BatchSizes(1, 1, 1)


def maml(task, alpha, w, batches, parameters):
    return ml.maml(task, alpha, w, batches)


def constant_step(problem, w, key):
    return 0.05


def gradient_norm(problem, w):
    return tree.norm(ml.meta_gradient(problem.family, problem.alpha, w))


ALGORITHM = Algorithm(maml, descent(constant_step), gradient_norm, 20, SIZES)


ADAM = Algorithm(maml, adam(0.05), gradient_norm, 20, SIZES)


def run(seeds, iterations, algorithm=ALGORITHM, **options):
    return train(algorithm, PROBLEM, jnp.asarray(0.0), seeds, iterations, **options)


def test_the_scan_follows_a_loop_written_by_hand():
    trace = run([3], 5)
    w, key = jnp.asarray(0.0), jax.random.key(3)
    for k in range(5):
        assert trace.records[0, k] == pytest.approx(float(gradient_norm(PROBLEM, w)), rel=1e-12)
        key_direction, _ = jax.random.split(jax.random.fold_in(key, k))
        w = w - 0.05 * ml.task_batch_direction(ml.maml, FAMILY, 1 / 6, w, key_direction, 20, SIZES)
    assert float(trace.w[0]) == pytest.approx(float(w), rel=1e-12)


def test_adam_follows_a_loop_written_by_hand():
    trace = run([3], 5, ADAM)
    w, key, m, v = 0.0, jax.random.key(3), 0.0, 0.0
    for k in range(5):
        assert trace.records[0, k] == pytest.approx(float(gradient_norm(PROBLEM, jnp.asarray(w))), rel=1e-9)
        key_direction, _ = jax.random.split(jax.random.fold_in(key, k))
        g = float(ml.task_batch_direction(ml.maml, FAMILY, 1 / 6, jnp.asarray(w), key_direction, 20, SIZES))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w -= 0.05 * m / (1 - 0.9 ** (k + 1)) / (np.sqrt(v / (1 - 0.999 ** (k + 1))) + 1e-8)
    assert float(trace.w[0]) == pytest.approx(w, rel=1e-9)


def test_the_estimated_step_is_a_fraction_of_the_estimated_inverse_smoothness():
    constants = ml.Constants(L=1.3, rho=0.7, sigma_tilde=0.2, sigma_H=0.1)
    problem, w, key = Problem(FAMILY, 0.1, constants), jnp.asarray(0.4), jax.random.key(5)
    estimate = estimated_smoothness(FAMILY, 1.3, 0.7, 0.1, w, key, 4, 3)
    assert float(EstimatedStep(1 / 12, 4, 3)(problem, w, key)) == pytest.approx(float(1 / 12 / estimate), rel=1e-12)


def test_a_run_with_the_estimated_step_follows_a_loop_written_by_hand():
    rule, problem = EstimatedStep(1 / 12, 4, 1), PROBLEM._replace(parameters=FAMILY.constants)
    algorithm = Algorithm(maml, descent(rule), gradient_norm, 20, SIZES)
    trace = train(algorithm, problem, jnp.asarray(0.0), [7], 4)
    w, key = jnp.asarray(0.0), jax.random.key(7)
    for k in range(4):
        key_direction, key_step = jax.random.split(jax.random.fold_in(key, k))
        direction = ml.task_batch_direction(ml.maml, FAMILY, 1 / 6, w, key_direction, 20, SIZES)
        w = w - rule(problem, w, key_step) * direction
    assert float(trace.w[0]) == pytest.approx(float(w), rel=1e-12)


def test_equal_rules_make_equal_outer_steps_so_that_nothing_is_compiled_twice():
    assert descent(EstimatedStep(1 / 12, 4, 3)) == descent(EstimatedStep(1 / 12, 4, 3))
    assert hash(descent(EstimatedStep(1 / 12, 4, 3))) == hash(descent(EstimatedStep(1 / 12, 4, 3)))
    assert descent(EstimatedStep(1 / 12, 4, 3)) != descent(EstimatedStep(1 / 18, 4, 3))
    assert adam(1e-3) == adam(1e-3) != adam(1e-2)


def test_any_optimiser_steps_a_tree_of_parameters():
    outer = optimizer(optax.sgd(0.1, momentum=0.5))
    w = {"a": jnp.ones(2), "b": jnp.asarray(3.0)}
    direction = {"a": jnp.array([1.0, 2.0]), "b": jnp.asarray(-1.0)}
    moved, state = outer.update(PROBLEM, w, direction, outer.init(w), None)
    moved, _ = outer.update(PROBLEM, moved, direction, state, None)
    np.testing.assert_allclose(moved["a"], w["a"] - 0.1 * (1 + 1.5) * direction["a"], rtol=1e-12)
    np.testing.assert_allclose(moved["b"], w["b"] - 0.1 * (1 + 1.5) * direction["b"], rtol=1e-12)


def test_a_seed_gives_the_same_run_alone_and_in_company():
    together, alone = run([0, 1], 40), run([1], 40)
    np.testing.assert_allclose(together.records[1], alone.records[0], rtol=1e-12)
    assert not np.allclose(together.records[0], together.records[1])


def test_maml_comes_closer_to_stationarity():
    large_batches = Algorithm(maml, descent(constant_step), gradient_norm, 500, SIZES)
    records = train(large_batches, PROBLEM, jnp.asarray(3.0), range(4), 600).records
    assert records[:, -100:].mean() < 0.1 * records[:, 0].mean()


@pytest.mark.parametrize(("name", "value"), [("iterations", 0), ("iterations", -3)])
def test_a_count_that_is_none_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value}"):
        run([0], value)


def test_a_task_batch_of_zero_is_refused():
    with pytest.raises(ValueError, match="B = 0"):
        train(Algorithm(maml, descent(constant_step), gradient_norm, 0, SIZES), PROBLEM, jnp.asarray(0.0), [0], 5)


SCRIPT = """
import sys
from pathlib import Path
from tests.test_training import ADAM, run
run([0, 1], 200_000, ADAM, checkpoint=Path(sys.argv[1]))
"""


def test_a_run_that_was_killed_goes_on_with_the_same_numbers(tmp_path):
    checkpoint = tmp_path / "run.npz"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(checkpoint)])
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with np.load(checkpoint) as saved:
        done = max(max(leaf.shape, default=0) for leaf in saved.values())
    assert 0 < done < 200_000
    iterations = done + ITERATIONS_PER_SEGMENT // 2
    resumed, whole = run([0, 1], iterations, ADAM, checkpoint=checkpoint), run([0, 1], iterations, ADAM)
    np.testing.assert_array_equal(resumed.records, whole.records)
    np.testing.assert_array_equal(resumed.w, whole.w)


def point_and_norm(problem, w):
    return {"point": w, "norm": gradient_norm(problem, w)}


def test_a_record_may_be_a_tree_that_outlives_a_cut(tmp_path):
    algorithm = Algorithm(maml, descent(constant_step), point_and_norm, 20, SIZES)
    run([0, 1], 30, algorithm, checkpoint=tmp_path / "run.npz")
    resumed = run([0, 1], 50, algorithm, checkpoint=tmp_path / "run.npz")
    whole = run([0, 1], 50, algorithm)
    np.testing.assert_array_equal(resumed.records["point"], whole.records["point"])
    np.testing.assert_array_equal(resumed.records["norm"], whole.records["norm"])
    np.testing.assert_array_equal(resumed.w, whole.w)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    run([0, 1], 5, checkpoint=tmp_path / "run.npz")
    with pytest.raises(ValueError, match=r"run\.npz holds a run of seeds \[0 1\], not of \[0 2\]"):
        run([0, 2], 5, checkpoint=tmp_path / "run.npz")
    with pytest.raises(ValueError, match=r"iterations = 4, but run\.npz holds 5 already"):
        run([0, 1], 4, checkpoint=tmp_path / "run.npz")
    with pytest.raises(ValueError, match="leaves"):
        run([0, 1], 5, ADAM, checkpoint=tmp_path / "run.npz")
