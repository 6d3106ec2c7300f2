"""``python -m benchmarks.many_steps``: measure, and keep what was measured in ``mamllib/measured/many_steps.csv``."""

import argparse

from benchmarks.side_by_side import one_core, write

one_core()

from benchmarks.many_steps.measure import WAYS, table  # noqa: E402
from benchmarks.many_steps.work import WORK  # noqa: E402
from benchmarks.peak_memory import rise  # noqa: E402


def main() -> None:
    """Every way; or, for ``--memory``, print how far the memory of this process rises."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", metavar="WAY")
    asked = parser.parse_args()
    if asked.memory:
        print(rise(WAYS[asked.memory].prepare(WORK).gradient))
        return
    rows = table(asked.rounds)
    first = ["way", "seconds", "memory", "first"]
    write(rows[first + [name for name in rows.columns if name not in first]], "many_steps")


if __name__ == "__main__":
    main()
