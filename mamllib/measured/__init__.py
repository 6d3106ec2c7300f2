"""Timings, as measured by ``benchmarks/``: tables that figures draw, since a chapter must not time anything itself."""

from importlib.resources import files

import pandas as pd


def load(name: str) -> pd.DataFrame:
    """The table ``name``.csv of this folder; its column ``device`` says what it was measured on.

    Raises:
        FileNotFoundError: there is no such table.
    """
    with (files(__package__) / f"{name}.csv").open(encoding="utf-8") as table:
        return pd.read_csv(table)
