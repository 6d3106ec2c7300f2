"""What ``benchmarks/`` measured: timings, since a chapter must not time anything itself, and how often confidence
bounds miss (``coverage``, by ``python -m benchmarks.coverage``)."""

from importlib.resources import files

import pandas as pd


def load(name: str) -> pd.DataFrame:
    """The table ``name``.csv of this folder; where it holds times, its column ``device`` says what they were taken on.

    Raises:
        FileNotFoundError: there is no such table.
    """
    with (files(__package__) / f"{name}.csv").open(encoding="utf-8") as table:
        return pd.read_csv(table)
