"""The network and the adapted loss in JAX, as peers write them."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax

from benchmarks.peers.work import Rows, Work

WRITTEN_OUT = 16  # inner steps; 64 take minutes to compile


def outputs(w, x):
    """Those (rows, outputs) of the rectified network at inputs (rows, features)."""
    *hidden, (weights, bias) = w
    for layer_weights, layer_bias in hidden:
        x = jax.nn.relu(x @ layer_weights + layer_bias)
    return x @ weights + bias


def squared_error(w, x, y):
    """Mean over the rows."""
    return jnp.mean((outputs(w, x)[:, 0] - y) ** 2)


def cross_entropy(w, x, y):
    """Mean over the rows of −log p(y)."""
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(outputs(w, x)), y[:, None], axis=1))


def loss_of(work: Work):
    """``loss(w, x, y)``."""
    return cross_entropy if work.classifies else squared_error


def inner_step(work: Work, w, task: Rows):
    """w after one step on the inner rows."""
    gradient = jax.grad(loss_of(work))(w, task.x_in, task.y_in)
    return jax.tree.map(lambda a, g: a - work.alpha * g, w, gradient)


def written_out_loss(work: Work, w, task: Rows):
    """The outer loss of one task after the inner steps, each of them in the program."""
    for _ in range(work.inner_steps):
        w = inner_step(work, w, task)
    return loss_of(work)(w, task.x_out, task.y_out)


def scanned_loss(work: Work, w, task: Rows, kept: Callable = lambda step: step):
    """The same in a scan; ``kept`` is ``jax.checkpoint`` to keep the points alone."""

    def step(w, _):
        return inner_step(work, w, task), None

    w, _ = jax.lax.scan(kept(step), w, None, length=work.inner_steps)
    return loss_of(work)(w, task.x_out, task.y_out)


def adapted_loss(work: Work, w, task: Rows):
    """The outer loss, in whichever of the two ways compiles in seconds."""
    return (written_out_loss if work.inner_steps <= WRITTEN_OUT else scanned_loss)(work, w, task)


def adam_step(work: Work, w, state, tasks: Rows):
    """(w, state, loss): one step of Adam on the mean adapted loss of a batch of tasks."""

    def mean_loss(w):
        return jnp.mean(jax.vmap(lambda task: adapted_loss(work, w, task))(tasks))

    loss, gradient = jax.value_and_grad(mean_loss)(w)
    updates, state = optax.adam(work.learning_rate).update(gradient, state, w)
    return optax.apply_updates(w, updates), state, loss


def adam_state(work: Work, w):
    """The state before the first step."""
    return optax.adam(work.learning_rate).init(w)
