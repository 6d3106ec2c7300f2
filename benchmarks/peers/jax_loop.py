"""The loop of JAX's tutorials: a jitted step in Python's ``for``."""

import jax
import numpy as np

from benchmarks.peers.jax_network import adam_state, adam_step
from benchmarks.peers.peer import Prepared, Run
from benchmarks.peers.work import Rows, Work, start

_step = jax.jit(adam_step, static_argnums=0)


def prepare(work: Work, batches: Rows) -> Prepared:
    """A list of batches, each on the device."""
    first, listed = jax.device_put((start(work), [Rows(*leaves) for leaves in zip(*batches, strict=True)]))
    state_first = adam_state(work, first)

    def run(steps: int) -> Run:
        w, state, losses = first, state_first, []
        for tasks in listed[:steps]:
            w, state, loss = _step(work, w, state, tasks)
            losses.append(loss)
        return Run(jax.tree.map(np.asarray, w), np.array(jax.device_get(losses)))

    return Prepared(run, "float32")
