"""Reverse mode through the steps in JAX: written out, in a scan, or in a scan that keeps the points alone."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.many_steps.work import Prepared, flat, planned, tasks
from benchmarks.peers.jax_network import adapted_loss, loss_of
from benchmarks.peers.work import Rows, Work, start


def scanned_loss(kept: Callable, work: Work, w, task: Rows):
    """The outer loss after a scan of inner steps."""
    loss = loss_of(work)

    def step(w, _):
        gradient = jax.grad(loss)(w, task.x_in, task.y_in)
        return jax.tree.map(lambda a, g: a - work.alpha * g, w, gradient), None

    end, _ = jax.lax.scan(kept(step), w, None, length=work.inner_steps)
    return loss(end, task.x_out, task.y_out)


LOSSES = {
    "written out": adapted_loss,
    "scan": partial(scanned_loss, lambda step: step),
    "scan, points kept": partial(scanned_loss, jax.checkpoint),
}


def prepare(work: Work, loss: str, dtype=np.float32) -> Prepared:
    """Compiled in this dtype."""
    w, given = jax.device_put((start(work, dtype), tasks(work)))
    given = jax.tree.map(lambda leaf: leaf.astype(dtype) if leaf.dtype == np.float32 else leaf, given)

    @jax.jit
    def gradient(w, given):
        return jax.grad(lambda w: jnp.mean(jax.vmap(lambda task: LOSSES[loss](work, w, task))(given)))(w)

    compiled = gradient.lower(w, given).compile()
    return Prepared(lambda: flat(compiled(w, given)), planned(compiled))
