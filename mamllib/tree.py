"""Vector arithmetic on parameters, which may be any pytree of arrays or of fractions."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from mamllib import arithmetic


def add(x, y):
    """x + y."""
    return jax.tree.map(lambda a, b: a + b, x, y)


def subtract(x, y):
    """x − y."""
    return jax.tree.map(lambda a, b: a - b, x, y)


def scale(factor, x):
    """factor · x."""
    return jax.tree.map(lambda a: factor * a, x)


def step(w, size, direction):
    """w − size · direction."""
    return jax.tree.map(lambda a, b: a - size * b, w, direction)


def norm_squared(x):
    """‖x‖², the sum of squares over all leaves."""
    return sum(_sum_of_squares(leaf) for leaf in jax.tree.leaves(x))


def norm(x):
    """Euclidean norm ‖x‖ over all leaves."""
    leaves = jax.tree.leaves(x)
    if len(leaves) == 1 and isinstance(leaves[0], Fraction):
        return abs(leaves[0])
    return arithmetic.sqrt(norm_squared(x))


def _sum_of_squares(leaf):
    if isinstance(leaf, np.ndarray) and leaf.dtype == object:
        return sum((entry * entry for entry in leaf.ravel()), Fraction(0))
    return leaf * leaf if isinstance(leaf, Fraction) else jnp.sum(leaf * leaf)


def dimension(x) -> int:
    """Number of scalar parameters d."""
    return sum(int(np.size(leaf)) for leaf in jax.tree.leaves(x))


def basis(x):
    """The d unit vectors of the space of ``x``, stacked along a new leading axis."""
    flat, unravel = ravel_pytree(x)
    return jax.vmap(unravel)(jnp.eye(flat.size, dtype=flat.dtype))


def ravel(x) -> Float[Array, " d"]:
    """All leaves in one vector (d,)."""
    return ravel_pytree(x)[0]
