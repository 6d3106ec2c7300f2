"""Ways whose weights agree, in turns."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks import turns
from benchmarks.many_steps.work import flat
from benchmarks.turns import Timed, versions
from benchmarks.unequal.work import STEPS, Work, work

STEPS_COMPARED, APART = 3, 1e-4


class Disagreement(AssertionError):
    """A way whose weights are others."""


class Way(NamedTuple):
    """``module`` has ``prepare(work, *options)``, which gives ``run(steps)``; it needs the packages ``needs``."""

    module: str
    needs: tuple[str, ...]
    options: tuple = ()
    steps: int = STEPS

    def prepare(self, given: Work) -> Callable[[int], tuple]:
        """The way for these tasks."""
        return import_module(f"benchmarks.unequal.{self.module}").prepare(given, *self.options)


OURS, REFERENCE, JAX = "mamllib", "JAX, task by task", ("jax", "jaxlib")
WAYS = {
    OURS: Way("by_mamllib", ("mamllib", *JAX)),
    "JAX, padded by hand": Way("in_jax", JAX, ("padded",)),
    REFERENCE: Way("in_jax", JAX, ("loop",)),
    "torch, padded by hand": Way("in_torch", ("torch",), ("padded",)),
    "torch, task by task": Way("in_torch", ("torch",), ("loop",), steps=5),
}


def table(rounds: int) -> pd.DataFrame:
    """A row a way that is installed.

    Raises:
        Disagreement: the weights of a way are not those of the loop over tasks of their own sizes.
    """
    given, ways = work(), {}
    known = WAYS[REFERENCE].prepare(given)(STEPS_COMPARED)
    for name, way in WAYS.items():
        if all(map(find_spec, way.needs)):
            run = way.prepare(given)
            apart = require_agreement(name, run, known, given.w)
            facts = {"weights_apart": apart, "versions": versions(*way.needs)}
            ways[name] = Timed(partial(run, way.steps), way.steps, facts)
    return turns.table(ways, rounds, OURS, "way")


def require_agreement(name: str, run: Callable[[int], tuple], known: tuple, first: tuple) -> float:
    """How far the weights after three steps are from the known ones, relative to how far those have moved."""
    found, known, first = flat(run(STEPS_COMPARED)), flat(known), flat(first)
    apart = float(np.linalg.norm(found - known) / np.linalg.norm(known - first))
    if not apart < APART:
        raise Disagreement(f"{name}: the weights after {STEPS_COMPARED} steps are {apart:.1e} of the way apart")
    return apart
