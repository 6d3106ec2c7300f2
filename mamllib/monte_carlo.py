"""Means of random vectors in constant memory: block means from a stream of draws, independent or stratified."""

import functools
import math
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
# The numbers of two parts are multiplied in 32 bits.
MOST_STRATA = 2**15


class Watched(NamedTuple):
    """A draw with quantities to watch, a pytree of scalars of which the stream keeps the largest over all draws."""

    value: Any
    watch: Any


class Stream(NamedTuple):
    """Block means (m, d) of draws, the mean of ‖X‖², the number of draws, the largest of what was watched.

    A quantity undefined in one draw is NaN in ``largest``. Blocks are independent of each other; ``stratified``: the
    draws within one are not.
    """

    blocks: Float[np.ndarray, "blocks d"]
    mean_square: float
    samples: int
    largest: Any = ()
    stratified: bool = False

    @property
    def standard_error_per_sample(self) -> float:
        """Divide by √samples for the standard error of the mean: √E‖X − EX‖², or what the blocks show if stratified."""
        if self.stratified:
            return float(np.sqrt(np.sum(self.blocks.var(axis=0, ddof=1)) * self.samples / len(self.blocks)))
        return float(np.sqrt(self.mean_square - np.sum(self.blocks.mean(axis=0) ** 2)))


class Layout(NamedTuple):
    """What a block is made of: sets of ``strata`` draws, or of 32 independent ones where ``strata`` is ``None``."""

    strata: int | None

    @property
    def draws(self) -> int:
        """In one set."""
        return self.strata or DRAWS_PER_CHUNK

    @property
    def chunks(self) -> int:
        """In one set."""
        return -(-self.draws // DRAWS_PER_CHUNK)


def stream(draw: Callable[[Any, Any], Any], argument, key, samples: int) -> Stream:
    """Means of ``draw(argument, key)`` (a pytree, flattened to (d,)) over at least ``samples`` draws.

    The draws run in chunks of 32 inside one compiled loop over all blocks, so memory does not grow with ``samples`` and
    any number of them is one program. Data goes in through ``argument``; ``draw`` must be a module-level function or a
    hashable object, since it keys the compilation cache. It may return ``Watched(value, watch)``. A draw with a method
    ``numbers_read(argument)`` is given that many uniform numbers in place of the key, all of a chunk drawn at once.

    Draws are independent, unless such a draw has a method ``strata(argument)``, which says into how many equal parts
    (0, 1) falls, or ``None``, and ``samples`` suffice: then in a set of so many draws each number falls into each part
    once (a lattice with a random generator and a random shift; Cranley & Patterson 1976), while every draw alone has
    the law it had. What depends on one number at a time, and on its part alone, then has no variance.

    Raises:
        ValueError: ``samples`` is not an integer ≥ 1.
    """
    validation.require_count("samples", samples)
    layout = _layout(draw, argument, samples)
    sets = -(-samples // (BLOCKS * layout.draws))
    parts = split(draw)
    means, squares, largest = _blocks(parts.rest, layout, parts.data, strongly_typed(argument), key, sets)
    kept = jax.tree.map(lambda leaf: np.asarray(leaf).max(axis=0), largest)
    drawn = BLOCKS * layout.draws * sets
    return Stream(np.asarray(means), float(np.mean(squares)), drawn, kept, layout.strata is not None)


def _layout(draw, argument, samples: int) -> Layout:
    strata = draw.strata(argument) if hasattr(draw, "strata") else None
    fits = strata is not None and strata <= MOST_STRATA and BLOCKS * strata <= samples
    return Layout(strata if fits else None)


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
    return _of_numbers(draw, argument, _numbers(draw, argument, key, index))


def _numbers(draw, argument, key, index):
    """The uniform numbers of 32 draws, (32, count)."""
    count = numbers_of(draw, argument)
    return uniforms(jax.random.fold_in(key, index), DRAWS_PER_CHUNK * count).reshape(DRAWS_PER_CHUNK, count)


def _of_numbers(draw, argument, numbers) -> Watched:
    return jax.vmap(lambda numbers: _flat(draw(argument, randomness_for(draw, numbers))))(numbers)


def _stratified(numbers, key, strata: int, first):
    """Of a set of ``strata`` draws those from the ``first`` on, each number in the part that is its turn."""
    generators = np.array([number for number in range(1, strata + 1) if math.gcd(number, strata) == 1])
    words = jax.random.randint(key, (2, numbers.shape[1]), 0, jnp.array([[len(generators)], [strata]]))
    turn = first + jnp.arange(DRAWS_PER_CHUNK)[:, None]
    part = (turn * jnp.asarray(generators)[words[0]] + words[1]) % strata
    return jnp.minimum((part + numbers) / strata, 1 - jnp.finfo(numbers.dtype).epsneg)


def _weighted_chunk(draw, layout: Layout, argument, key, index) -> tuple[Watched, Any]:
    """(32 draws, the weight of each in the mean of a set)."""
    if layout.strata is None:
        return _chunk(draw, argument, key, index), jnp.full(DRAWS_PER_CHUNK, 1 / DRAWS_PER_CHUNK)
    of_draws, of_strata = jax.random.split(key)
    number, first = index // layout.chunks, index % layout.chunks * DRAWS_PER_CHUNK
    numbers = _numbers(draw, argument, of_draws, index)
    numbers = _stratified(numbers, jax.random.fold_in(of_strata, number), layout.strata, first)
    inside = first + jnp.arange(DRAWS_PER_CHUNK) < layout.strata
    return _of_numbers(draw, argument, numbers), inside / layout.strata


@functools.partial(jax.jit, static_argnums=(0, 1))
def _blocks(rest, layout, data, argument, key, sets):
    """(mean, mean of ‖X‖², largest watched) of each block."""
    chunk = functools.partial(_weighted_chunk, joined(Split(data, rest)), layout, argument, key)
    chunks = sets * layout.chunks

    def block(number):
        def add_chunk(index, sums):
            x, weights = chunk(number * chunks + index)
            largest = jax.tree.map(lambda most, leaf: jnp.maximum(most, leaf.max(axis=0)), sums[2], x.watch)
            mean, square = weights @ x.value, weights @ jnp.sum(x.value**2, axis=1)
            return sums[0] + mean, sums[1] + square, largest

        made, _ = jax.eval_shape(chunk, 0)
        lowest = jax.tree.map(lambda leaf: jnp.full(leaf.shape[1:], -jnp.inf), made.watch)
        start = (jnp.zeros(made.value.shape[1]), jnp.zeros(()), lowest)
        total, squares, largest = jax.lax.fori_loop(0, chunks, add_chunk, start)
        return total / sets, squares / sets, largest

    return jax.lax.map(block, jnp.arange(BLOCKS))


def _flat(drawn) -> Watched:
    """The draw as one vector (d,), with what is watched as floats."""
    value, watch = drawn if isinstance(drawn, Watched) else (drawn, ())
    return Watched(tree.ravel(value), jax.tree.map(lambda leaf: jnp.asarray(leaf, float), watch))
