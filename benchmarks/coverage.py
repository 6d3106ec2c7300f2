"""How often confidence bounds miss the mean, at the risk at which verdicts are given.

    python -m benchmarks.coverage

Every law is sampled 10,000 times at each size. Student's bounds are asked everywhere, those by betting where the range
of the samples is known.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.side_by_side import write
from mamllib.checking.statistics import FAMILY_RISK, mean_bounds

SIZES = (4, 16, 100, 800)
TRIALS, AT_ONCE = 10_000, 500


class Law(NamedTuple):
    """How to draw, the mean, and the range where it is known."""

    draw: Callable
    mean: float
    range: tuple[float, float] | None = None


def bernoulli(p: float) -> Law:
    """1 with probability p, else 0."""
    return Law(lambda rng, shape: (rng.random(shape) < p).astype(float), p, (0.0, 1.0))


LAWS = {
    "Bernoulli, p = 0.1": bernoulli(0.1),
    "Bernoulli, p = 0.001": bernoulli(0.001),
    "exponential, clipped at 5": Law(
        lambda rng, shape: np.minimum(rng.exponential(size=shape), 5), 1 - np.exp(-5), (0.0, 5.0)
    ),
    "uniform": Law(lambda rng, shape: rng.random(shape), 0.5, (0.0, 1.0)),
    "Gaussian": Law(lambda rng, shape: rng.normal(size=shape), 0.0),
    "lognormal": Law(lambda rng, shape: rng.lognormal(size=shape), np.exp(0.5)),
}


def bounds(samples, limits) -> tuple:
    """(lower, upper) of every row; the order within a row does not matter, so equal ones are asked once."""
    rows, places = np.unique(np.sort(samples, axis=1), axis=0, return_inverse=True)
    found = [mean_bounds(part, FAMILY_RISK, limits) for part in np.array_split(rows, -(-len(rows) // AT_ONCE))]
    return tuple(np.concatenate(side)[places.ravel()] for side in zip(*found, strict=True))


def coverage(law: Law, size: int, limits) -> dict:
    """The shares of trials in which either bound misses the mean, and the median width."""
    samples = law.draw(np.random.default_rng(size), (TRIALS, size))
    lower, upper = bounds(samples, limits)
    missed = {"lower_missed": np.mean(lower > law.mean), "upper_missed": np.mean(upper < law.mean)}
    return missed | {"width": np.median(upper - lower), "risk": FAMILY_RISK, "trials": TRIALS}


def main() -> None:
    """Measure every law and keep the table."""
    rows = []
    for name, law in LAWS.items():
        kinds = {"Student": None} | ({"betting": law.range} if law.range else {})
        for size in SIZES:
            rows += [{"law": name, "samples": size, "bound": kind} | coverage(law, size, kinds[kind]) for kind in kinds]
    write(pd.DataFrame(rows), "coverage")


if __name__ == "__main__":
    main()
