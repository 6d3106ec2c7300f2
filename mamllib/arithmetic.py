"""What floats and fractions do not share: the few functions that let one formula serve both.

A task written with these and with ``+ − * /`` evaluates on JAX arrays and on ``fractions.Fraction``.
The second gives verdicts of grade *exact*.
"""

import functools
import math
from collections.abc import Callable
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Scalar = int | float | Fraction | Float[Array, ""]


class IrrationalError(ArithmeticError):
    """A square root left the rationals, so the instance has no exact evaluation."""


def is_exact(tree) -> bool:
    """Whether any leaf is a fraction (or a numpy array of them): the evaluation must then stay rational."""
    return any(_is_exact_leaf(leaf) for leaf in jax.tree.leaves(tree))


def _is_exact_leaf(leaf) -> bool:
    return isinstance(leaf, Fraction) or (isinstance(leaf, np.ndarray) and leaf.dtype == object)


def where(condition, then, otherwise):
    """``then`` where the condition is true, elementwise on arrays."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    return jnp.where(condition, then, otherwise)


def absolute(x):
    """|x|."""
    return abs(x) if isinstance(x, Fraction) else jnp.abs(x)


def sign(x):
    """−1, 0 or 1."""
    return Fraction((x > 0) - (x < 0)) if isinstance(x, Fraction) else jnp.sign(x)


def sqrt(x):
    """√x; exact on fractions.

    Raises:
        IrrationalError: ``x`` is a fraction and not the square of one.
    """
    if not isinstance(x, Fraction):
        return jnp.sqrt(x)
    root = Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))
    if root * root != x:
        raise IrrationalError(f"√({x}) is irrational")
    return root


def jit_unless_exact(function: Callable) -> Callable:
    """``jax.jit`` for arrays; the plain function where an argument holds fractions."""
    compiled = jax.jit(function)

    @functools.wraps(function)
    def wrapper(*arguments):
        return (function if is_exact(arguments) else compiled)(*arguments)

    return wrapper


def each(function: Callable, *points):
    """Apply ``function`` along the leading axis: ``vmap`` on arrays, a loop on tuples of exact points."""
    if isinstance(points[0], tuple) and is_exact(points):
        return np.array([function(*point) for point in zip(*points, strict=True)], dtype=object)
    return jax.vmap(function)(*points)


def larger(a, b):
    """max(a, b), for fractions and arrays."""
    return max(a, b) if isinstance(a, Fraction) or isinstance(b, Fraction) else jnp.maximum(a, b)


def smaller(a, b):
    """min(a, b), for fractions and arrays."""
    return min(a, b) if isinstance(a, Fraction) or isinstance(b, Fraction) else jnp.minimum(a, b)
