"""``mamllib.train``: one compiled loop that draws its tasks; in float32 where it takes that, else in float64."""

from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import mamllib as ml
from benchmarks.peers.jax_network import cross_entropy, squared_error
from benchmarks.peers.peer import Prepared, Run
from benchmarks.peers.work import SEED, Rows, Work, pool, start
from mamllib.errors import PrecisionError
from mamllib.inner_loop import exact, pulled_back, walk
from mamllib.outer_step import OuterStep, adam
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.split import Split
from mamllib.tasks.task import Task, register
from mamllib.training import Algorithm, Problem, train

ONE_EACH = ml.BatchSizes(1, 1, 1)


@register
class Regression(Task):
    """Mean squared error on the rows."""

    x: Any
    y: Any

    def loss(self, w):
        """(1/n) Σ (network(w, x) − y)²."""
        return squared_error(w, self.x, self.y)


@register
class Classification(Task):
    """Mean cross-entropy on the rows."""

    x: Any
    y: Any

    def loss(self, w):
        """−(1/n) Σ log p(y)."""
        return cross_entropy(w, self.x, self.y)


def direction(inner_steps: int, task: Split, alpha, w, _):
    """The gradient through the inner steps."""
    return pulled_back(exact(task.inner, alpha), w, inner_steps, task.outer.gradient)


def loss_held_out(inner_steps: int, problem: Problem, w):
    """The adapted loss of a task of its own, which is what is noted of every iterate."""
    task = problem.parameters
    return task.outer.loss(walk(task.inner, problem.alpha, w, inner_steps).end)


def numbered_share(tasks: int, numbered, alpha, w, _):
    """1 at the task's number; averaged over a batch, how often each was drawn."""
    return (jnp.arange(tasks) == numbered.number).astype(w.dtype)


@register
class Numbered(Task):
    """A task that knows its number, and nothing else."""

    number: Any


class KeepDirection:
    """An outer step to the direction itself; it draws no more than Adam does."""

    def numbers_read(self, problem) -> int:
        """None."""
        return 0

    def __call__(self, problem, w, direction, state, source):
        """(direction, state)."""
        return direction, state


def order(work: Work, steps: int) -> np.ndarray:
    """Numbers (steps, tasks) of the tasks that ``train`` draws in each step, in rising order.

    A run with the same seed, precision and family says so itself: its iterates are the shares of the tasks drawn.
    """
    family = _family(Numbered(jnp.arange(work.pool)), work)
    outer = OuterStep(lambda w: (), KeepDirection())
    algorithm = Algorithm(partial(numbered_share, work.pool), outer, lambda problem, w: w, work.tasks, ONE_EACH)
    w = np.zeros(work.pool, accepted())
    trace = train(algorithm, Problem(family, work.alpha), w, [SEED], steps)
    shares = np.concatenate([np.asarray(trace.records[0])[1:], np.asarray(trace.w)])
    counts = np.rint(shares * work.tasks).astype(int)
    return np.stack([np.repeat(np.arange(work.pool), row) for row in counts])


@cache
def accepted() -> type:
    """float32 where ``train`` takes it, else float64."""
    family = TaskFamily(Numbered(jnp.arange(2)), jnp.full(2, 0.5), float("inf"), stacked=True)
    algorithm = Algorithm(partial(numbered_share, 2), adam(0.1), lambda problem, w: w, 1, ONE_EACH)
    try:
        train(algorithm, Problem(family, 0.1), np.zeros(2, np.float32), [0], 1)
    except PrecisionError:
        return np.float64
    return np.float32


def setting(work: Work) -> tuple[Algorithm, Problem, Any]:
    """How, what, and from which start: a family of all tasks, from which the run draws those of every step."""
    kind, dtype = Classification if work.classifies else Regression, accepted()
    x_in, y_in, x_out, y_out = (_held_in(dtype, leaf) for leaf in pool(work))
    members = Split(kind(x_in, y_in), kind(x_out, y_out))
    held_out = jax.tree.map(lambda leaf: leaf[0], members)
    algorithm = Algorithm(
        partial(direction, work.inner_steps),
        adam(work.learning_rate),
        partial(loss_held_out, work.inner_steps),
        work.tasks,
        ONE_EACH,
    )
    return algorithm, Problem(_family(members, work), work.alpha, held_out), jax.device_put(start(work, dtype))


def prepare(work: Work, _: Rows) -> Prepared:
    """A run of ``train``, which draws its tasks itself."""
    algorithm, problem, w = setting(work)

    def run(steps: int) -> Run:
        return Run(jax.tree.map(lambda leaf: np.asarray(leaf)[0], train(algorithm, problem, w, [SEED], steps).w))

    return Prepared(run, np.dtype(accepted()).name)


def _family(members, work: Work) -> TaskFamily:
    """Equally likely members, stacked."""
    return TaskFamily(members, jnp.full(work.pool, 1 / work.pool), float("inf"), stacked=True)


def _held_in(dtype, leaf: np.ndarray):
    return jnp.asarray(leaf, dtype if leaf.dtype == np.float32 else leaf.dtype)
