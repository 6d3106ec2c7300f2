"""All that the chapter "How fast, and beside whom" shows, measured by one command.

    python -m benchmarks            # measure, and keep
    python -m benchmarks --within   # measure, keep nothing, and say which ratios lie outside what is kept

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
from benchmarks.within import outside

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
    for name in names:
        if keys := TABLES[name]:
            apart = outside(*(pd.read_csv(folder / f"{name}.csv") for folder in (MEASURED, again)), keys)
            found += len(apart)
            print(f"{name}: {len(apart)} ratios outside" + (f"\n{apart.to_string(index=False)}" if len(apart) else ""))
    return found


def main() -> int:
    """Measure; 1 where ratios lie outside what is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--within", action="store_true", help="keep nothing; compare with what is kept")
    parser.add_argument("--table", nargs="+", choices=TABLES, default=list(TABLES), help="only these")
    asked = parser.parse_args()
    if not asked.within:
        measure(MEASURED, asked.table)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), asked.table)
        return int(compare(Path(folder), asked.table) > 0)


if __name__ == "__main__":
    sys.exit(main())
