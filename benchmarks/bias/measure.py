"""Ways that agree, timed in turns, and how long each draws for an equal standard error."""

from functools import partial

import numpy as np
import pandas as pd

from benchmarks import turns
from benchmarks.bias.way import OURS, WAYS, Prepared
from benchmarks.bias.work import Drawn, Work, work
from benchmarks.peak_memory import in_its_own_process
from benchmarks.turns import Timed, versions

BATCHES_COMPARED, OF_THE_DRAW, STANDARD_ERRORS = 3, 1e-4, 6.0
FEW, MANY = 2**16, 2**19


class Disagreement(AssertionError):
    """A way whose draws or means are not those of the others."""


def table(alpha: float, rounds: int) -> pd.DataFrame:
    """A row a way that is installed.

    Raises:
        Disagreement: the draws of given batches are not those of NumPy, or the mean is not that of ``mamllib.stream``.
    """
    found = {name: WAYS[name].prepare(work(alpha)) for name in WAYS if WAYS[name].is_installed}
    apart = require_equal_draws(work(alpha), found)
    drawn = {name: ready.draw(WAYS[name].samples, 1) for name, ready in found.items()}
    require_equal_means(drawn)
    bias = float(np.linalg.norm(drawn[OURS].mean))
    ways = {name: _timed(name, found[name], drawn[name], apart[name]) for name in found}
    rows = turns.table(ways, rounds, OURS, "way").assign(alpha=alpha, bias=bias)
    reached = drawn[OURS].variance / WAYS[OURS].samples
    rows["error_reached"] = reached**0.5 / bias
    rows["to_equal_error"] = rows.seconds * rows.variance / reached
    rows["times_ours"] = rows.to_equal_error / rows.to_equal_error[rows.way == OURS].item()
    return rows


def require_equal_draws(given: Work, found: dict[str, Prepared]) -> dict[str, float]:
    """The largest difference in the draws of three batches, relative to the largest entry of NumPy's."""
    rows = np.random.default_rng(2).integers(0, len(given.x), (BATCHES_COMPARED, given.D_in))
    known = found["NumPy"].of_batches(rows)
    apart = {name: _apart(ready.of_batches(rows), known) for name, ready in found.items()}
    for name, distance in apart.items():
        if not distance < OF_THE_DRAW:
            raise Disagreement(f"{name}: draws of the same batches are {distance:.1e} apart of their largest entry")
    return apart


def require_equal_means(drawn: dict[str, Drawn]) -> None:
    """Each mean is within six standard errors of that of ``mamllib.stream``, in norm."""
    ours = drawn[OURS]
    for name, other in drawn.items():
        allowed = STANDARD_ERRORS * np.sqrt(other.variance / other.samples + ours.variance / ours.samples)
        if not np.linalg.norm(other.mean - ours.mean) < allowed:
            raise Disagreement(f"{name}: its mean is not that of {OURS}, by more than {allowed:.1e}")


def memory() -> dict[str, dict[str, float]]:
    """MiB by which a process rises, over few draws and over many, for each installed way."""
    names = [name for name in WAYS if WAYS[name].is_installed]
    risen = partial(in_its_own_process, "benchmarks.bias", "--memory")
    return {f"memory_{count}": {name: risen(name, str(count)) for name in names} for count in (FEW, MANY)}


def _timed(name: str, ready: Prepared, drawn: Drawn, apart: float) -> Timed:
    needs = {"torch": ("torch",), "numpy": ("numpy",)}.get(WAYS[name].needs, ("mamllib", "jax", "jaxlib"))
    facts = {"variance": drawn.variance, "draws_apart": apart, "versions": versions(*needs)}
    return Timed(partial(ready.draw, WAYS[name].samples, 2), drawn.samples, facts)


def _apart(values: np.ndarray, known: np.ndarray) -> float:
    return float(np.max(np.abs(values - known)) / np.max(np.abs(known)))
