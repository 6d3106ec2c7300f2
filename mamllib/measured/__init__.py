"""What ``benchmarks/`` measured: timings, since a chapter must not time anything itself; how often bounds miss a mean
(``coverage``, by ``python -m benchmarks.coverage``); what ``make book`` would run again after random edits (``edits``,
by ``python -m benchmarks.edits``); and which mutants of the checker its tests kill (``mutants_of_the_checker``, by
``python -m benchmarks.mutants_of_the_checker`` after ``pip install mutmut==3.8.1``).
"""

from importlib.resources import files

import pandas as pd


def load(name: str) -> pd.DataFrame:
    """The table ``name``.csv of this folder; where it holds times, its column ``device`` says what they were taken on.

    Raises:
        FileNotFoundError: there is no such table.
    """
    with (files(__package__) / f"{name}.csv").open(encoding="utf-8") as table:
        return pd.read_csv(table)
