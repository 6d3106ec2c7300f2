"""Ways that have agreed, timed in turns: wall and CPU time, load, and the table of it."""

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.side_by_side import summary


class Timed(NamedTuple):
    """``run()`` does ``steps`` equal pieces of work; ``facts`` go into its row."""

    run: Callable[[], object]
    steps: int
    facts: dict


def table(ways: dict[str, Timed], rounds: int, against: str, column: str = "peer") -> pd.DataFrame:
    """A row a way: seconds a piece of work, the ratio to ``against`` in the same rounds, and the facts of each."""
    found = in_turns(ways, rounds)
    wall, cpu = (found.pivot(columns="way", values=kind, index="round")[list(ways)] for kind in ("wall", "cpu"))
    rows, of_cpu = (summary(seconds, against).rename_axis(column) for seconds in (wall, cpu))
    rows = rows.assign(minimum=wall.min(), maximum=wall.max(), load=found["load"].mean())
    rows = rows.join(of_cpu[["seconds", "ratio", "ratio_standard_error"]].add_prefix("cpu_"))
    facts = {name: way.facts | {"steps": way.steps} for name, way in ways.items()}
    return (
        rows.join(pd.DataFrame.from_dict(facts, orient="index")).reset_index().assign(python=platform.python_version())
    )


def in_turns(ways: dict[str, Timed], rounds: int) -> pd.DataFrame:
    """Seconds a piece of work of every way in every round, in a random order each time, after one run of each."""
    for way in ways.values():
        way.run()
    order = np.random.default_rng(0)
    return pd.DataFrame(
        [
            {"round": turn, "way": name, "load": os.getloadavg()[0], **_seconds_a_step(ways[name])}
            for turn in range(rounds)
            for name in order.permutation(list(ways))
        ]
    )


def versions(*needs: str) -> str:
    """The versions of these packages, in one word or more."""
    return " ".join(f"{name} {version(name)}" for name in needs)


def _seconds_a_step(way: Timed) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    way.run()
    return {
        "wall": (time.perf_counter() - wall) / way.steps,
        "cpu": (time.process_time() - cpu) / way.steps,
    }
