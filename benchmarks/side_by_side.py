"""Several ways of doing one thing, timed in turns on one core.

Other work on the machine comes and goes; ways that take turns meet the same share of it, so ratios are steadier than
the times themselves. Import this module before JAX, so that ``one_core`` can still say how JAX starts.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER_VARIABLE = "MAMLLIB_MEASURED"  # where tables are kept instead, while they are compared with those of the package
MEASURED = Path(os.environ.get(FOLDER_VARIABLE, Path(__file__).resolve().parents[1] / "mamllib" / "measured"))
RESAMPLES = 2_000


def one_core() -> None:
    """Hold this process, and every library in it, to one thread on one core."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["OMP_NUM_THREADS"] = "1"
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def all_cores() -> None:
    """Leave to this process, and to every library in it, as many threads as there are cores."""
    os.environ.pop("XLA_FLAGS", None)
    os.environ.pop("OMP_NUM_THREADS", None)


CORES = {"one": one_core, "all": all_cores}


def threads() -> int:
    """How many threads a library is given: one a core."""
    return len(os.sched_getaffinity(0))


def device() -> str:
    """What is measured on: an accelerator by its name, CPUs in general words."""
    import jax

    if jax.default_backend() != "cpu":
        return jax.devices()[0].device_kind
    cores = threads()
    return f"{cores} CPU core{'s' if cores > 1 else ''}"


def take_turns(ways: dict[str, Callable[[int], object]], repetitions: int) -> pd.DataFrame:
    """Seconds (repetitions, ways) of ``way(repetition)``, each way warmed up once, in a random order every time."""
    for way in ways.values():
        way(0)
    order = np.random.default_rng(0)
    rows = [
        {name: _seconds(ways[name], repetition) for name in order.permutation(list(ways))}
        for repetition in range(repetitions)
    ]
    return pd.DataFrame(rows)[list(ways)]


def summary(seconds: pd.DataFrame, against: str) -> pd.DataFrame:
    """Medians, and medians relative to the way ``against``, with bootstrap standard errors over whole repetitions."""
    rows = np.random.default_rng(0).integers(0, len(seconds), (RESAMPLES, len(seconds)))
    resampled = np.median(seconds.to_numpy()[rows], axis=1)
    base = seconds.columns.get_loc(against)
    medians = seconds.median().to_numpy()
    return pd.DataFrame(
        {
            "seconds": medians,
            "standard_error": resampled.std(axis=0),
            "ratio": medians / medians[base],
            "ratio_standard_error": (resampled / resampled[:, [base]]).std(axis=0),
            "repetitions": len(seconds),
            "device": device(),
        },
        index=seconds.columns,
    )


def write(table: pd.DataFrame, name: str) -> None:
    """Keep a table as ``name.csv`` in ``MEASURED``, four digits a number, and print it."""
    table.to_csv(MEASURED / f"{name}.csv", index=False, float_format="%.4g", lineterminator="\n")
    print(table.to_string(index=False, float_format="%.4g"))


def _seconds(way: Callable[[int], object], repetition: int) -> float:
    start = time.perf_counter()
    way(repetition)
    return time.perf_counter() - start
