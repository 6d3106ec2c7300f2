"""No time is believed before the losses agree: those of the first three steps, with a plain run in float64."""

from collections.abc import Callable

import jax
import numpy as np
import optax

from benchmarks.peers.jax_network import adapted_loss
from benchmarks.peers.peer import Run
from benchmarks.peers.work import Rows, Work, start

STEPS, TOLERANCE = 3, 1e-4


class Disagreement(AssertionError):
    """A peer whose losses are not those of the reference."""


class Reference:
    """Task after task, differentiated as it is written, in float64.

    ``losses[k]`` is the mean adapted loss of step k's tasks at w_k, for k = 0, …, 3.
    """

    def __init__(self, work: Work, batches: Rows):
        """Take three steps of Adam."""
        self._of_task = jax.jit(jax.value_and_grad(lambda w, task: adapted_loss(work, w, task)))
        self._batches = [Rows(*(_double(leaf[k]) for leaf in batches)) for k in range(STEPS + 1)]
        optimizer, w = optax.adam(work.learning_rate), start(work, np.float64)
        state, losses = optimizer.init(w), []
        for k in range(STEPS):
            loss, gradient = self._mean(k, w)
            updates, state = optimizer.update(gradient, state, w)
            w = optax.apply_updates(w, updates)
            losses.append(loss)
        self.losses = np.array([*losses, self._mean(STEPS, w)[0]])

    def loss(self, step: int, w) -> float:
        """The mean adapted loss of this step's tasks at these weights."""
        return self._mean(step, jax.tree.map(_double, w))[0]

    def _mean(self, step: int, w):
        tasks = [Rows(*leaves) for leaves in zip(*self._batches[step], strict=True)]
        values = [self._of_task(w, task) for task in tasks]
        loss, gradient = jax.tree.map(lambda *leaves: sum(leaves) / len(leaves), *values)
        return float(loss), gradient


def require_agreement(name: str, run: Callable[[int], Run], reference: Reference) -> float:
    """The largest relative difference in the losses of three steps, in the peer's eyes and in the reference's.

    Raises:
        Disagreement: it is not below 1e-4.
    """
    found = [(k, reference.loss(k, run(k).weights)) for k in range(1, STEPS + 1)]
    noted = run(STEPS).losses
    found += [] if noted is None else list(enumerate(np.asarray(noted, float)))
    apart = [abs(loss / reference.losses[k] - 1) for k, loss in found]
    worst = int(np.argmax(np.where(np.isnan(apart), np.inf, apart)))
    if not apart[worst] < TOLERANCE:
        step, loss = found[worst]
        raise Disagreement(
            f"{name}: the loss after {step} steps is {loss:.8g}, where the reference has {reference.losses[step]:.8g}: "
            f"{apart[worst]:.1e} apart, and {TOLERANCE:.0e} is allowed"
        )
    return apart[worst]


def _double(leaf):
    leaf = np.asarray(leaf)
    return leaf.astype(np.float64) if leaf.dtype.kind == "f" else leaf
