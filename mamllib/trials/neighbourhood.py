"""Points near a point, in general position: off the kinks on which users like to start."""

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import tree
from mamllib.trials.roundoff import uneven

NEAR = 2.0**-6
LEAST = 2.0**-10


def nearby(w):
    """Three points stacked: w moved up and down along generic directions, by 1/64 of its coordinates, and w itself."""
    here = scale(w)

    def points(leaf, way):
        move = NEAR * (jnp.abs(leaf) + LEAST * here) * way
        return jnp.stack([leaf + move, leaf - move * (1 + jnp.abs(way)) / 2, leaf])

    return jax.tree.map(points, w, direction(w, 1))


def direction(w, seed: int):
    """A direction shaped like w, with coordinates between ½ and 1 in size and of either sign."""
    leaves, structure = jax.tree.flatten(w)
    numbers = [uneven(jnp.shape(leaf), 104729 * (seed + 31 * place)) for place, leaf in enumerate(leaves)]
    return jax.tree.unflatten(structure, [jnp.where(x < 0, x / 3 - 0.5, x / 3 + 0.5) for x in numbers])


def scale(w):
    """The root mean square of the coordinates of w; 1 where that is 0."""
    size = tree.norm(w) / np.sqrt(tree.dimension(w))
    return jnp.where(size > 0, size, 1.0)


def at(index, stacked):
    """Entry number ``index`` of every leaf."""
    return jax.tree.map(lambda leaf: leaf[index], stacked)


def is_finite(x):
    """Whether every number in a tree is."""
    return jnp.all(jnp.array([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(x)]))


def inner_product(x, y):
    """⟨x, y⟩ of two trees."""
    return sum(jnp.sum(a * b) for a, b in zip(jax.tree.leaves(x), jax.tree.leaves(y), strict=True))
