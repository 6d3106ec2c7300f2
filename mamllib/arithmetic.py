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

FINE = 10**12
AnyArray = jax.Array | np.ndarray
Scalar = int | float | Fraction | Float[Array, ""]


class IrrationalError(ArithmeticError):
    """A square root left the rationals, so the instance has no exact evaluation."""


def is_exact(tree) -> bool:
    """Whether any leaf is a fraction (or a numpy array of them): the evaluation must then stay rational."""
    return any(_is_exact_leaf(leaf) for leaf in jax.tree.leaves(tree))


def _is_exact_leaf(leaf) -> bool:
    if isinstance(leaf, np.ndarray) and leaf.dtype == object:
        return not any(isinstance(entry, float) for entry in leaf.flat)
    return isinstance(leaf, Fraction)


def is_traced(tree) -> bool:
    """Whether any leaf is known to JAX's tracing alone and has no value yet."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(tree))


def plain(value):
    """A Python number for one number that is known, so that no program is compiled for it; anything else as it is."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, int | float | Fraction) or is_traced(value) or np.ndim(value):
        return value
    return np.asarray(value).item()


def as_array(value):
    """JAX's array of these numbers; ``jnp.asarray`` would compile a program for every new shape."""
    if isinstance(value, jax.Array):
        return value
    known = np.asarray(value)
    # A copy where it is made narrow: JAX takes the same array, met again in float64, for what it made of it first.
    return jax.device_put(known.astype(jax.dtypes.canonicalize_dtype(known.dtype), copy=False))


def to_fractions(tree):
    """The same numbers as fractions, exactly: a float64 is one.

    Raises:
        OverflowError, ValueError: ±∞ or NaN is none. TypeError: a leaf is an array.
    """
    return jax.tree.map(lambda leaf: Fraction(plain(leaf)), tree)


def where(condition, then, otherwise):
    """``then`` where the condition is true, elementwise on arrays."""
    if isinstance(condition, bool | np.bool_):
        return then if condition else otherwise
    return jnp.where(condition, then, otherwise)


def absolute(x):
    """|x|."""
    return abs(x) if isinstance(x, Fraction | int) else jnp.abs(x)


def sign(x):
    """−1, 0 or 1."""
    return Fraction((x > 0) - (x < 0)) if isinstance(x, Fraction | int) else jnp.sign(x)


def sqrt(x):
    """√x; exact on fractions.

    Raises:
        IrrationalError: ``x`` is a fraction and not the square of one.
    """
    if not isinstance(x, Fraction):
        return _root_of_known(x) if isinstance(x, int | float | np.ndarray | np.generic) else jnp.sqrt(x)
    root = Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))
    if root * root != x:
        raise IrrationalError(f"√({x}) is irrational")
    return root


def root_below(square: Fraction) -> Fraction:
    """√square, or where it is irrational a fraction less than 10⁻¹² below it."""
    try:
        return sqrt(square)
    except IrrationalError:
        return Fraction(math.isqrt(square * FINE**2 // 1), FINE)


def root_above(square: Fraction) -> Fraction:
    """√square, or where it is irrational a fraction at most 10⁻¹² above it."""
    below = root_below(square)
    return below if below * below == square else below + Fraction(1, FINE)


def _root_of_known(x):
    with np.errstate(invalid="ignore"):
        return np.sqrt(x)


def jit_unless_exact(function: Callable) -> Callable:
    """``jax.jit`` for arrays; the plain function where an argument holds fractions."""
    compiled = jax.jit(function)

    @functools.wraps(function)
    def wrapper(*arguments):
        return (function if is_exact(arguments) else compiled)(*arguments)

    return wrapper


def each(function: Callable, *points):
    """Apply ``function`` along the leading axis: ``vmap`` on arrays, a loop on tuples of exact points.

    The fractions inside tell which: a tuple of arrays is a tree whose leaves have a leading axis.
    """
    if is_exact(points):
        return np.array([function(*point) for point in zip(*points, strict=True)], dtype=object)
    return jax.vmap(function)(*points)


def larger(a, b):
    """max(a, b), for fractions and arrays; NaN where one of them is."""
    return _extreme(max, jnp.maximum, a, b)


def smaller(a, b):
    """min(a, b), for fractions and arrays; NaN where one of them is."""
    return _extreme(min, jnp.minimum, a, b)


def _extreme(of_numbers, of_arrays, a, b):
    if not all(isinstance(x, Fraction | int | float) for x in (a, b)):
        return of_arrays(a, b)
    undefined = [x for x in (a, b) if x != x]
    return undefined[0] if undefined else of_numbers(a, b)
