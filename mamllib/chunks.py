"""Many equal evaluations: side by side as far as the cache holds them, in a loop beyond that."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

# On a CPU a chunk stays in cache: all at once costs up to six times as much. An evaluation beyond the second number
# keeps a core busy alone, and a loop reads its data in place where ``vmap`` copies them first.
FLOATS_IN_CACHE = 2**21
FLOATS_ALONE = 2**16
# An accelerator is slowed by a loop; there a chunk only has to fit into memory.
FLOATS_ON_ACCELERATOR = 2**27


def map_in_chunks(function: Callable, xs, floats_each: int | None = None):
    """``function`` of every entry along the leading axis of the pytree ``xs``, stacked; ``vmap`` inside a chunk.

    ``floats_each`` is how many floats one evaluation makes, where that is known; else they are counted.
    """
    if floats_each is None:
        floats_each = floats_made(function, jax.tree.map(lambda leaf: leaf[0], xs))
    return map_in_equal_chunks(function, xs, chunk_size(_count(xs), floats_each))


def map_in_equal_chunks(function: Callable, xs, most: int):
    """The same in equal chunks of at most ``most``, so that one chunk is compiled: the last is filled up by its end."""
    count = _count(xs)
    chunk = equal_chunk(count, most)
    if chunk == 1:
        return jax.lax.map(function, xs)
    missing = -count % chunk
    values = jax.lax.map(function, _filled_up(xs, missing), batch_size=chunk)
    return jax.tree.map(lambda leaf: leaf[:count], values) if missing else values


def equal_chunk(count: int, most: int) -> int:
    """The largest divisor of ``count`` between most/2 and ``most``, else what needs the fewest chunks."""
    divisors = (size for size in range(min(count, most), most // 2, -1) if count % size == 0)
    return next(divisors, -(-count // -(-count // most)))


def chunk_size(count: int, floats_each: int) -> int:
    """How many evaluations go side by side: 1 large one on a CPU, else as many as cache or memory allows."""
    on_cpu = jax.default_backend() == "cpu"
    if on_cpu and floats_each > FLOATS_ALONE:
        return 1
    return min(count, max(1, (FLOATS_IN_CACHE if on_cpu else FLOATS_ON_ACCELERATOR) // floats_each))


def floats_made(function: Callable, x) -> int:
    """Number of entries of all arrays that the traced ``function`` makes; the body of a loop counts once."""
    return _entries(jax.make_jaxpr(function)(x))


def _count(xs) -> int:
    return jax.tree.leaves(xs)[0].shape[0]


def _filled_up(xs, missing: int):
    def fill(leaf):
        return jnp.concatenate([leaf, jnp.broadcast_to(leaf[-1:], (missing, *leaf.shape[1:]))])

    return jax.tree.map(fill, xs) if missing else xs


def _entries(jaxpr) -> int:
    return sum(
        sum(made.aval.size for made in equation.outvars) + sum(map(_entries, _inner(equation)))
        for equation in jaxpr.eqns
    )


def _inner(equation):
    """The traced functions that an equation calls: bodies of loops, branches, compiled functions."""
    return [value for value in jax.tree.leaves(equation.params) if hasattr(value, "eqns")]
