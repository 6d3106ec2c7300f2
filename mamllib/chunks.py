"""Many equal evaluations: side by side as far as the cache holds them, in a loop beyond that."""

from collections.abc import Callable

import jax

# On a CPU a chunk stays in cache: all at once costs up to six times as much. An evaluation beyond the second number
# keeps a core busy alone, and a loop reads its data in place where ``vmap`` copies them first.
FLOATS_IN_CACHE = 2**21
FLOATS_ALONE = 2**16
# An accelerator is slowed by a loop; there a chunk only has to fit into memory.
FLOATS_ON_ACCELERATOR = 2**27


def map_in_chunks(function: Callable, xs):
    """``function`` of every entry along the leading axis of the pytree ``xs``, stacked; ``vmap`` inside a chunk."""
    count = jax.tree.leaves(xs)[0].shape[0]
    chunk = chunk_size(count, floats_made(function, jax.tree.map(lambda leaf: leaf[0], xs)))
    return jax.lax.map(function, xs, batch_size=None if chunk == 1 else chunk)


def chunk_size(count: int, floats_each: int) -> int:
    """The size of equal chunks: 1 for a large evaluation on a CPU, else as large as cache or memory allows."""
    on_cpu = jax.default_backend() == "cpu"
    if on_cpu and floats_each > FLOATS_ALONE:
        return 1
    chunks = -(-count // max(1, (FLOATS_IN_CACHE if on_cpu else FLOATS_ON_ACCELERATOR) // floats_each))
    return -(-count // chunks)


def floats_made(function: Callable, x) -> int:
    """Number of entries of all arrays that the traced ``function`` makes; the body of a loop counts once."""
    return _entries(jax.make_jaxpr(function)(x))


def _entries(jaxpr) -> int:
    return sum(
        sum(made.aval.size for made in equation.outvars) + sum(map(_entries, _inner(equation)))
        for equation in jaxpr.eqns
    )


def _inner(equation):
    """The traced functions that an equation calls: bodies of loops, branches, compiled functions."""
    return [value for value in jax.tree.leaves(equation.params) if hasattr(value, "eqns")]
