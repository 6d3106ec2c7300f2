"""The outer loop: one compiled loop over meta-iterations, any estimator, any outer step, many seeds at once.

    w_{k+1} = w_k − β_k (1/B) Σ_{i∈ℬ_k} estimator(f_i, α, w_k, 𝒟_in, 𝒟_o, 𝒟_h)

or what an optimiser makes of the same direction.

The dtype of w decides in what a run computes: float64, or float32 throughout, from samples to records. No verdict comes
from a float32 run: ``in_double`` copies its iterates, and statements are asked about the copies.

A run is deterministic in its seeds: the randomness of iteration k is derived from the seed and k alone, so a run that
is cut off and resumed from a checkpoint gives the same numbers as one that is not. Runs of any length share one
compiled program.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from mamllib import validation
from mamllib.checkpoint import Checkpoint
from mamllib.chunks import first_of, floats_made, map_in_chunks
from mamllib.devices import everywhere, here, mesh_of, require_same_everywhere, shared_by_seed
from mamllib.identity import identity
from mamllib.iteration import Algorithm, Problem, State, iterate, seed_words, watch
from mamllib.leaves import Split, held_in, joined, split, strongly_typed
from mamllib.precision import clashes_explained, computing_in
from mamllib.tasks.family import require_family

ITERATIONS_PER_SEGMENT = 1000
# The records of a segment are held in memory at once.
FLOATS_PER_SEGMENT = 2**24


class Trace(NamedTuple):
    """Final parameters, records of every iterate w_0, …, w_{K−1}, and the largest values watched.

    Leading axis: seeds; that of iterations is the second of the records.
    """

    w: Any
    records: Any
    watched: Any = ()


def train(
    algorithm: Algorithm,
    problem: Problem,
    w,
    seeds,
    iterations: int,
    checkpoint: Path | None = None,
    devices: Sequence[jax.Device] | None = None,
) -> Trace:
    """Run ``iterations`` outer steps from ``w`` for each of ``seeds``, in compiled segments of 1,000.

    Args:
        algorithm: estimator, outer step, record, batch sizes, and what is watched.
        problem: task family, α and parameters. Where w is float32 they are made float32 once, before the first step;
            whole numbers stay whole, and data held in bfloat16 stay so (``TaskFamily.held_in``).
        w: start, the same for every seed; float64, or float32 for a run in float32.
        seeds: a list of integers, one a run; runs with different seeds are independent.
        iterations: number of outer steps K.
        checkpoint: file that holds the run so far; an interrupted run of the same algorithm, problem, start and seeds
            goes on from it. Of several hosts the first writes it, and all have to see it.
        devices: those that share the run, first its seeds, then the tasks of each batch; ``jax.devices()`` for all, of
            all hosts, each of which makes the same call. One device by default.

    Raises:
        ValueError: α < 0 or of another shape than ``w``, a batch size or ``iterations`` that is not an integer ≥ 1,
            ``w`` not finite, ``seeds`` that are no list of integers, a checkpoint of another run or of more iterations,
            numbers beyond float32 where w is float32, no device or one twice.
        PrecisionError: ``w`` is neither float64 nor float32, or both.
        TypeError: ``family`` is not a ``TaskFamily`` or ``sizes`` not ``BatchSizes``.
    """
    dtype = _require(algorithm, problem, w, seeds, iterations)
    problem, w, seeds = strongly_typed(problem), strongly_typed(w), np.asarray(seeds)
    kept_as = partial(Checkpoint, checkpoint, partial(identity, algorithm, problem, w, seeds))
    with computing_in(dtype), clashes_explained():
        algorithm, problem = held_in(dtype, algorithm, "algorithm"), held_in(dtype, problem, "problem")
        return _trained(algorithm, problem, w, seeds, iterations, kept_as, mesh_of(devices, len(seeds)))


def _trained(algorithm, problem: Problem, w, seeds, iterations: int, kept_as: Callable, mesh: Mesh | None) -> Trace:
    start, kept = _start(algorithm, problem, w, len(seeds)), jax.eval_shape(algorithm.record, problem, w)
    run = kept_as((start, kept), iterations)
    parts, done = split(algorithm), run.done
    require_same_everywhere(mesh, "iterations in the checkpoint", done)
    data, problem, state, words = everywhere(mesh, (parts.data, problem, run.state, seed_words(seeds)))
    rows = _rows(kept, len(seeds))
    while done < iterations:
        length = min(rows, iterations - done)
        state, records = _segment(parts.rest, rows, data, problem, state, words, done, length, mesh)
        run.append(state, jax.tree.map(lambda leaf, length=length: np.asarray(leaf)[:, :length], records))
        done += length
    return Trace(here(mesh, state.w), run.joined_records(), here(mesh, state.watched))


@partial(jax.jit, static_argnums=(0, 1, 8))
def _segment(rest, rows: int, data, problem: Problem, state: State, words, first, length, mesh: Mesh | None):
    """``length`` ≤ ``rows`` iterations of every seed; records have ``rows`` rows, of which ``length`` are filled."""
    return shared_by_seed(partial(_of_seeds, rest, rows), mesh)((state, words), (data, problem, first, length))


def _of_seeds(rest, rows: int, state_and_words, others):
    data, problem, first, length = others
    algorithm = joined(Split(data, rest))

    def run(state_and_words):
        state, words = state_and_words

        def advance(row, carry):
            state, records = carry
            state, kept = iterate(algorithm, problem, state, words, first + row)
            return state, jax.tree.map(partial(_set_row, row), records, kept)

        kept = jax.eval_shape(algorithm.record, problem, state.w)
        records = jax.tree.map(lambda leaf: jnp.zeros((rows, *leaf.shape), leaf.dtype), kept)
        return jax.lax.fori_loop(0, length, advance, (state, records))

    floats_each = floats_made(lambda x: iterate(algorithm, problem, *x, first), first_of(state_and_words))
    return map_in_chunks(run, state_and_words, floats_each)


def _set_row(row, array, values):
    return jax.lax.dynamic_update_index_in_dim(array, values, row, axis=0)


def _start(algorithm: Algorithm, problem: Problem, w, seeds: int) -> State:
    """w and the state of the outer step, repeated for every seed; nothing watched yet."""
    key = jax.eval_shape(lambda: jax.random.key(0))
    watched = jax.eval_shape(partial(watch, algorithm), problem, w, w, key)
    first = State(
        w, algorithm.outer.init(w), jax.tree.map(lambda leaf: np.full(leaf.shape, -np.inf, leaf.dtype), watched)
    )
    return jax.tree.map(lambda leaf: np.broadcast_to(np.asarray(leaf), (seeds, *np.shape(leaf))), first)


def _rows(kept, seeds: int) -> int:
    """How many iterations a segment has, whatever the length of the run."""
    floats = seeds * sum(leaf.size for leaf in jax.tree.leaves(kept))
    return max(1, min(ITERATIONS_PER_SEGMENT, FLOATS_PER_SEGMENT // max(1, floats)))


def _require(algorithm: Algorithm, problem: Problem, w, seeds, iterations: int) -> np.dtype:
    """The dtype of ``w``, in which the run is computed."""
    require_family(problem.family)
    dtype = validation.require_start(problem.alpha, w)
    validation.require_sizes(algorithm.sizes)
    validation.require_batch_size("B", algorithm.B)
    validation.require_count("iterations", iterations)
    validation.require_integers("seeds", seeds)
    return dtype
