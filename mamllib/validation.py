"""Errors that name the argument, its value, and what is allowed.

Values under a JAX trace are let through: they were checked where they were concrete. Nothing here compiles a program.
"""

import numbers
from fractions import Fraction
from types import UnionType

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, tree
from mamllib.errors import LossError, PrecisionError, ShapeError
from mamllib.precision import DOUBLE, SINGLE
from mamllib.shapes import require_fits, require_one_each, require_same_shape, same_shape, shapes

__all__ = ["LossError", "PrecisionError", "ShapeError", "require_fits", "require_one_each", "require_same_shape"]

CONSTANTS = ("L", "rho", "sigma_tilde", "sigma_H")
SIZES = ("D_in", "D_o", "D_h")
NUMBER = numbers.Number | np.ndarray | np.generic | jax.Array


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
        require_a(NUMBER, name, leaf, "a number")
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
    if not _is_integer(value) or value < 1:
        raise ValueError(f"{name} = {value} is not allowed: a batch size is an integer ≥ 1")


def require_integers(name: str, values) -> None:
    """Raise ``ValueError`` unless ``values`` is a list of integers, at least one."""
    array = np.asarray(values)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu":
        raise ValueError(f"{name} = {values} is not allowed: {name} is a list of integers, one or more")


def require_count(name: str, value, least: int = 1) -> None:
    """Raise ``ValueError`` unless ``value`` is an integer ≥ ``least``."""
    if not _is_integer(value) or value < least:
        raise ValueError(f"{name} = {value} is not allowed: {name} is an integer ≥ {least}")


def require_samples(samples, name: str = "samples") -> None:
    """Raise ``ValueError`` unless ``samples`` is an integer ≥ 0; 0 asks that all batches be listed."""
    require_count(name, samples, least=0)


def require_sizes(sizes) -> None:
    """Raise ``TypeError`` unless ``sizes`` is a ``BatchSizes``, ``ValueError`` where a size is not an integer ≥ 1."""
    if getattr(sizes, "_fields", None) != SIZES:
        raise TypeError(f"sizes is of type {type(sizes).__name__}; give BatchSizes(D_in, D_o, D_h)")
    for name, size in sizes._asdict().items():
        require_batch_size(name, size)


def require_parameters(name: str, w) -> None:
    """Raise unless every leaf of ``w`` is finite and float64 (or a fraction)."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(w):
        if is_concrete(leaf):
            _require_double(name + jax.tree_util.keystr(path), name, leaf)
            _require_finite(name, leaf)


def _require_finite(name, leaf):
    if not np.all(_finite(leaf)):
        raise ValueError(f"{name} holds a non-finite value; every entry must be finite")


def require_start(alpha, w) -> np.dtype:
    """The dtype of ``w``, in which it is trained: float64 or float32, one for all leaves.

    Raises:
        PrecisionError: another one, or several. ValueError: α < 0 or of another shape than ``w``, ``w`` not finite.
    """
    leaves = jax.tree_util.tree_leaves_with_path(w)
    if any(np.asarray(leaf).dtype == SINGLE for _, leaf in leaves):
        require_nonnegative("alpha", alpha)
        for path, leaf in leaves:
            _require_single(f"w{jax.tree_util.keystr(path)}", leaf)
            _require_finite("w", leaf)
        require_rates(alpha, w)
        return SINGLE
    try:
        require_point(alpha, w)
    except PrecisionError as error:
        raise PrecisionError(f"{error}, or .astype(np.float32) to train in float32") from None
    return DOUBLE


def _require_single(where, leaf):
    dtype = np.asarray(leaf).dtype
    if dtype != SINGLE:
        raise PrecisionError(
            f"{where} has dtype {dtype} where other leaves of w are float32: give {where}.astype(np.float32)"
        )


def _require_double(where, name, leaf):
    dtype = np.asarray(leaf).dtype
    if dtype not in (np.float64, object):
        raise PrecisionError(f"{name} has dtype {dtype}; float64 is required: give {where}.astype(float)")
    if dtype.kind == "O" and not arithmetic.is_exact(np.asarray(leaf)):
        raise PrecisionError(f"{where} holds floats as objects; give {where}.astype(float), or fractions")


def require_point(alpha, w) -> None:
    """Raise unless α is finite, ≥ 0, and one number or shaped like ``w``, and ``w`` is finite and float64.

    Both may be in fractions, and then both must be.
    """
    require_nonnegative("alpha", alpha)
    require_parameters("w", w)
    require_rates(alpha, w)
    require_one_arithmetic(alpha=alpha, w=w)


def require_rates(alpha, w) -> None:
    """Raise ``ShapeError`` unless α is one number, or has a rate for every coordinate of ``w``."""
    if not tree.is_number(alpha) and not same_shape(alpha, w):
        raise ShapeError(
            f"alpha has shape {shapes(alpha)}, w has shape {shapes(w)}; alpha is one number or shaped like w"
        )


def require_one_arithmetic(**named) -> None:
    """Raise ``PrecisionError``, naming the argument, where a float stands among fractions.

    Whole numbers and ∞ belong to both; a value that is traced is a float.
    """
    exact = [name for name, value in named.items() if arithmetic.is_exact(value)]
    for name, value in named.items() if exact else ():
        for leaf in jax.tree.leaves(value):
            number = _float_in(leaf)
            if number is not None:
                raise PrecisionError(
                    f"{name} has the float {number} where {exact[0]} is in fractions: {_as_fraction(number)}"
                )


def _float_in(leaf):
    """A float in this leaf that is not ±∞; ``None`` where there is none."""
    if isinstance(leaf, np.ndarray) and leaf.dtype == object:
        return next((entry for entry in leaf.flat if isinstance(entry, float) and not np.isinf(entry)), None)
    if not jnp.issubdtype(getattr(leaf, "dtype", type(leaf)), jnp.floating):
        return None
    if not is_concrete(leaf):
        return leaf
    entries = np.ravel(np.asarray(leaf))
    return next((float(entry) for entry in entries if not np.isinf(entry)), None)


def _as_fraction(number) -> str:
    known = isinstance(number, float) and np.isfinite(number)
    return f"give {Fraction(str(number))!r}" if known else "give a Fraction"


def require_constants(constants, name: str = "constants") -> None:
    """Raise unless ``constants`` is a ``Constants`` of numbers ≥ 0 (∞ says that none is known).

    Raises:
        TypeError: something else than a ``Constants``. ValueError: a constant that is no number, negative or NaN.
    """
    if getattr(constants, "_fields", None) != CONSTANTS:
        raise TypeError(
            f"{name} is of type {type(constants).__name__}; give Constants(L, rho, sigma_tilde, sigma_H), with"
            ' float("inf") for one that is not known'
        )
    for constant, value in constants._asdict().items():
        require_constant(constant, value, f"{name}: ")


def require_constant(name: str, value, of: str = "") -> None:
    """Raise ``ValueError`` unless the constant is a number ≥ 0 (∞ says that none is known)."""
    if not isinstance(value, NUMBER):
        raise TypeError(f"{of}{name} is of type {type(value).__name__}; a constant is a number ≥ 0")
    if np.ndim(value):
        raise ValueError(f"{of}{name} has shape {np.shape(value)}; a constant is one number ≥ 0")
    if is_concrete(value) and not np.asarray(value) >= 0:
        raise ValueError(f"{of}{name} = {value} is not allowed: a constant is a number ≥ 0")


def require_double_precision(name: str, task) -> None:
    """Raise ``PrecisionError`` if a floating-point array inside the task is not float64, and say which."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(task):
        dtype = getattr(leaf, "dtype", np.dtype(float))
        if jnp.issubdtype(dtype, jnp.floating) and dtype != np.float64:
            where = jax.tree_util.keystr(path).removeprefix(".")
            raise PrecisionError(
                f"{name}, of type {type(task).__name__}, has dtype {dtype} in {where}; float64 is required:"
                f" give {where}.astype(float)"
            )


def require_probabilities(name: str, values) -> None:
    """Raise ``ValueError`` unless the values are ≥ 0 and sum to 1."""
    if all(map(is_concrete, jax.tree.leaves(values))):
        total = sum(jax.tree.leaves(values), Fraction(0)) if isinstance(values, tuple) else np.sum(np.asarray(values))
        if not abs(total - 1) <= 1e-12 or min(np.ravel(np.asarray(values))) < 0:
            raise ValueError(f"{name} sum to {float(total):.6g}; probabilities are ≥ 0 and sum to 1")


def _is_integer(value) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _finite(value):
    array = np.asarray(value)
    return np.ones(array.shape, bool) if array.dtype == object else np.isfinite(array)
