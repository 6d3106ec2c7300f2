"""Meta-gradients as people write them, in plain NumPy: logistic regression on unequal tasks, derivatives by hand."""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

import mamllib as ml

ROWS = (20, 25, 31)
SIZES = ml.BatchSizes(6, 8, 5)
ALPHA, DELTA = 0.7, 0.05
UNKNOWN = ml.Constants(1.0, 1.0, 1.0, 1.0)


def loss(w, row):
    """Logistic loss of one row, as the family has it."""
    return jnp.logaddexp(0.0, -row["y"] * (row["x"] @ w))


class World(NamedTuple):
    """Tasks and a point."""

    family: ml.TaskFamily
    w: np.ndarray


def world(seed: int, dimension: int = 4, rows=ROWS, probabilities=None) -> World:
    """Random tasks with unequal numbers of rows, and a random point."""
    random = np.random.default_rng(seed)
    data = [{"x": random.normal(size=(n, dimension)), "y": random.choice([-1.0, 1.0], n)} for n in rows]
    tasks = [ml.Empirical(one, UNKNOWN, loss) for one in data]
    return World(ml.TaskFamily.of(tasks, probabilities), random.normal(size=dimension))


def gradient(w, rows):
    """∇ of the mean loss over rows."""
    pull = -rows["y"] / (1 + np.exp(rows["y"] * (rows["x"] @ w)))
    return pull @ rows["x"] / len(pull)


def hessian(w, rows):
    """∇² of the same."""
    chance = 1 / (1 + np.exp(-(rows["x"] @ w)))
    return (rows["x"].T * (chance * (1 - chance))) @ rows["x"] / len(chance)


def adapted(w, task, alpha=ALPHA):
    """One inner step."""
    return w - alpha * gradient(w, task.inner)


def factor(at, rows, alpha=ALPHA):
    """I − αH."""
    return np.eye(len(at)) - alpha * hessian(at, rows)


def mean(one: Callable) -> Callable:
    """(w, batches) ↦ the mean over the tasks of (w, task) ↦ direction."""
    return lambda w, batches: np.mean([one(w, task) for task in batches], axis=0)


def total(one: Callable) -> Callable:
    """The sum in its place."""
    return lambda w, batches: np.sum([one(w, task) for task in batches], axis=0)


def maml(w, task):
    """Equation (5)."""
    return factor(w, task.hessian) @ gradient(adapted(w, task), task.outer)


def by_differentiation(w, task):
    """What automatic differentiation makes of an inner step: its Hessian is on its own batch."""
    return factor(w, task.inner) @ gradient(adapted(w, task), task.outer)


def difference(w, task, over=2.0):
    """(10), with the divisor of (11) to choose."""
    g = gradient(adapted(w, task), task.outer)
    ahead, behind = gradient(w + DELTA * g, task.hessian), gradient(w - DELTA * g, task.hessian)
    return g - ALPHA * (ahead - behind) / (over * DELTA)
