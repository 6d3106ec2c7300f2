"""Reverse mode through the steps in JAX: written out, in a scan, or in a scan that keeps the points alone."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.many_steps.work import Prepared, flat, planned, tasks
from benchmarks.peers.jax_network import scanned_loss, written_out_loss
from benchmarks.peers.work import Work, start

LOSSES = {
    "written out": written_out_loss,
    "scan": scanned_loss,
    "scan, points kept": partial(scanned_loss, kept=jax.checkpoint),
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
