"""Errors that name the argument, its value, and what is allowed.

Values under a JAX trace are let through: they were checked where they were concrete.
"""

import numbers
from fractions import Fraction

import jax
import numpy as np


class PrecisionError(TypeError):
    """An array is float32 where float64 is promised."""


class ShapeError(ValueError):
    """Two parameter trees that must match do not."""


def is_concrete(value) -> bool:
    """Whether the value is a number that can be looked at, not a tracer or a tree placeholder."""
    return isinstance(value, numbers.Number | np.ndarray | np.generic) or (
        isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer)
    )


def require_nonnegative(name: str, value) -> None:
    """Raise ``ValueError`` unless every entry is finite and ≥ 0."""
    if is_concrete(value) and not np.all((np.asarray(value) >= 0) & _finite(value)):
        raise ValueError(f"{name} = {value} is not allowed: {name} must be finite and ≥ 0")


def require_positive(name: str, value) -> None:
    """Raise ``ValueError`` unless every entry is finite and > 0."""
    if is_concrete(value) and not np.all((np.asarray(value) > 0) & _finite(value)):
        raise ValueError(f"{name} = {value} is not allowed: {name} must be finite and > 0")


def require_batch_size(name: str, value) -> None:
    """Raise ``ValueError`` unless ``value`` is an integer ≥ 1."""
    if not isinstance(value, numbers.Integral) or value < 1:
        raise ValueError(f"{name} = {value} is not allowed: a batch size is an integer ≥ 1")


def require_parameters(name: str, w) -> None:
    """Raise unless every leaf of ``w`` is finite and float64 (or a fraction)."""
    for leaf in filter(is_concrete, jax.tree.leaves(w)):
        if np.asarray(leaf).dtype not in (np.float64, object):
            raise PrecisionError(f"{name} has dtype {np.asarray(leaf).dtype}; float64 is required")
        if not np.all(_finite(leaf)):
            raise ValueError(f"{name} holds a non-finite value; every entry must be finite")


def require_point(alpha, w) -> None:
    """Raise unless α is finite and ≥ 0 and ``w`` is finite and float64 (or fractions)."""
    require_nonnegative("alpha", alpha)
    require_parameters("w", w)


def require_constants(constants) -> None:
    """Raise ``ValueError`` unless every constant is a number ≥ 0 (∞ says that none is known)."""
    for name, value in constants._asdict().items():
        if is_concrete(value) and not value >= 0:
            raise ValueError(f"{name} = {value} is not allowed: a constant is a number ≥ 0")


def require_same_shape(name: str, w, other_name: str, other) -> None:
    """Raise ``ShapeError`` unless both trees have the same structure and leaf shapes."""
    if _shapes(w) != _shapes(other):
        raise ShapeError(f"{name} has shape {_shapes(w)}, {other_name} has shape {_shapes(other)}; they must be equal")


def require_probabilities(name: str, values) -> None:
    """Raise ``ValueError`` unless the values are ≥ 0 and sum to 1."""
    if all(map(is_concrete, jax.tree.leaves(values))):
        total = sum(jax.tree.leaves(values), Fraction(0)) if isinstance(values, tuple) else np.sum(np.asarray(values))
        if not abs(total - 1) <= 1e-12 or min(np.ravel(np.asarray(values))) < 0:
            raise ValueError(f"{name} sum to {float(total):.6g}; probabilities are ≥ 0 and sum to 1")


def _finite(value):
    array = np.asarray(value)
    return np.ones(array.shape, bool) if array.dtype == object else np.isfinite(array)


def _shapes(tree):
    return jax.tree.map(lambda leaf: tuple(np.shape(leaf)), tree, is_leaf=lambda leaf: isinstance(leaf, Fraction))
