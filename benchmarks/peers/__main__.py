"""``python -m benchmarks.peers``: measure, and keep what was measured in ``mamllib/measured/peers.csv``."""

import argparse

from benchmarks.side_by_side import MEASURED, one_core, write

one_core()

import pandas as pd  # noqa: E402

from benchmarks.peers.measure import table  # noqa: E402
from benchmarks.peers.work import WORKS  # noqa: E402

KEPT = MEASURED / "peers.csv"


def main() -> None:
    """Measure the works that are named, and keep the rows of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--work", nargs="+", choices=WORKS, default=list(WORKS))
    asked = parser.parse_args()
    for name in asked.work:
        found = table(WORKS[name], asked.rounds)
        kept = [pd.read_csv(KEPT).query("work != @name")] if KEPT.exists() else []
        rows = pd.concat([*kept, found], ignore_index=True)
        write(rows.sort_values("work", key=lambda column: column.map(list(WORKS).index), kind="stable"), "peers")


if __name__ == "__main__":
    main()
