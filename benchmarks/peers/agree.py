"""No time is believed before the losses agree: those of the first three steps, with a plain run in float64.

Adam's first steps are nearly signs, so a wrong gradient moves the losses by little. Where the weights are compared, the
difference is therefore also held against what the steps themselves changed.
"""

from collections.abc import Callable

import jax
import numpy as np
import optax

from benchmarks.peers.jax_network import adapted_loss
from benchmarks.peers.peer import Run
from benchmarks.peers.work import Rows, Work, start

STEPS, OF_THE_LOSS, OF_THE_CHANGE = 3, 1e-4, 1e-3


class Disagreement(AssertionError):
    """A peer whose losses are not those of the reference."""


class Reference:
    """Task after task, differentiated as it is written, in float64.

    ``losses[k]`` is the mean adapted loss of step k's tasks at w_k, for k = 0, …, 3, and ``changes[k]`` how far that is
    from their loss at the start.
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
        self.losses = np.array([*losses, self.loss(STEPS, w)])
        self.changes = self.losses - [self.loss(k, start(work, np.float64)) for k in range(STEPS + 1)]

    def loss(self, step: int, w) -> float:
        """The mean adapted loss of this step's tasks at these weights."""
        return self._mean(step, jax.tree.map(_double, w))[0]

    def _mean(self, step: int, w):
        tasks = [Rows(*leaves) for leaves in zip(*self._batches[step], strict=True)]
        values = [self._of_task(w, task) for task in tasks]
        loss, gradient = jax.tree.map(lambda *leaves: sum(leaves) / len(leaves), *values)
        return float(loss), gradient


def require_agreement(name: str, run: Callable[[int], Run], reference: Reference) -> float:
    """The largest relative difference in the losses of three steps, as the peer notes them and at its weights.

    Raises:
        Disagreement: it is not below 1e-4, or at the weights not below 1e-3 of what the steps changed.
    """
    at_weights = {k: reference.loss(k, run(k).weights) for k in range(1, STEPS + 1)}
    noted = run(STEPS).losses
    listed = [] if noted is None else list(enumerate(np.asarray(noted, float)))
    for k, loss in at_weights.items():
        _require(name, k, loss, reference, OF_THE_CHANGE * abs(reference.changes[k]), "of what the steps changed")
    for k, loss in (*at_weights.items(), *listed):
        _require(name, k, loss, reference, OF_THE_LOSS * abs(reference.losses[k]), "of the loss")
    return max(abs(loss / reference.losses[k] - 1) for k, loss in (*at_weights.items(), *listed))


def _require(name: str, step: int, loss: float, reference: Reference, allowed: float, of_what: str) -> None:
    known = reference.losses[step]
    if not abs(loss - known) < allowed:
        raise Disagreement(
            f"{name}: the loss after {step} steps is {loss:.8g}, where the reference has {known:.8g}: "
            f"{abs(loss - known):.1e} apart, and {allowed:.1e} is allowed {of_what}"
        )


def _double(leaf):
    leaf = np.asarray(leaf)
    return leaf.astype(np.float64) if leaf.dtype.kind == "f" else leaf
