"""Vector arithmetic on parameters, which may be any pytree of arrays or of fractions."""

import functools
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from mamllib import arithmetic

NUMBER = jax.tree.structure(0)


def add(x, y):
    """x + y."""
    return jax.tree.map(lambda a, b: a + b, x, y)


def subtract(x, y):
    """x − y."""
    return jax.tree.map(lambda a, b: a - b, x, y)


def scale(factor, x):
    """factor · x."""
    return jax.tree.map(lambda a: factor * a, x)


def times(rates, x):
    """rates ∘ x: ``x`` times one number, or each coordinate times its own rate (``rates`` is a tree like ``x``)."""
    return scale(rates, x) if is_number(rates) else jax.tree.map(lambda rate, a: rate * a, rates, x)


def is_number(x) -> bool:
    """Whether ``x`` is one number: a scalar, a fraction, an array without axes."""
    return jax.tree.structure(x) == NUMBER and np.shape(x) == ()


def largest(rates):
    """max rates, the norm of diag(rates) for rates ≥ 0; a number is itself."""
    if is_number(rates):
        return rates
    return functools.reduce(arithmetic.larger, [_largest_entry(leaf) for leaf in jax.tree.leaves(rates)])


def _largest_entry(leaf):
    return max(np.ravel(leaf)) if arithmetic.is_exact(leaf) else jnp.max(leaf)


def step(w, size, direction):
    """w − size ∘ direction; ``size`` is one number, or a rate a coordinate."""
    return subtract(w, times(size, direction))


def transposed_step(v, size, product):
    """(I − A diag(size)) v = v − A(size ∘ v) for the symmetric A of ``product``, v ↦ Av.

    It is the transpose of the derivative of w ↦ w − size ∘ ∇f(w), where A = ∇²f(w).
    """
    return step(v, size, product(v)) if is_number(size) else subtract(v, product(times(size, v)))


def norm_squared(x):
    """‖x‖², the sum of squares over all leaves."""
    return sum(_sum_of_squares(leaf) for leaf in jax.tree.leaves(x))


def norm(x):
    """Euclidean norm ‖x‖ over all leaves."""
    leaves = jax.tree.leaves(x)
    if len(leaves) == 1 and isinstance(leaves[0], Fraction | int | float):
        return abs(leaves[0])
    return arithmetic.sqrt(norm_squared(x))


def _sum_of_squares(leaf):
    if isinstance(leaf, np.ndarray) and leaf.dtype == object:
        return sum((entry * entry for entry in leaf.ravel()), Fraction(0))
    if isinstance(leaf, Fraction | int | float):
        return leaf * leaf
    return (np if isinstance(leaf, np.ndarray) else jnp).sum(leaf * leaf)


def dimension(x) -> int:
    """Number of scalar parameters d."""
    return sum(int(np.size(leaf)) for leaf in jax.tree.leaves(x))


def basis(x):
    """The d unit vectors of the space of ``x``, stacked along a new leading axis."""
    flat, unravel = ravel_pytree(x)
    return jax.vmap(unravel)(jnp.eye(flat.size, dtype=flat.dtype))


def ravel(x) -> Float[Array, " d"] | np.ndarray:
    """All leaves in one vector (d,), of fractions where they are."""
    if arithmetic.is_exact(x):
        return np.concatenate([np.ravel(np.asarray(leaf, dtype=object)) for leaf in jax.tree.leaves(x)])
    return ravel_pytree(x)[0]
