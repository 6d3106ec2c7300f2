"""A scan over given batches: the least that an engine in JAX could need."""

from functools import partial

import jax
import numpy as np

from benchmarks.peers.jax_network import adam_state, adam_step
from benchmarks.peers.peer import Prepared, Run
from benchmarks.peers.work import Rows, Work, start


@partial(jax.jit, static_argnums=0)
def _scan(work: Work, w, batches: Rows):
    def iterate(carry, tasks):
        *carry, loss = adam_step(work, *carry, tasks)
        return tuple(carry), loss

    (w, _), losses = jax.lax.scan(iterate, (w, adam_state(work, w)), batches)
    return w, losses


def prepare(work: Work, batches: Rows) -> Prepared:
    """All batches on the device."""
    w, batches = jax.device_put((start(work), batches))
    parts = {}

    def run(steps: int) -> Run:
        if steps not in parts:
            parts[steps] = jax.tree.map(lambda leaf: leaf[:steps], batches)
        return Run(*jax.tree.map(np.asarray, _scan(work, w, parts[steps])))

    return Prepared(run, "float32")
