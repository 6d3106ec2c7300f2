"""Many equal evaluations: side by side as far as the cache holds them, in a loop beyond that."""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp

from mamllib.precision import in_single

# On a CPU a chunk stays in cache: all at once costs up to six times as much. An evaluation beyond the second number
# keeps a core busy alone, and a loop reads its data in place where ``vmap`` copies them first.
FLOATS_IN_CACHE = 2**21
FLOATS_ALONE = 2**16
# In float32, which networks are trained in, and where data are few beside what is made of them: a network 1-40-40-1 is
# faster beside others after five steps, one of 64-128-128-5 alone.
SINGLES_IN_CACHE = 2**23
SINGLES_ALONE = 2**19
FEW_DATA = 1 / 16
# An accelerator is slowed by a loop; there a chunk only has to fit into memory, of which it may fill a quarter.
FLOATS_ON_ACCELERATOR = 2**27
SHARE_OF_MEMORY = 1 / 4
# Values beyond that many floats are not held side by side until they are added up: a chunk is, and then the next.
FLOATS_HELD = 2**24


def map_in_chunks(function: Callable, xs, floats_each: int | None = None, data_each: int | None = None):
    """``function`` of every entry along the leading axis of the pytree ``xs``, stacked; ``vmap`` inside a chunk.

    ``floats_each`` is how many floats one evaluation makes, where that is known; else they are counted. ``data_each``
    is how many numbers it reads that ``vmap`` would copy, where that is known.
    """
    if floats_each is None:
        floats_each = floats_made(function, jax.tree.map(lambda leaf: leaf[0], xs))
    return map_in_equal_chunks(function, xs, chunk_size(_count(xs), floats_each, data_each))


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


def chunk_size(count: int, floats_each: int, data_each: int | None = None) -> int:
    """How many evaluations go side by side: 1 large one on a CPU, else what cache or memory allows."""
    return min(count, max(1, _floats_at_once(floats_each, data_each) // floats_each))


def _floats_at_once(floats_each: int, data_each: int | None) -> int:
    if jax.default_backend() != "cpu":
        return _floats_on_accelerator()
    few_singles = in_single() and data_each is not None and data_each <= FEW_DATA * floats_each
    most, alone = (SINGLES_IN_CACHE, SINGLES_ALONE) if few_singles else (FLOATS_IN_CACHE, FLOATS_ALONE)
    return most if floats_each <= alone else floats_each


def _floats_on_accelerator() -> int:
    """How many float64 a chunk may make: counted are all that are made, and fewer are alive at once."""
    known = jax.local_devices()[0].memory_stats() or {}
    return int(min(FLOATS_ON_ACCELERATOR, SHARE_OF_MEMORY * known.get("bytes_limit", math.inf) / 8))


def are_held(count: int, values) -> bool:
    """Whether ``count`` such values (their shapes) are few enough to be held side by side until they are added up."""
    return count * sum(leaf.size for leaf in jax.tree.leaves(values)) <= FLOATS_HELD


def weighted_sum(function: Callable, xs, weights, most: int | None = None):
    """Σ weights · function(x) over the leading axis of ``xs``, in the memory of one chunk, of at most ``most``.

    Where a weight is 0 the value does not count, even if it is undefined.
    """
    count = len(weights)
    most = most or chunk_size(count, floats_made(function, jax.tree.map(lambda leaf: leaf[0], xs)))
    chunk = equal_chunk(count, most)
    missing = -count % chunk  # filled up by the last one again, with weight 0
    filled = (_filled_up(xs, missing), jnp.concatenate([weights, jnp.zeros(missing, weights.dtype)]))
    parts = jax.tree.map(lambda leaf: leaf.reshape(-1, chunk, *leaf.shape[1:]), filled)

    def sum_of(xs, weights):
        def summed(leaf):
            counts = weights.reshape(-1, *(1,) * (leaf.ndim - 1)) != 0
            return jnp.tensordot(weights, jnp.where(counts, leaf, 0), axes=1)

        return jax.tree.map(summed, jax.vmap(function)(xs))

    def add(total, part):
        return jax.tree.map(jnp.add, total, sum_of(*part)), None

    shapes = jax.eval_shape(sum_of, *jax.tree.map(lambda leaf: leaf[0], parts))
    start = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
    return jax.lax.scan(add, start, parts)[0]


def first_of(xs):
    """The first entry along the leading axis, as a shape."""
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape[1:], leaf.dtype), xs)


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
