"""What instances of all statements share: registration as a pytree, and the size of a round-off budget."""

from dataclasses import dataclass

import jax
import numpy as np

from mamllib.precision import gamma

SHORTEST_CHAIN = 64


def instance(*static: str):
    """Class decorator: a frozen dataclass and pytree whose fields named in ``static`` are compile-time constants."""

    def decorate(cls):
        cls = dataclass(frozen=True)(cls)
        fields = list(cls.__dataclass_fields__)
        return jax.tree_util.register_dataclass(cls, [f for f in fields if f not in static], list(static))

    return decorate


def relative_roundoff(problem) -> float:
    """γ_n for the longest chain of operations: 64 and the largest extent of any array of the instance.

    Multiplied by the size of what is computed, it bounds the error of a backward stable evaluation.
    """
    longest = max((extent for leaf in jax.tree.leaves(problem) for extent in np.shape(leaf)), default=0)
    return gamma(SHORTEST_CHAIN + longest)
