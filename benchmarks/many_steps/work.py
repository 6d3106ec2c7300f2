"""What is differentiated: 64 inner steps of the classifier on four tasks, in float32."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.peers.work import CLS1, Rows, Work, pool

WORK = CLS1._replace(name="cls64", tasks=4, inner_steps=64, alpha=0.01, pool=4)


class Prepared(NamedTuple):
    """``gradient()`` of the mean over the tasks; the MiB of its temporary values where a compiler has planned them."""

    gradient: Callable[[], np.ndarray]
    planned: float | None = None


def tasks(work: Work) -> Rows:
    """The first ones of the pool, along a leading axis."""
    return Rows(*(leaf[: work.tasks] for leaf in pool(work)))


def planned(compiled) -> float:
    """MiB of the temporary values of a program that JAX compiled."""
    return compiled.memory_analysis().temp_size_in_bytes / 2**20


def flat(gradient) -> np.ndarray:
    """Weights and biases, layer by layer, in one vector of float64."""
    return np.concatenate([np.ravel(leaf) for layer in gradient for leaf in layer]).astype(np.float64)
