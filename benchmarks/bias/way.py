"""What a way to draw is."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from benchmarks.bias.work import ROWS, Drawn, Work
from mamllib.monte_carlo import BLOCKS


class Prepared(NamedTuple):
    """``draw(samples, seed)``, and ``of_batches(rows)``: the values (k, d) for k batches of given row numbers."""

    draw: Callable[[int, int], Drawn]
    of_batches: Callable[[np.ndarray], np.ndarray]


class Way(NamedTuple):
    """``module`` has ``prepare(work, *options)``; it needs the package ``needs``; so many draws are timed at once."""

    module: str
    needs: str
    samples: int
    options: tuple = ()

    @property
    def is_installed(self) -> bool:
        """Whether what it needs is there."""
        return find_spec(self.needs) is not None

    def prepare(self, work: Work) -> Prepared:
        """Everything moved to where the way wants it."""
        return import_module(f"benchmarks.bias.{self.module}").prepare(work, *self.options)


OURS = "mamllib.stream"
WAYS = {
    OURS: Way("by_mamllib", "mamllib", BLOCKS * ROWS),  # the fewest that are stratified
    "mamllib.stream, no control": Way("by_mamllib", "mamllib", 2**14, (False,)),
    "NumPy": Way("by_numpy", "numpy", 2**14),
    "torch, float64": Way("by_torch", "torch", 2**14, ("float64",)),
    "torch, float32": Way("by_torch", "torch", 2**14, ("float32",)),
}
