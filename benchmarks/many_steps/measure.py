"""Ways whose gradients agree, in turns."""

import time
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks import turns
from benchmarks.many_steps import in_jax
from benchmarks.many_steps.work import WORK, Prepared
from benchmarks.peak_memory import in_its_own_process
from benchmarks.peers.work import Work
from benchmarks.turns import Timed, versions

APART = 1e-4


class Disagreement(AssertionError):
    """A way whose gradient is another."""


class Way(NamedTuple):
    """``module`` has ``prepare(work, *options)``, which says how; it needs the packages ``needs``."""

    module: str
    needs: tuple[str, ...]
    options: tuple = ()

    def prepare(self, work: Work) -> Prepared:
        """The way for this work."""
        return import_module(f"benchmarks.many_steps.{self.module}").prepare(work, *self.options)


OURS, JAX = "mamllib", ("jax", "jaxlib")
WAYS = {
    OURS: Way("by_mamllib", ("mamllib", *JAX)),
    "JAX, scan": Way("in_jax", JAX, ("scan",)),
    "JAX, scan, points kept": Way("in_jax", JAX, ("scan, points kept",)),
    "JAX, written out": Way("in_jax", JAX, ("written out",)),
    "torch create_graph": Way("in_torch", ("torch",), ("create_graph",)),
    "torch.func": Way("in_torch", ("torch",), ("torch.func",)),
}


def table(rounds: int, work: Work = WORK) -> pd.DataFrame:
    """A row a way that is installed.

    Raises:
        Disagreement: a gradient is not that of float64.
    """
    known = in_jax.prepare(work, "scan", np.float64).gradient()
    installed = {name: way for name, way in WAYS.items() if all(map(find_spec, way.needs))}
    ways = {name: _agreeing(name, way, work, known) for name, way in installed.items()}
    return turns.table(ways, rounds, OURS, "way").assign(inner_steps=work.inner_steps)


def _agreeing(name: str, way: Way, work: Work, known: np.ndarray) -> Timed:
    begun = time.perf_counter()
    ready = way.prepare(work)
    found = ready.gradient()
    first, apart = time.perf_counter() - begun, apart_from(known, found)
    if not apart < APART:
        raise Disagreement(f"{name}: its gradient is {apart:.1e} of its length from that of float64")
    print(f"{name} agrees to {apart:.1e}")
    rises = ready.planned is None
    memory = in_its_own_process("benchmarks.many_steps", "--memory", name) if rises else ready.planned
    facts = {"memory": memory, "memory_by": "rise of the process" if rises else "plan of the compiler"}
    facts |= {"first": first, "gradients_apart": apart, "versions": versions(*way.needs)}
    return Timed(ready.gradient, 1, facts)


def apart_from(known: np.ndarray, found: np.ndarray) -> float:
    """‖found − known‖/‖known‖."""
    return float(np.linalg.norm(found - known) / np.linalg.norm(known))
