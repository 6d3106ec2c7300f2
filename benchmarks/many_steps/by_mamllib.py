"""``mamllib``'s Hessian-vector products, at points that are kept at every eighth step and walked again from there."""

import jax
import jax.numpy as jnp

from benchmarks.many_steps.work import Prepared, flat, planned, tasks
from benchmarks.peers.mamllib_train import Classification, direction
from benchmarks.peers.work import Work, start
from mamllib.precision import SINGLE, computing_in
from mamllib.tasks.split import Split


def prepare(work: Work) -> Prepared:
    """Compiled in float32."""
    x_in, y_in, x_out, y_out = tasks(work)
    w, given = jax.device_put((start(work), Split(Classification(x_in, y_in), Classification(x_out, y_out))))

    @jax.jit
    def gradient(w, given):
        each = jax.vmap(lambda task: direction(work.inner_steps, task, jnp.float32(work.alpha), w, None))(given)
        return jax.tree.map(lambda leaf: jnp.mean(leaf, axis=0), each)

    with computing_in(SINGLE):
        compiled = gradient.lower(w, given).compile()
    return Prepared(lambda: flat(compiled(w, given)), planned(compiled))
