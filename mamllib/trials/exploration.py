"""A task near a point: what its loss and its derivatives are there, and how far rounding can move them.

One body of one loop evaluates all that the trials of derivatives need, so that it is compiled once.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from mamllib import tree
from mamllib.tasks.task import Task
from mamllib.trials.neighbourhood import at, direction, nearby, scale
from mamllib.trials.roundoff import MOVE, moving, size

STEP = 2.0**-26
HERE = 2  # the place of w itself among the points

# (point, steps along v, moved by rounding?): each point with and without, and four steps from those nearby
_EACH = [(point, 0.0, move) for move in (0.0, MOVE) for point in range(3)]
_STEPS = [(point, steps, 0.0) for steps in (-2.0, -1.0, 1.0, 2.0) for point in range(2)]


class Values(NamedTuple):
    """f(w), ∇f(w) and ∇²f(w)v as written, and ∇f(w) and ∇²f(w)v of automatic differentiation (``None``: the same)."""

    loss: Any
    gradient: Any
    product: Any
    derived_gradient: Any
    derived_product: Any


class Exploration(NamedTuple):
    """``points`` (3, …) near w, the last is w; a direction v; values and their sizes at the points; and, at the first
    two, difference quotients of f and ∇f along v over two steps and over four, with the length of a step."""

    points: Any
    v: Any
    values: Values
    sizes: Values
    near: tuple
    far: tuple
    step: Any

    @property
    def generic(self):
        """The place of the first point at which the loss is finite."""
        return jnp.argmax(jnp.isfinite(self.values.loss))


def explore(task: Task, w) -> Exploration:
    """The values of ``task`` near ``w``, fourteen evaluations in one loop."""
    points, v, step = nearby(w), direction(w, 2), STEP * scale(w)
    values = moving(lambda w, v: _values(task, w, v))

    def run(point, steps, move):
        return values(move, tree.step(at(point, points), -steps * step, v), v)

    runs = [jnp.array(column) for column in zip(*_EACH, *_STEPS, strict=True)]
    found = jax.lax.map(lambda place: run(*place), tuple(runs))
    plain, moved = at(slice(0, 3), found), at(slice(3, 6), found)
    sizes = Values(*(None if pair[0] is None else jax.vmap(size)(*pair) for pair in zip(plain, moved, strict=True)))
    far_behind, behind, before, far_before = (at(slice(k, k + 2), (found.loss, found.gradient)) for k in (6, 8, 10, 12))
    near, far = _quotient(behind, before, 2 * step), _quotient(far_behind, far_before, 4 * step)
    return Exploration(points, v, plain, sizes, near, far, step)


def written(task: Task) -> tuple[bool, bool]:
    """Whether the gradient, and the Hessian-vector product, are more than automatic differentiation of the loss."""
    gradient = type(task).gradient is not Task.gradient
    return gradient, gradient or type(task).hessian_vector_product is not Task.hessian_vector_product


def _values(task, w, v) -> Values:
    if not any(written(task)):
        (loss, gradient), (_, product) = jax.jvp(jax.value_and_grad(task.loss), (w,), (v,))
        return Values(loss, gradient, product, None, None)
    ours = task.loss(w), task.gradient(w), task.hessian_vector_product(w, v)
    return Values(*ours, *jax.jvp(jax.grad(task.loss), (w,), (v,)))


def _quotient(behind, before, distance):
    return tree.scale(1 / distance, tree.subtract(before, behind))
