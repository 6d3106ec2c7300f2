"""How far the gradients of tasks are apart at every w, proved: σ of Assumption 4.5."""

import math
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction

import numpy as np

from mamllib import arithmetic, tree
from mamllib.arithmetic import plain
from mamllib.tasks.knots import UNDEFINED, largest_slope
from mamllib.tasks.task import Task

MOST_TASKS_BY_KNOTS = 16


def certified_sigma(tasks: list[Task], probabilities: list):
    """A proved bound of (E_i‖∇f_i(w) − ∇f(w)‖²)^½ over all w; ``None`` where no proof is known.

    One task does not deviate from itself; tasks of one class know of their own; losses in one dimension with a
    piecewise linear f'' are compared at their knots.
    """
    losses = [task.without_noise() for task in tasks]
    if len(losses) == 1:
        return Fraction(0) if arithmetic.is_exact(losses) else 0.0
    kinds = {type(loss) for loss in losses}
    known = kinds.pop().certified_deviation(losses, probabilities) if len(kinds) == 1 else None
    return _of_knots(losses, probabilities) if known is None else known


def of_shifts(tasks, probabilities, field: str, shift: Callable | None = None):
    """σ of tasks that share all fields but ``field``, where gradients differ by the constants ``shift(task)``."""
    shared = [other.name for other in fields(tasks[0]) if other.name != field]
    if any(not np.array_equal(getattr(task, name), getattr(tasks[0], name)) for task in tasks for name in shared):
        return None
    vectors = [shift(task) if shift else getattr(task, field) for task in tasks]
    if len({np.shape(vector) for vector in vectors}) > 1:
        return None
    mean = sum(p * v for p, v in zip(probabilities, vectors, strict=True))
    return _root(sum(p * tree.norm_squared(v - mean) for p, v in zip(probabilities, vectors, strict=True)))


def _of_knots(tasks, probabilities):
    """σ² ≤ Σ_i p_i sup_w |f_i'(w) − f̄'(w)|², each supremum from all knots, in fractions."""
    if len(tasks) > MOST_TASKS_BY_KNOTS:
        return None
    try:
        exact, weights = arithmetic.to_fractions(tasks), arithmetic.to_fractions(probabilities)
        knots = [x for task in exact for x in task.knots()]  # a TypeError where a task has none
        gaps = [_largest_gap(task, exact, weights, knots) for task in exact]
    except UNDEFINED:
        return None
    variance = sum(p * gap * gap for p, gap in zip(weights, gaps, strict=True))
    if variance == math.inf:
        return None
    return _root(variance) if arithmetic.is_exact(tasks) else math.sqrt(variance)


def _largest_gap(task, tasks, weights, knots):
    """sup_w |f'(w) − f̄'(w)|."""
    total = sum(weights)  # floats that sum to 1 need not do so as fractions

    def less_mean(value):
        return value(task) - sum(p * value(other) for p, other in zip(weights, tasks, strict=True)) / total

    return largest_slope(
        lambda x: less_mean(lambda t: t.gradient(x)),
        lambda x: less_mean(lambda t: t.hessian_vector_product(x, Fraction(1))),
        knots,
    )


def _root(variance):
    """√variance; in fractions one just above it where it is irrational."""
    return plain(arithmetic.root_above(variance) if isinstance(variance, Fraction) else arithmetic.sqrt(variance))
