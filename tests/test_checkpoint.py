"""A run on disk: it outlives a kill and a half-written segment, and goes on as no other run than itself."""

import signal
import subprocess
import sys
import time

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import mamllib as ml
from mamllib.outer_step import adam, descent, optimizer
from mamllib.training import ITERATIONS_PER_SEGMENT, Algorithm, Problem, train
from tests import alike
from tests.test_training import ADAM, ALGORITHM, FAMILY, PROBLEM, SIZES, constant_step, gradient_norm, maml, run

SCRIPT = """
import sys
from pathlib import Path
from tests.test_checkpoint import ADAM, run
run([0, 1], int(sys.argv[2]), ADAM, checkpoint=Path(sys.argv[1]))
"""


def in_a_process_of_its_own(checkpoint, iterations):
    command = [sys.executable, "-c", SCRIPT, str(checkpoint), str(iterations)]
    return subprocess.Popen(command, env=alike.environment())


def assert_equal(resumed, whole):
    np.testing.assert_array_equal(resumed.records, whole.records)
    np.testing.assert_array_equal(resumed.w, whole.w)


def test_a_run_that_was_killed_goes_on_with_the_same_numbers(tmp_path):
    checkpoint = tmp_path / "run"
    process = in_a_process_of_its_own(checkpoint, 10**7)
    while not checkpoint.exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with pytest.raises(ValueError, match=r"iterations = 1, but run holds \d+000 already") as refused:
        run([0, 1], 1, ADAM, checkpoint=checkpoint)
    done = int(str(refused.value).split()[-2])
    assert 0 < done < 10**7
    iterations = done + ITERATIONS_PER_SEGMENT // 2
    assert_equal(run([0, 1], iterations, ADAM, checkpoint=checkpoint), run([0, 1], iterations, ADAM))


def test_a_fresh_process_goes_on_with_what_this_one_began(tmp_path):
    checkpoint = tmp_path / "run"
    run([0, 1], 5, ADAM, checkpoint=checkpoint)
    assert in_a_process_of_its_own(checkpoint, 9).wait() == 0
    with pytest.raises(ValueError, match="run holds 9 already"):
        run([0, 1], 5, ADAM, checkpoint=checkpoint)
    assert_equal(run([0, 1], 12, ADAM, checkpoint=checkpoint), run([0, 1], 12, ADAM))


def test_segments_are_appended(tmp_path):
    checkpoint = tmp_path / "run"
    run([0, 1], 5, checkpoint=checkpoint)
    before = checkpoint.read_bytes()
    run([0, 1], 9, checkpoint=checkpoint)
    after = checkpoint.read_bytes()
    assert after[: len(before)] == before
    assert len(after) > len(before)


def lengths(size):
    """Every way in which writing may stop: after nothing, inside the length, the digest, the content."""
    return [1, 7, 8, 20, 39, 40, 41, size // 2, size - 1]


def test_a_segment_that_is_half_written_is_ignored_and_nothing_is_lost(tmp_path):
    checkpoint, whole = tmp_path / "run", run([0, 1], 12)
    run([0, 1], 5, checkpoint=checkpoint)
    first = checkpoint.read_bytes()
    run([0, 1], 9, checkpoint=checkpoint)
    second = checkpoint.read_bytes()[len(first) :]
    for written in lengths(len(second)):
        checkpoint.write_bytes(first + second[:written])
        with pytest.raises(ValueError, match="run holds 5 already"):
            run([0, 1], 4, checkpoint=checkpoint)
        assert_equal(run([0, 1], 12, checkpoint=checkpoint), whole)
        assert_equal(run([0, 1], 12, checkpoint=checkpoint), whole)


def test_what_was_half_written_goes_even_where_it_is_longer_than_what_follows(tmp_path):
    checkpoint = tmp_path / "run"
    run([0, 1], 5, checkpoint=checkpoint)
    first = checkpoint.read_bytes()
    run([0, 1], 900, checkpoint=checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:-1])
    run([0, 1], 6, checkpoint=checkpoint)
    assert len(checkpoint.read_bytes()) < 2 * len(first)
    assert_equal(run([0, 1], 7, checkpoint=checkpoint), run([0, 1], 7))


def test_a_file_that_was_hardly_begun_is_begun_anew(tmp_path):
    checkpoint = tmp_path / "run"
    whole = run([0, 1], 5, checkpoint=checkpoint)
    content = checkpoint.read_bytes()
    for written in (0, 3, 14, 20, 200, len(content) - 1):
        checkpoint.write_bytes(content[:written])
        assert_equal(run([0, 1], 5, checkpoint=checkpoint), whole)
        assert checkpoint.read_bytes() == content


def test_what_is_no_checkpoint_or_damaged_inside_is_refused_and_left_alone(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("Three days of work")
    with pytest.raises(ValueError, match=r"notes\.txt is not a checkpoint"):
        run([0, 1], 5, checkpoint=other)
    assert other.read_text() == "Three days of work"
    checkpoint = tmp_path / "run"
    run([0, 1], 5, checkpoint=checkpoint)
    place = checkpoint.stat().st_size - 100
    run([0, 1], 9, checkpoint=checkpoint)
    content = bytearray(checkpoint.read_bytes())
    content[place] ^= 1
    checkpoint.write_bytes(content)
    with pytest.raises(ValueError, match="run is damaged before byte"):
        run([0, 1], 9, checkpoint=checkpoint)
    assert checkpoint.read_bytes() == bytes(content)


def point_and_norm(problem, w):
    return {"point": w, "norm": gradient_norm(problem, w)}


def distance(problem, w, w_next, key):
    return jnp.abs(w_next - w)


def test_a_record_may_be_a_tree_and_what_is_watched_outlives_a_cut(tmp_path):
    algorithm = Algorithm(maml, descent(constant_step), point_and_norm, 20, SIZES, distance)
    run([0, 1], 30, algorithm, checkpoint=tmp_path / "run")
    resumed, whole = run([0, 1], 50, algorithm, checkpoint=tmp_path / "run"), run([0, 1], 50, algorithm)
    np.testing.assert_array_equal(resumed.records["point"], whole.records["point"])
    np.testing.assert_array_equal(resumed.records["norm"], whole.records["norm"])
    np.testing.assert_array_equal(resumed.watched, whole.watched)
    np.testing.assert_array_equal(resumed.w, whole.w)


def other_step(problem, w, key):
    return 0.051


def scaled(factor):
    return lambda task, alpha, w, batches: factor * ml.maml(task, alpha, w, batches)


def changed(**fields):
    parts = {name: getattr(ALGORITHM, name) for name in ("estimator", "outer", "record", "B", "sizes", "watch")}
    return Algorithm(**(parts | fields))


def with_step(outer):
    return changed(outer=outer)


OTHER_FAMILY = ml.TaskFamily.of([ml.EvenRamp(1.0, 1.0, 3.0), ml.Quadratic(1.0, 3.7950001)])
START = jnp.asarray(0.0)
OTHERS = {
    "estimator": [(changed(estimator=ml.fo_maml), PROBLEM, START), (changed(estimator=scaled(2.0)), PROBLEM, START)],
    "outer step": [(with_step(descent(other_step)), PROBLEM, START), (with_step(adam(0.05)), PROBLEM, START)],
    "record": [(changed(record=point_and_norm), PROBLEM, START)],
    "watch": [(changed(watch=distance), PROBLEM, START)],
    "B = 20, not 21": [(changed(B=21), PROBLEM, START)],
    r"sizes = \(1, 1, 1\), not \(1, 1, 2\)": [(changed(sizes=ml.BatchSizes(1, 1, 2)), PROBLEM, START)],
    "family": [
        (ALGORITHM, PROBLEM._replace(family=OTHER_FAMILY), START),
        (ALGORITHM, PROBLEM._replace(family=ml.TaskFamily.of(list(FAMILY), [0.4, 0.6])), START),
    ],
    "alpha = 0.1666.*, not 0.17": [(ALGORITHM, PROBLEM._replace(alpha=0.17), START)],
    "parameters": [(ALGORITHM, PROBLEM._replace(parameters=FAMILY.constants), START)],
    r"start w = 0.0, not 1e-09": [(ALGORITHM, PROBLEM, jnp.asarray(1e-9))],
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_run_is_refused_by_the_name_of_what_differs(name, tmp_path):
    checkpoint = tmp_path / "run"
    run([0, 1], 5, checkpoint=checkpoint)
    content = checkpoint.read_bytes()
    for algorithm, problem, w in OTHERS[name]:
        with pytest.raises(ValueError, match=rf"^run holds another run: (another )?{name}$"):
            train(algorithm, problem, w, [0, 1], 9, checkpoint)
    with pytest.raises(ValueError, match=r"^run holds another run: seeds = \[0 1\], not \[0 2\]$"):
        run([0, 2], 5, checkpoint=checkpoint)
    assert checkpoint.read_bytes() == content


def test_another_number_inside_a_step_or_an_estimator_is_another_run(tmp_path):
    pairs = {
        "adam": (with_step(adam(0.05)), with_step(adam(0.06))),
        "momentum": (
            with_step(optimizer(optax.sgd(0.1, momentum=0.5))),
            with_step(optimizer(optax.sgd(0.1, momentum=0.6))),
        ),
        "estimated": (with_step(descent(ml.EstimatedStep(0.1, 4, 1))), with_step(descent(ml.EstimatedStep(0.2, 4, 1)))),
        "probe": (changed(estimator=ml.HessianFree(0.1)), changed(estimator=ml.HessianFree(0.2))),
        "enclosed": (changed(estimator=scaled(1.0)), changed(estimator=scaled(1.5))),
    }
    problem = PROBLEM._replace(parameters=FAMILY.constants)
    for name, (one, other) in pairs.items():
        train(one, problem, START, [0], 3, tmp_path / name)
        train(one, problem, START, [0], 4, tmp_path / name)
        with pytest.raises(
            ValueError, match=f"{name} holds another run: (another outer step|another estimator|estimator = )"
        ):
            train(other, problem, START, [0], 4, tmp_path / name)


def test_the_same_run_built_anew_goes_on(tmp_path):
    def built():
        family = ml.TaskFamily.of([ml.EvenRamp(1.0, 1.0, 3.0), ml.Quadratic(1.0, 3.795)])
        step = optimizer(optax.sgd(0.1, momentum=0.5))
        return Algorithm(scaled(1.5), step, gradient_norm, 20, SIZES), Problem(family, np.float64(1 / 6))

    algorithm, problem = built()
    train(algorithm, problem, 0.0, range(2), 5, tmp_path / "run")
    algorithm, problem = built()
    resumed = train(algorithm, problem, jnp.asarray(0.0), [0, 1], 9, tmp_path / "run")
    assert_equal(resumed, train(algorithm, problem, jnp.asarray(0.0), [0, 1], 9))
