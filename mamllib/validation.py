"""Errors that name the argument, its value, and what is allowed.

Values under a JAX trace are let through: they were checked where they were concrete.
"""

import numbers
from collections.abc import Sequence
from fractions import Fraction
from types import UnionType

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic


class PrecisionError(TypeError):
    """An array is float32 where float64 is promised."""


class ShapeError(ValueError):
    """Two parameter trees that must match do not, or a task does not take parameters of this shape."""


def is_concrete(value) -> bool:
    """Whether the value is a number that can be looked at, not a tracer or a tree placeholder."""
    return isinstance(value, numbers.Number | np.ndarray | np.generic) or (
        isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer)
    )


def require_a(kind: type | UnionType, name: str, value, remedy: str) -> None:
    """Raise ``TypeError``, with what to give instead, unless ``value`` is a ``kind``."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} is of type {type(value).__name__}; give {remedy}")


def _numbers(name, value) -> list:
    """The leaves of ``value`` (in fractions, several points are a tuple); ``TypeError`` if one is not a number."""
    for leaf in jax.tree.leaves(value) or [value]:
        require_a(numbers.Number | np.ndarray | np.generic | jax.Array, name, leaf, "a number")
    return jax.tree.leaves(value)


def require_nonnegative(name: str, value) -> None:
    """Raise ``ValueError`` unless every entry is finite and ≥ 0."""
    for number in filter(is_concrete, _numbers(name, value)):
        if not np.all((np.asarray(number) >= 0) & _finite(number)):
            raise ValueError(f"{name} = {number} is not allowed: {name} must be finite and ≥ 0")


def require_positive(name: str, value) -> None:
    """Raise ``ValueError`` unless every entry is finite and > 0."""
    for number in filter(is_concrete, _numbers(name, value)):
        if not np.all((np.asarray(number) > 0) & _finite(number)):
            raise ValueError(f"{name} = {number} is not allowed: {name} must be finite and > 0")


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
        require_constant(name, value)


def require_constant(name: str, value) -> None:
    """Raise ``ValueError`` unless the constant is a number ≥ 0 (∞ says that none is known)."""
    for number in filter(is_concrete, _numbers(name, value)):
        if not number >= 0:
            raise ValueError(f"{name} = {number} is not allowed: a constant is a number ≥ 0")


def require_same_shape(name: str, w, other_name: str, other) -> None:
    """Raise ``ShapeError`` unless both trees have the same structure and leaf shapes."""
    if _shapes(w) != _shapes(other):
        raise ShapeError(f"{name} has shape {_shapes(w)}, {other_name} has shape {_shapes(other)}; they must be equal")


def require_fits(name: str, w, tasks: Sequence, points: bool = False) -> None:
    """Raise ``ShapeError`` unless every task takes ``w``: a scalar loss and a gradient shaped like ``w``, samples too.

    Only shapes are computed. With ``points`` every leaf of ``w`` has a leading axis, one entry a point. Fractions are
    let through.
    """
    if arithmetic.is_exact((w, list(tasks))):
        return
    point = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(_point_shape(name, leaf, points), float), w)
    for task in tasks:
        _require_fit(name, point, task)


def require_one_each(name: str, values, points_name: str, points) -> None:
    """Raise ``ShapeError`` unless ``values`` (n,) has one entry for each of the n points along the leading axis."""
    count = len(points) if arithmetic.is_exact(points) else np.shape(jax.tree.leaves(points)[0])[0]
    if np.shape(values) != (count,):
        raise ShapeError(
            f"{name} has shape {np.shape(values)}, {points_name} has {count} points; {name} must have shape ({count},)"
        )


def require_double_precision(name: str, task) -> None:
    """Raise ``PrecisionError`` if a floating-point array inside the task is not float64."""
    for leaf in jax.tree.leaves(task):
        dtype = getattr(leaf, "dtype", np.dtype(float))
        if jnp.issubdtype(dtype, jnp.floating) and dtype != np.float64:
            raise PrecisionError(f"{name}, of type {type(task).__name__}, has dtype {dtype}; float64 is required")


def require_probabilities(name: str, values) -> None:
    """Raise ``ValueError`` unless the values are ≥ 0 and sum to 1."""
    if all(map(is_concrete, jax.tree.leaves(values))):
        total = sum(jax.tree.leaves(values), Fraction(0)) if isinstance(values, tuple) else np.sum(np.asarray(values))
        if not abs(total - 1) <= 1e-12 or min(np.ravel(np.asarray(values))) < 0:
            raise ValueError(f"{name} sum to {float(total):.6g}; probabilities are ≥ 0 and sum to 1")


def _point_shape(name, leaf, points):
    shape = np.shape(leaf)
    if points and not shape:
        raise ShapeError(f"{name} has shape (); a leading axis, one entry a point, is missing")
    return shape[1:] if points else shape


def _require_fit(name, point, task):
    kind, shape = type(task).__name__, _shapes(point)
    try:
        found = jax.eval_shape(_values, task, point)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise ShapeError(f"{name} has shape {shape}, which {kind} does not take: {reason}") from error
    for what, value in found.items():
        wanted = shape if "gradient" in what else ()
        if _shapes(value) != wanted:
            raise ShapeError(
                f"{name} has shape {shape}, where the {what} of {kind} has shape {_shapes(value)}; it must be {wanted}"
            )


@jax.jit  # never run: tasks and points of one shape are traced once
def _values(task, w):
    support = task.support()
    theta = task.sample(jax.random.key(0), 1) if support is None else support
    theta = jax.tree.map(lambda leaf: leaf[0], theta)
    return {
        "loss": task.loss(w),
        "gradient": task.gradient(w),
        "sampled loss": task.sample_loss(w, theta),
        "sampled gradient": task.sample_gradient(w, theta),
    }


def _finite(value):
    array = np.asarray(value)
    return np.ones(array.shape, bool) if array.dtype == object else np.isfinite(array)


def _shapes(tree):
    return jax.tree.map(lambda leaf: tuple(np.shape(leaf)), tree, is_leaf=lambda leaf: isinstance(leaf, Fraction))
