"""One iteration of the outer loop: its random numbers, its direction and step, what is recorded and watched."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.estimators import BatchSizes, task_batch_direction
from mamllib.outer_step import OuterStep
from mamllib.task_batches import numbers_read
from mamllib.tasks.family import TaskFamily
from mamllib.uniforms import NUMBERS_A_KEY, key_from, numbers_of, randomness_for, uniforms


class Problem(NamedTuple):
    """What is trained: a task family, the inner step α (one number, or a rate a coordinate), and a pytree of parameters
    for the step and the record.
    """

    family: TaskFamily
    alpha: Any
    parameters: Any = ()


@partial(
    jax.tree_util.register_dataclass,
    data_fields=["estimator", "outer", "record", "watch"],
    meta_fields=["B", "sizes"],
)
@dataclass(frozen=True)
class Algorithm:
    """How: an estimator, an outer step, what is recorded and watched, and the batch sizes.

    ``estimator(task, α, w, batches)`` gives a direction; ``outer`` moves w along it (``descent`` with a step-size rule,
    or an optimiser); ``record(problem, w)`` is what is kept of every iterate; of ``watch(problem, w_k, w_{k+1}, key)``,
    a pytree of scalars, only the largest value over all iterations is kept. Functions are module-level, or a run is
    compiled anew; floats and arrays inside an estimator or a step are data, and other values compile nothing new.
    """

    estimator: Callable
    outer: OuterStep
    record: Callable
    B: int
    sizes: BatchSizes
    watch: Callable | None = None


class Numbers(NamedTuple):
    """The uniform numbers of one iteration: for the task batch, for the outer step, and for what is watched."""

    batch: Any
    step: Any
    watch: Any


class State(NamedTuple):
    """Where a run is: w, the state of the outer step, and the largest values watched so far."""

    w: Any
    outer: Any
    watched: Any


def seed_words(seeds) -> np.ndarray:
    """Two words (n, 2) a seed, with which ``iteration_key`` begins."""
    entropy = [int(seed) % 2**64 for seed in seeds]
    return np.stack([np.random.SeedSequence(number).generate_state(2) for number in entropy])


def iteration_key(words, k):
    """The key of iteration ``k``: no two iterations or seeds share one, and nothing has to be drawn to make it."""
    return jax.random.wrap_key_data(jnp.stack([words[0], words[1] + jnp.asarray(k, jnp.uint32)]), impl="threefry2x32")


def iteration_numbers(algorithm: Algorithm, problem: Problem, words, k) -> Numbers:
    """All random numbers of iteration ``k``, drawn in one call from the seed's two words and k alone."""
    counts = Numbers(
        numbers_read(problem.family, algorithm.B, tuple(algorithm.sizes)),
        numbers_of(algorithm.outer.update, problem),
        NUMBERS_A_KEY,
    )
    return Numbers(*jnp.split(uniforms(iteration_key(words, k), sum(counts)), np.cumsum(counts)[:-1]))


def iterate(algorithm: Algorithm, problem: Problem, state: State, words, k) -> tuple[State, Any]:
    """The state after iteration ``k``, and what is recorded of w_k."""
    numbers, w = iteration_numbers(algorithm, problem, words, k), state.w
    direction = task_batch_direction(
        algorithm.estimator, problem.family, problem.alpha, w, numbers.batch, algorithm.B, algorithm.sizes
    )
    source = randomness_for(algorithm.outer.update, numbers.step)
    w_next, outer = algorithm.outer.update(problem, w, direction, state.outer, source)
    watched = jax.tree.map(jnp.maximum, state.watched, watch(algorithm, problem, w, w_next, key_from(numbers.watch)))
    return State(w_next, outer, watched), algorithm.record(problem, w)


def watch(algorithm: Algorithm, problem: Problem, w, w_next, key):
    """What is watched of the step from ``w`` to ``w_next``; a number that is undefined stays so in any maximum."""
    if algorithm.watch is None:
        return ()
    return jax.tree.map(lambda value: jnp.asarray(value, float), algorithm.watch(problem, w, w_next, key))
