"""How the outer loop moves: w_{k+1} from w_k and the meta-gradient, by a step-size rule or by an optimiser."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import optax

from mamllib import tree
from mamllib.uniforms import numbers_of, randomness_for


class OuterStep(NamedTuple):
    """Two pure functions, as in optax.

    ``init(w)`` gives the state before the first step (``()`` where there is none);
    ``update(problem, w, direction, state, key)`` gives the next (w, state). An update that has a method
    ``numbers_read(problem)`` is given that many uniform numbers in place of the key.
    Two outer steps are equal where their functions are, so make one with ``descent``, ``optimizer`` or ``adam``: a run
    is compiled anew for every unequal one.
    """

    init: Callable[[Any], Any]
    update: Callable[..., tuple[Any, Any]]


def descent(rule: Callable) -> OuterStep:
    """w − β_k · direction with β_k = ``rule(problem, w, key)``; ``rule`` is hashable, such as ``EstimatedStep``.

    A rule that has a method ``numbers_read(problem)`` is given that many uniform numbers in place of the key.
    """
    return OuterStep(_no_state, Descent(rule))


def optimizer(transformation: optax.GradientTransformation) -> OuterStep:
    """Any optax optimiser, such as ``optimizer(optax.sgd(0.1, momentum=0.9))``.

    Keep the transformation: optax makes a new one at every call, and a new one is compiled anew.
    """
    return OuterStep(transformation.init, Optimizer(transformation))


@functools.cache
def adam(learning_rate: float) -> OuterStep:
    """Adam (Kingma and Ba, 2015) with optax's defaults b1 = 0.9, b2 = 0.999, eps = 1e-8."""
    return optimizer(optax.adam(learning_rate))


@functools.partial(jax.tree_util.register_dataclass, data_fields=["rule"], meta_fields=[])
@dataclass(frozen=True)
class Descent:
    """The update of ``descent``."""

    rule: Callable

    def numbers_read(self, problem) -> int:
        """As many as the rule reads."""
        return numbers_of(self.rule, problem)

    def __call__(self, problem, w, direction, state, source):
        """(w − β_k · direction, state)."""
        return tree.step(w, self.rule(problem, w, randomness_for(self.rule, source)), direction), state


@functools.partial(jax.tree_util.register_dataclass, data_fields=["transformation"], meta_fields=[])
@dataclass(frozen=True)
class Optimizer:
    """The update of ``optimizer``."""

    transformation: optax.GradientTransformation

    def numbers_read(self, problem) -> int:
        """None."""
        return 0

    def __call__(self, problem, w, direction, state, source):
        """What the optimiser makes of the direction."""
        updates, state = self.transformation.update(direction, state, w)
        return tree.add(w, updates), state


def _no_state(w) -> tuple:
    return ()
