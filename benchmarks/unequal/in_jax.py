"""JAX: tasks padded by hand and mapped over, or a loop over tasks of their own sizes, compiled for each size."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.jax_network import outputs, squared_error
from benchmarks.unequal.work import ALPHA, BETA, Work, padded


def adapted_loss(loss, w, task):
    """The loss after a step along its gradient."""
    return loss(jax.tree.map(lambda a, g: a - ALPHA * g, w, jax.grad(loss)(w, *task)), *task)


def weighted_error(w, x, y, weights):
    """Σ weights · error²."""
    return weights @ (outputs(w, x)[:, 0] - y) ** 2


def _moved(w, gradient):
    return jax.tree.map(lambda a, g: a - BETA * g, w, gradient)


@jax.jit
def _descend(tasks, w, steps):
    def mean_loss(w):
        return jnp.mean(jax.vmap(lambda task: adapted_loss(weighted_error, w, task))(tasks))

    return jax.lax.fori_loop(0, steps, lambda _, w: _moved(w, jax.grad(mean_loss)(w)), w)


def by_padding(work: Work) -> Callable[[int], tuple]:
    """One compiled loop."""
    tasks = jax.device_put(padded(work.tasks))
    return lambda steps: jax.tree.map(np.asarray, _descend(tasks, work.w, steps))


def by_loop(work: Work) -> Callable[[int], tuple]:
    """One call a task."""
    tasks = jax.device_put(work.tasks)
    gradient_of = jax.jit(jax.grad(lambda w, task: adapted_loss(squared_error, w, task)))

    def run(steps: int):
        w = work.w
        for _ in range(steps):
            each = [gradient_of(w, task) for task in tasks]
            w = _moved(w, jax.tree.map(lambda *leaves: sum(leaves) / len(leaves), *each))
        return jax.tree.map(np.asarray, w)

    return run


def prepare(work: Work, method: str) -> Callable[[int], tuple]:
    """``run(steps)`` gives the weights."""
    return {"padded": by_padding, "loop": by_loop}[method](work)
