"""All that the chapter "How fast, and beside whom" shows, measured by one command.

    python -m benchmarks            # measure, and keep
    python -m benchmarks --again    # measure, note one more sitting, and say which ratios lie outside what is kept
    python -m benchmarks --within   # the same, and note nothing

A quiet machine with two cores takes some 12 minutes. Each table is measured in a process of its own, for JAX reads at
its start how many threads it may use.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.side_by_side import FOLDER_VARIABLE, MEASURED
from benchmarks.within import note, outside, ratios

# The modules, and what tells the rows of their tables apart.
TABLES = {
    "roofline": None,
    "peers": ["work", "peer", "device"],
    "growth": ["along", "value", "peer"],
    "bias": ["alpha", "way"],
    "many_steps": ["way"],
    "unequal": ["way"],
    "one_statement": None,
    "step_parts": ["work", "part"],
}


def measure(folder: Path, names: Sequence[str]) -> None:
    """These tables into this folder."""
    for number, name in enumerate(names, start=1):
        print(f"{number}/{len(names)} {name}", flush=True)
        subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"], check=True, env=os.environ | {FOLDER_VARIABLE: str(folder)}
        )


def compare(again: Path, names: Sequence[str]) -> int:
    """Print the ratios outside what is kept, and how many there are."""
    found = 0
    for name, rows, keys in with_keys(again, names):
        apart = outside(name, pd.read_csv(MEASURED / f"{name}.csv"), rows, keys)
        found += len(apart)
        shown = f"\n{apart.to_string(index=False, float_format='%.4g')}" if len(apart) else ""
        print(f"{name}: {len(apart)} of {len(rows)} ratios outside{shown}")
    return found


def with_keys(folder: Path, names: Sequence[str]) -> list[tuple[str, pd.DataFrame, list[str]]]:
    """The tables of this folder that hold ratios, and what tells their rows apart."""
    return [(name, pd.read_csv(folder / f"{name}.csv"), TABLES[name]) for name in names if TABLES[name]]


def add_sitting(folder: Path, names: Sequence[str]) -> None:
    """The ratios of the tables in this folder, noted beside those of other sittings."""
    note([ratios(*table) for table in with_keys(folder, names)], MEASURED)


def keep(fresh: Path, kept: Path, names: Sequence[str]) -> None:
    """Put these tables in place of those that are kept, whose rows from other devices stay."""
    for name in names:
        rows, before = (pd.read_csv(folder / f"{name}.csv") for folder in (fresh, kept))
        others = before[~before.device.isin(rows.device)]
        together = pd.concat([rows, others]) if len(others) else rows
        together.to_csv(kept / f"{name}.csv", index=False, float_format="%.4g", lineterminator="\n")


def main() -> int:
    """Measure; 1 where ratios lie outside what is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--within", action="store_true", help="keep nothing; compare with what is kept")
    kind.add_argument("--again", action="store_true", help="the same, and note the ratios as one more sitting")
    parser.add_argument("--table", nargs="+", choices=TABLES, default=list(TABLES), help="only these")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.table)
        if not asked.within:
            add_sitting(Path(folder), asked.table)
        if asked.within or asked.again:
            return int(compare(Path(folder), asked.table) > 0)
        keep(Path(folder), MEASURED, asked.table)
        return 0


if __name__ == "__main__":
    sys.exit(main())
