"""Whether parameters fit: each other, and the tasks that are to take them. Only shapes are computed, nothing is run."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import jax
import numpy as np

from mamllib import arithmetic
from mamllib.errors import LossError, PrecisionError, ShapeError


def shapes(tree):
    """The shape of every leaf."""
    return jax.tree.map(lambda leaf: tuple(np.shape(leaf)), tree, is_leaf=lambda leaf: isinstance(leaf, Fraction))


def same_shape(x, y) -> bool:
    """Whether both trees have the same structure and leaf shapes."""
    return jax.tree.structure(x) == jax.tree.structure(y) and _leaf_shapes(x) == _leaf_shapes(y)


def require_same_shape(name: str, w, other_name: str, other) -> None:
    """Raise ``ShapeError`` unless both trees have the same structure and leaf shapes."""
    if not same_shape(w, other):
        raise ShapeError(f"{name} has shape {shapes(w)}, {other_name} has shape {shapes(other)}; they must be equal")


def require_fits(name: str, w, tasks: Sequence, points: bool = False) -> None:
    """Raise ``ShapeError`` unless every task takes ``w``: a scalar loss and a gradient shaped like ``w``, samples too.

    Only shapes are computed. With ``points`` every leaf of ``w`` has a leading axis, one entry a point. Fractions are
    let through.

    Raises:
        LossError: it is the user's own loss that fails (a ``ShapeError`` too).
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


def _leaf_shapes(tree) -> list[tuple[int, ...]]:
    return [np.shape(leaf) for leaf in jax.tree.leaves(tree)]


def _point_shape(name, leaf, points):
    shape = np.shape(leaf)
    if points and not shape:
        raise ShapeError(f"{name} has shape (); a leading axis, one entry a point, is missing")
    return shape[1:] if points else shape


class _Failed(Exception):
    """What a task was asked for when it raised an error."""

    def __init__(self, what: str):
        self.what = what


def _require_fit(name, point, task):
    kind, shape = type(task).__name__, shapes(point)
    try:
        found = jax.eval_shape(_values, task, point)
    except _Failed as failed:
        error = failed.__cause__
        if isinstance(error, PrecisionError):  # not a matter of shapes
            raise error from None
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise ShapeError(
            f"{name} has shape {shape}, which the {failed.what} of {kind} does not take: {reason}"
        ) from error
    for what, value in found.items():
        wanted = point if "gradient" in what else jax.ShapeDtypeStruct((), float)
        if not same_shape(value, wanted):
            raise ShapeError(
                f"{name} has shape {shape}, where the {what} of {kind} has shape {shapes(value)};"
                f" it must be {shapes(wanted)}"
            )


@jax.jit  # never run: tasks and points of one shape are traced once
def _values(task, w):
    theta = _attempt("sampling", lambda: _one_sample(task))
    return {
        "loss": _attempt("loss", lambda: task.loss(w)),
        "gradient": _attempt("gradient", lambda: task.gradient(w)),
        "sampled loss": _attempt("sampled loss", lambda: task.sample_loss(w, theta)),
        "sampled gradient": _attempt("sampled gradient", lambda: task.sample_gradient(w, theta)),
    }


def _attempt(what: str, function: Callable):
    try:
        return function()
    except (LossError, PrecisionError):
        raise
    except Exception as error:  # whatever a user's task raises
        raise _Failed(what) from error


def _one_sample(task):
    support = task.support()
    theta = task.sample(jax.random.key(0), 1) if support is None else support
    return jax.tree.map(lambda leaf: leaf[0], theta)
