"""How far a ratio moves from one sitting to the next: what the rounds of one sitting cannot say.

A *sitting* is one run of ``python -m benchmarks``, in some hour on some machine. ``sittings.csv`` holds the ratios of
all of them, a row for each row of each table.
"""

import numpy as np
import pandas as pd

from mamllib.measured import load

NAME = "sittings"
TWO_SIDED = 1.96


def packages(rows: pd.DataFrame) -> pd.Series:
    """What each row ran on: ``torch``, ``jax`` (``mamllib`` included) or ``numpy``, of its column ``versions``."""
    return rows.versions.str.split().str[0].replace("mamllib", "jax")


def deviations(sittings: pd.DataFrame) -> pd.Series:
    """For each (table, package) the standard deviation of log(ratio) between sittings, pooled over rows.

    A row seen in one sitting alone says nothing, nor does the way that others are held against, whose ratio is 1.
    """
    seen = sittings[sittings.ratio != 1].assign(log=lambda rows: np.log(rows.ratio))
    rows = seen.groupby(["table", "package", "row"]).log.agg(["var", "count"])
    rows = rows[rows["count"] > 1].assign(freedom=lambda found: found["count"] - 1)
    squares = (rows["var"] * rows.freedom).groupby(["table", "package"]).sum()
    return np.sqrt(squares / rows.freedom.groupby(["table", "package"]).sum())


def with_intervals(name: str, rows: pd.DataFrame, sittings: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows of table ``name`` with ``low`` and ``high``: in between lie 95 of 100 ratios of another sitting.

    Both sittings move, so log(ratio) differs by 1.96 · √2 standard deviations once in twenty.

    Raises:
        KeyError: a package of these rows has not been met in two sittings.
    """
    moved = deviations(load(NAME) if sittings is None else sittings)
    found = [
        0.0 if ratio == 1 else moved[name, package] for ratio, package in zip(rows.ratio, packages(rows), strict=True)
    ]
    factor = np.exp(TWO_SIDED * 2**0.5 * np.array(found))
    return rows.assign(low=rows.ratio / factor, high=rows.ratio * factor)
