"""Means of random vectors in constant memory: block means from a stream of independent draws."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from mamllib import tree, validation
from mamllib.leaves import Split, joined, split, strongly_typed
from mamllib.uniforms import numbers_of, randomness_for, uniforms

BLOCKS = 64
DRAWS_PER_CHUNK = 32


class Watched(NamedTuple):
    """A draw with quantities to watch, a pytree of scalars of which the stream keeps the largest over all draws."""

    value: Any
    watch: Any


class Stream(NamedTuple):
    """Block means (m, d) of independent draws, the mean of ‖X‖², the number of draws, the largest of what was watched.

    A quantity that is undefined in one draw is NaN in ``largest``.
    """

    blocks: Float[np.ndarray, "blocks d"]
    mean_square: float
    samples: int
    largest: Any = ()

    @property
    def standard_error_per_sample(self) -> float:
        """√E‖X − EX‖²: divide by √samples for the standard error of the mean."""
        return float(np.sqrt(self.mean_square - np.sum(self.blocks.mean(axis=0) ** 2)))


def stream(draw: Callable[[Any, Any], Any], argument, key, samples: int) -> Stream:
    """Means of ``draw(argument, key)`` (a pytree, flattened to (d,)) over at least ``samples`` independent draws.

    The draws run in chunks of 32 inside one compiled loop over all blocks, so memory does not grow with ``samples`` and
    any number of them is one program. Data goes in through ``argument``; ``draw`` must be a module-level function or a
    hashable object, since it keys the compilation cache. It may return ``Watched(value, watch)``. A draw with a method
    ``numbers_read(argument)`` is given that many uniform numbers in place of the key, all of a chunk drawn at once.

    Raises:
        ValueError: ``samples`` is not an integer ≥ 1.
    """
    validation.require_count("samples", samples)
    chunks = -(-samples // (BLOCKS * DRAWS_PER_CHUNK))
    parts = split(draw)
    means, squares, largest = _blocks(parts.rest, parts.data, strongly_typed(argument), key, chunks)
    kept = jax.tree.map(lambda leaf: np.asarray(leaf).max(axis=0), largest)
    return Stream(np.asarray(means), float(np.mean(squares)), BLOCKS * DRAWS_PER_CHUNK * chunks, kept)


def every_draw(draw: Callable[[Any, Any], Any], argument, key, samples: int) -> Float[np.ndarray, "samples d"]:
    """The draws themselves that ``stream`` takes the means of, (samples, d) in memory: for bounds that use the range
    of one draw, which the mean of a block does not fill.

    Raises:
        ValueError: ``samples`` is not an integer ≥ 1.
    """
    validation.require_count("samples", samples)
    chunks = -(-samples // (BLOCKS * DRAWS_PER_CHUNK))
    parts = split(draw)
    numbers = np.arange(BLOCKS * chunks)
    return np.concatenate(_draws(parts.rest, parts.data, strongly_typed(argument), key, numbers))


@functools.partial(jax.jit, static_argnums=0)
def _draws(rest, data, argument, key, numbers):
    """The values in the chunks of these numbers, (chunks, 32, d)."""
    draw = joined(Split(data, rest))
    return jax.lax.map(lambda index: _chunk(draw, argument, key, index).value, numbers)


def _chunk(draw, argument, key, index) -> Watched:
    """32 draws at once."""
    count = numbers_of(draw, argument)
    numbers = uniforms(jax.random.fold_in(key, index), DRAWS_PER_CHUNK * count).reshape(DRAWS_PER_CHUNK, count)
    return jax.vmap(lambda numbers: _flat(draw(argument, randomness_for(draw, numbers))))(numbers)


@functools.partial(jax.jit, static_argnums=0)
def _blocks(rest, data, argument, key, chunks):
    """(mean, mean of ‖X‖², largest watched) of each block."""
    chunk = functools.partial(_chunk, joined(Split(data, rest)), argument, key)

    def block(number):
        def add_chunk(index, sums):
            x = chunk(number * chunks + index)
            largest = jax.tree.map(lambda most, leaf: jnp.maximum(most, leaf.max(axis=0)), sums[2], x.watch)
            mean, square = jnp.mean(x.value, axis=0), jnp.mean(jnp.sum(x.value**2, axis=1))
            return sums[0] + mean, sums[1] + square, largest

        made = jax.eval_shape(chunk, 0)
        lowest = jax.tree.map(lambda leaf: jnp.full(leaf.shape[1:], -jnp.inf), made.watch)
        start = (jnp.zeros(made.value.shape[1]), jnp.zeros(()), lowest)
        total, squares, largest = jax.lax.fori_loop(0, chunks, add_chunk, start)
        return total / chunks, squares / chunks, largest

    return jax.lax.map(block, jnp.arange(BLOCKS))


def _flat(drawn) -> Watched:
    """The draw as one vector (d,), with what is watched as floats."""
    value, watch = drawn if isinstance(drawn, Watched) else (drawn, ())
    return Watched(tree.ravel(value), jax.tree.map(lambda leaf: jnp.asarray(leaf, float), watch))
