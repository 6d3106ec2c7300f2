"""Is my meta-gradient right?   mamllib diagnose THIS_FILE

`estimator` is your code. It gets w and batches, and returns a direction in the shape of w.
"""

import jax
import jax.numpy as jnp
import numpy as np

import mamllib as ml

rng = np.random.default_rng(0)


# 1. The loss of ONE row, the tasks (rows along the first axis), and where to ask: as for `mamllib ask`.
def loss(w, row):
    hidden = jnp.tanh(row["x"] @ w["in"])
    return -jax.nn.log_softmax(hidden @ w["out"])[row["y"]]


def rows(count):
    return {"x": rng.normal(size=(count, 4)), "y": rng.integers(0, 3, size=count)}


data = [rows(6), rows(8), rows(5)]
w = {"in": 0.5 * rng.normal(size=(4, 5)), "out": 0.5 * rng.normal(size=(5, 3))}
alpha = 0.1
steps = 1
sizes = ml.BatchSizes(D_in=4, D_o=4, D_h=4)  # rows of the inner step, of the outer gradient, of the Hessian


# 2. Your code. Every element of batches is a task: `inner`, `outer` and `hessian` hold the rows it was given for the
#    inner step, for the outer gradient, and for the Hessian, as NumPy arrays (drawn with replacement), and `task` is
#    its number. Tasks come once each, in order, unless `probabilities` are not all equal: then they are drawn. With
#    several steps, all of them take the one inner batch, or share it out; both are recognised.
#    Here: MAML as most people write it. Its Hessian is that of the inner batch.
def mean_loss(w, rows):
    return jax.vmap(loss, (None, 0))(w, rows).mean()


@jax.jit
def of_one_task(w, inner, outer):
    def after_one_step(w):
        gradient = jax.grad(mean_loss)(w, inner)
        return mean_loss(jax.tree.map(lambda a, b: a - alpha * b, w, gradient), outer)

    return jax.grad(after_one_step)(w)


def estimator(w, batches):
    directions = [of_one_task(w, batch.inner, batch.outer) for batch in batches]
    return jax.tree.map(lambda *leaves: sum(leaves) / len(leaves), *directions)
