"""How the outer loop moves: w_{k+1} from w_k and the meta-gradient, by a step-size rule or by an optimiser."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import optax

from mamllib import tree


class OuterStep(NamedTuple):
    """Two pure functions, as in optax.

    ``init(w)`` gives the state before the first step (``()`` where there is none);
    ``update(problem, w, direction, state, key)`` gives the next (w, state).
    Two outer steps are equal where their functions are, so make one with the cached ``descent`` or ``adam``: a run
    is compiled anew for every unequal one.
    """

    init: Callable[[Any], Any]
    update: Callable[..., tuple[Any, Any]]


@functools.cache
def descent(rule: Callable) -> OuterStep:
    """w − β_k · direction with β_k = ``rule(problem, w, key)``; ``rule`` is hashable, such as ``EstimatedStep``."""

    def update(problem, w, direction, state, key):
        return tree.step(w, rule(problem, w, key), direction), state

    return OuterStep(lambda w: (), update)


@functools.cache
def optimizer(transformation: optax.GradientTransformation) -> OuterStep:
    """Any optax optimiser, such as ``optimizer(optax.sgd(0.1, momentum=0.9))``.

    Keep the transformation: optax makes a new one at every call, and a new one is compiled anew.
    """

    def update(problem, w, direction, state, key):
        updates, state = transformation.update(direction, state, w)
        return tree.add(w, updates), state

    return OuterStep(transformation.init, update)


@functools.cache
def adam(learning_rate: float) -> OuterStep:
    """Adam (Kingma and Ba, 2015) with optax's defaults b1 = 0.9, b2 = 0.999, eps = 1e-8."""
    return optimizer(optax.adam(learning_rate))
