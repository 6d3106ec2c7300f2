"""The outer loop: one compiled scan over meta-iterations, any estimator, any step rule, many seeds at once.

    w_{k+1} = w_k − β_k (1/B) Σ_{i∈ℬ_k} estimator(f_i, α, w_k, 𝒟_in, 𝒟_o, 𝒟_h)

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

from mamllib import tree, validation
from mamllib.estimators import BatchSizes, task_batch_direction
from mamllib.tasks.family import TaskFamily

ITERATIONS_PER_SEGMENT = 1000


class Problem(NamedTuple):
    """What is trained: a task family, the inner step α, and a pytree of parameters for the estimator and the step."""

    family: TaskFamily
    alpha: Any
    parameters: Any = ()


@dataclass(frozen=True)
class Algorithm:
    """How: an estimator, a step rule and a record, all module-level functions, and the batch sizes.

    ``estimator(task, α, w, batches, parameters)`` gives a direction; ``step(problem, w, key)`` gives β_k;
    ``record(problem, w)`` is what is kept of every iterate.
    """

    estimator: Callable
    step: Callable
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
        algorithm: estimator, step rule, record and batch sizes.
        problem: task family, α and parameters.
        w: start, the same for every seed.
        seeds: integers; runs with different seeds are independent.
        iterations: number of outer steps K.
        checkpoint: file that holds the run so far; an interrupted run goes on from it.

    Raises:
        ValueError: α < 0, a batch size or ``iterations`` that is not an integer ≥ 1, ``w`` not finite.
    """
    validation.require_nonnegative("alpha", problem.alpha)
    validation.require_parameters("w", w)
    for name, size in (("B", algorithm.B), ("iterations", iterations), *algorithm.sizes._asdict().items()):
        validation.require_batch_size(name, size)
    keys = jax.vmap(jax.random.key)(jnp.asarray(seeds))
    start = jax.tree.map(lambda leaf: jnp.broadcast_to(jnp.asarray(leaf), (len(keys), *jnp.shape(leaf))), w)
    done, current, records = _resume(checkpoint, start)
    while done < iterations:
        length = min(ITERATIONS_PER_SEGMENT, iterations - done)
        current, segment = _segment(algorithm, length, problem, current, keys, done)
        records.append(jax.tree.map(np.asarray, segment))
        done += length
        _save(checkpoint, done, current, records)
    return Trace(current, jax.tree.map(lambda *parts: np.concatenate(parts, axis=1), *records))


@partial(jax.jit, static_argnums=(0, 1))
def _segment(algorithm: Algorithm, length: int, problem: Problem, w, keys, first):
    def iterate(w, key):
        kept = algorithm.record(problem, w)
        key_direction, key_step = jax.random.split(key)
        direction = _direction(algorithm, problem, w, key_direction)
        return tree.step(w, algorithm.step(problem, w, key_step), direction), kept

    def run(w, key):
        indices = first + jnp.arange(length)
        return jax.lax.scan(lambda w, k: iterate(w, jax.random.fold_in(key, k)), w, indices)

    return jax.vmap(run)(w, keys)


def _direction(algorithm: Algorithm, problem: Problem, w, key):
    def estimator(task, alpha, w, batches):
        return algorithm.estimator(task, alpha, w, batches, problem.parameters)

    return task_batch_direction(estimator, problem.family, problem.alpha, w, key, algorithm.B, algorithm.sizes)


def _resume(checkpoint: Path | None, start):
    if checkpoint is None or not checkpoint.exists():
        return 0, start, []
    with np.load(checkpoint) as saved:
        leaves = [jnp.asarray(saved[f"w{i}"]) for i in range(len(jax.tree.leaves(start)))]
        return int(saved["done"]), jax.tree.unflatten(jax.tree.structure(start), leaves), [saved["records"]]


def _save(checkpoint: Path | None, done: int, w, records) -> None:
    """Write to a neighbouring file first and move it in place, so that a cut-off leaves the last whole checkpoint."""
    if checkpoint is None:
        return
    leaves = {f"w{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(w))}
    unfinished = checkpoint.with_suffix(".unfinished.npz")
    np.savez(unfinished, done=done, records=np.concatenate(records, axis=1), **leaves)
    unfinished.replace(checkpoint)
