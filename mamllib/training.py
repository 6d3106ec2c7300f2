"""The outer loop: one compiled scan over meta-iterations, any estimator, any outer step, many seeds at once.

    w_{k+1} = w_k − β_k (1/B) Σ_{i∈ℬ_k} estimator(f_i, α, w_k, 𝒟_in, 𝒟_o, 𝒟_h)

or what an optimiser makes of the same direction.

A run is deterministic in its seeds: the randomness of iteration k is derived from the seed and k alone, so a run that
is cut off and resumed from a checkpoint gives the same numbers as one that is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import validation
from mamllib.checkpoint import join, resume, save
from mamllib.chunks import map_in_chunks
from mamllib.estimators import BatchSizes, task_batch_direction
from mamllib.outer_step import OuterStep
from mamllib.tasks.family import TaskFamily

ITERATIONS_PER_SEGMENT = 1000


class Problem(NamedTuple):
    """What is trained: a task family, the inner step α, and a pytree of parameters for the estimator and the step."""

    family: TaskFamily
    alpha: Any
    parameters: Any = ()


@dataclass(frozen=True)
class Algorithm:
    """How: an estimator and a record, both module-level functions, an outer step, and the batch sizes.

    ``estimator(task, α, w, batches, parameters)`` gives a direction; ``outer`` moves w along it (``descent`` with a
    step-size rule, or an optimiser); ``record(problem, w)`` is what is kept of every iterate.
    """

    estimator: Callable
    outer: OuterStep
    record: Callable
    B: int
    sizes: BatchSizes


class Trace(NamedTuple):
    """Final parameters and records of every iterate w_0, …, w_{K−1}; leading axis: seeds, then iterations."""

    w: Any
    records: Any


def train(algorithm: Algorithm, problem: Problem, w, seeds, iterations: int, checkpoint: Path | None = None) -> Trace:
    """Run ``iterations`` outer steps from ``w`` for each of ``seeds``, in compiled segments of 1,000.

    Args:
        algorithm: estimator, outer step, record and batch sizes.
        problem: task family, α and parameters.
        w: start, the same for every seed.
        seeds: integers; runs with different seeds are independent.
        iterations: number of outer steps K.
        checkpoint: file that holds the run so far; an interrupted run of the same algorithm and problem goes on
            from it.

    Raises:
        ValueError: α < 0, a batch size or ``iterations`` that is not an integer ≥ 1, ``w`` not finite, a checkpoint
            of other seeds or of more iterations.
    """
    validation.require_nonnegative("alpha", problem.alpha)
    validation.require_parameters("w", w)
    for name, size in (("B", algorithm.B), ("iterations", iterations), *algorithm.sizes._asdict().items()):
        validation.require_batch_size(name, size)
    seeds = np.asarray(seeds)
    keys = jax.vmap(jax.random.key)(jnp.asarray(seeds))
    start, kept = _start(algorithm, w, len(seeds)), jax.eval_shape(algorithm.record, problem, w)
    done, current, records = resume(checkpoint, seeds, start, kept, iterations)
    while done < iterations:
        length = min(ITERATIONS_PER_SEGMENT, iterations - done)
        current, segment = _segment(algorithm, length, problem, current, keys, done)
        records.append(jax.tree.map(np.asarray, segment))
        done += length
        save(checkpoint, seeds, current, records)
    return Trace(current[0], join(records))


def _start(algorithm: Algorithm, w, seeds: int):
    """(w, state of the outer step), repeated for every seed."""
    w = jax.tree.map(lambda leaf: jnp.broadcast_to(jnp.asarray(leaf), (seeds, *jnp.shape(leaf))), w)
    return w, jax.vmap(algorithm.outer.init)(w)


@partial(jax.jit, static_argnums=(0, 1))
def _segment(algorithm: Algorithm, length: int, problem: Problem, current, keys, first):
    """``length`` iterations of every seed from its (w, state of the outer step)."""

    def iterate(current, key):
        w, state = current
        kept = algorithm.record(problem, w)
        key_direction, key_step = jax.random.split(key)
        direction = _direction(algorithm, problem, w, key_direction)
        return algorithm.outer.update(problem, w, direction, state, key_step), kept

    def run(current_and_key):
        current, key = current_and_key
        indices = first + jnp.arange(length)
        return jax.lax.scan(lambda current, k: iterate(current, jax.random.fold_in(key, k)), current, indices)

    return map_in_chunks(run, (current, keys))


def _direction(algorithm: Algorithm, problem: Problem, w, key):
    def estimator(task, alpha, w, batches):
        return algorithm.estimator(task, alpha, w, batches, problem.parameters)

    return task_batch_direction(estimator, problem.family, problem.alpha, w, key, algorithm.B, algorithm.sizes)
