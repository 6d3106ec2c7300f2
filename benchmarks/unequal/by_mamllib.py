"""A ``TaskFamily`` of the tasks as they are, which it pads, and ``meta_gradient``: one compiled loop over steps."""

from collections.abc import Callable

import jax
import numpy as np

import mamllib as ml
from benchmarks.peers.jax_network import outputs
from benchmarks.unequal.work import ALPHA, BETA, Work
from mamllib import tree


def error_of_a_row(w, row):
    """(network(w, x) − y)²."""
    x, y = row
    return (outputs(w, x[None])[0, 0] - y) ** 2


@jax.jit
def _descend(family, w, steps):
    return jax.lax.fori_loop(0, steps, lambda _, w: tree.step(w, BETA, ml.meta_gradient(family, ALPHA, w)), w)


def prepare(work: Work) -> Callable[[int], tuple]:
    """``run(steps)`` gives the weights."""
    family = ml.TaskFamily.of([ml.Empirical(task, ml.UNDECLARED, error_of_a_row) for task in work.tasks])
    return lambda steps: jax.tree.map(np.asarray, _descend(family, work.w, steps))
