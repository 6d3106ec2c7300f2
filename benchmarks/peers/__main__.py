"""``python -m benchmarks.peers``: measure, and keep what was measured in ``mamllib/measured/peers.csv``."""

import argparse

from benchmarks.side_by_side import CORES, MEASURED, device, write

NAMES = ("sin1", "sin5", "cls1", "cls5")


def main() -> None:
    """Measure the works that are named on these cores, and keep all other rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--work", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--cores", choices=CORES, default="one")
    asked = parser.parse_args()
    CORES[asked.cores]()  # before JAX is imported
    for name in asked.work:
        keep(name, asked.rounds)


def keep(name: str, rounds: int) -> None:
    """Measure one work, and put its rows in place of those from as many cores."""
    import pandas as pd

    from benchmarks.peers.measure import table
    from benchmarks.peers.work import WORKS

    found, kept = table(WORKS[name], rounds), MEASURED / "peers.csv"
    before = pd.read_csv(kept) if kept.exists() else found[:0]
    others = before[(before.work != name) | (before.device != device())]
    rows = pd.concat([others, found], ignore_index=True)
    order = rows.work.map(NAMES.index).sort_values(kind="stable").index
    write(rows.loc[order].sort_values("device", kind="stable"), "peers")


if __name__ == "__main__":
    main()
