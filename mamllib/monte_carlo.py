"""Means of random vectors in constant memory: block means from a stream of independent draws."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from mamllib import tree, validation

BLOCKS = 64
DRAWS_PER_CHUNK = 32


class Stream(NamedTuple):
    """Block means (m, d) of independent draws, the mean of ‖X‖², and the number of draws."""

    blocks: Float[np.ndarray, "blocks d"]
    mean_square: float
    samples: int

    @property
    def standard_error_per_sample(self) -> float:
        """√E‖X − EX‖²: divide by √samples for the standard error of the mean."""
        return float(np.sqrt(self.mean_square - np.sum(self.blocks.mean(axis=0) ** 2)))


def stream(draw: Callable[[Any, Any], Any], argument, key, samples: int) -> Stream:
    """Means of ``draw(argument, key)`` (a pytree, flattened to (d,)) over at least ``samples`` independent keys.

    The draws run in chunks of 32 inside one compiled loop per block, so memory does not grow with ``samples``. Data
    goes in through ``argument``; ``draw`` must be a module-level function, since it keys the compilation cache.

    Raises:
        ValueError: ``samples`` is not an integer ≥ 1.
    """
    validation.require_batch_size("samples", samples)
    chunks = -(-samples // (BLOCKS * DRAWS_PER_CHUNK))
    rows = [_block_mean(draw, argument, k, chunks) for k in jax.random.split(key, BLOCKS)]
    means, squares = zip(*rows, strict=True)
    return Stream(np.stack(means), float(np.mean(squares)), BLOCKS * DRAWS_PER_CHUNK * chunks)


@functools.partial(jax.jit, static_argnums=0)
def _block_mean(draw, argument, key, chunks):
    def values(index):
        keys = jax.random.split(jax.random.fold_in(key, index), DRAWS_PER_CHUNK)
        return jax.vmap(lambda k: tree.ravel(draw(argument, k)))(keys)

    def add_chunk(index, sums):
        x = values(index)
        return sums[0] + jnp.mean(x, axis=0), sums[1] + jnp.mean(jnp.sum(x**2, axis=1))

    dimension = jax.eval_shape(values, 0).shape[1]
    total, squares = jax.lax.fori_loop(0, chunks, add_chunk, (jnp.zeros(dimension), jnp.zeros(())))
    return total / chunks, squares / chunks
