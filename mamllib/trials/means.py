"""Means over many samples in constant memory."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

SAMPLES_PER_CHUNK = 16


def mean_over(theta, function: Callable):
    """(min rooms, mean terms) of (rooms, terms) = function(θ) over all θ along the leading axis, a chunk at a time."""
    count = jax.tree.leaves(theta)[0].shape[0]
    chunk = min(count, SAMPLES_PER_CHUNK)
    chunks = -(-count // chunk)
    places = jnp.arange(chunks * chunk).reshape(chunks, chunk)

    def values(place):
        rooms, terms = function(jax.tree.map(lambda leaf: leaf[jnp.minimum(place, count - 1)], theta))
        return rooms, jax.tree.map(lambda leaf: jnp.where(place < count, leaf, 0.0), terms)

    def add(known, places):
        rooms, terms = jax.vmap(values)(places)
        lowest = jnp.minimum(known[0], jnp.min(rooms, axis=0))
        return (lowest, jax.tree.map(lambda total, leaf: total + jnp.sum(leaf, axis=0), known[1], terms)), None

    shape = jax.eval_shape(values, 0)
    start = jnp.full(shape[0].shape, jnp.inf), jax.tree.map(lambda leaf: jnp.zeros(leaf.shape), shape[1])
    (lowest, total), _ = jax.lax.scan(add, start, places)
    return lowest, jax.tree.map(lambda leaf: leaf / count, total)
