"""The outer loop: the same numbers as a loop written by hand, for a seed, after a cut, and in company."""

import signal
import subprocess
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import tree
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


ALGORITHM = Algorithm(maml, constant_step, gradient_norm, 20, SIZES)


def run(seeds, iterations, **options):
    return train(ALGORITHM, PROBLEM, jnp.asarray(0.0), seeds, iterations, **options)


def test_the_scan_follows_a_loop_written_by_hand():
    trace = run([3], 5)
    w, key = jnp.asarray(0.0), jax.random.key(3)
    for k in range(5):
        assert trace.records[0, k] == pytest.approx(float(gradient_norm(PROBLEM, w)), rel=1e-12)
        key_direction, _ = jax.random.split(jax.random.fold_in(key, k))
        w = w - 0.05 * ml.task_batch_direction(ml.maml, FAMILY, 1 / 6, w, key_direction, 20, SIZES)
    assert float(trace.w[0]) == pytest.approx(float(w), rel=1e-12)


def test_a_seed_gives_the_same_run_alone_and_in_company():
    together, alone = run([0, 1], 40), run([1], 40)
    np.testing.assert_allclose(together.records[1], alone.records[0], rtol=1e-12)
    assert not np.allclose(together.records[0], together.records[1])


def test_maml_comes_closer_to_stationarity():
    large_batches = Algorithm(maml, constant_step, gradient_norm, 500, SIZES)
    records = train(large_batches, PROBLEM, jnp.asarray(3.0), range(4), 600).records
    assert records[:, -100:].mean() < 0.1 * records[:, 0].mean()


@pytest.mark.parametrize(("name", "value"), [("iterations", 0), ("iterations", -3)])
def test_a_count_that_is_none_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value}"):
        run([0], value)


def test_a_task_batch_of_zero_is_refused():
    with pytest.raises(ValueError, match="B = 0"):
        train(Algorithm(maml, constant_step, gradient_norm, 0, SIZES), PROBLEM, jnp.asarray(0.0), [0], 5)


SCRIPT = """
import sys
from pathlib import Path
from tests.test_training import run
run([0, 1], 200_000, checkpoint=Path(sys.argv[1]))
"""


def test_a_run_that_was_killed_goes_on_with_the_same_numbers(tmp_path):
    checkpoint = tmp_path / "run.npz"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(checkpoint)])
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with np.load(checkpoint) as saved:
        done = int(saved["done"])
    assert 0 < done < 200_000
    iterations = done + ITERATIONS_PER_SEGMENT // 2
    resumed, whole = run([0, 1], iterations, checkpoint=checkpoint), run([0, 1], iterations)
    np.testing.assert_array_equal(resumed.records, whole.records)
    np.testing.assert_array_equal(resumed.w, whole.w)
