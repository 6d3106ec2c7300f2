"""``python -m benchmarks.bias``: measure, and keep what was measured in ``mamllib/measured/bias.csv``."""

import argparse

from benchmarks.side_by_side import one_core, write

one_core()

import pandas as pd  # noqa: E402

from benchmarks.bias.measure import memory, table  # noqa: E402
from benchmarks.bias.way import WAYS  # noqa: E402
from benchmarks.bias.work import ALPHAS, work  # noqa: E402
from benchmarks.peak_memory import rise  # noqa: E402


def main() -> None:
    """Every way at every α; or, for ``--memory``, print how far the memory of this process rises."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--memory", nargs=2, metavar=("WAY", "DRAWS"))
    asked = parser.parse_args()
    if asked.memory:
        name, draws = asked.memory
        ready = WAYS[name].prepare(work(ALPHAS[0]))
        ready.draw(WAYS[name].samples, 0)  # compiled, and laid out as with more
        print(rise(lambda: ready.draw(int(draws), 1)))
        return
    risen = memory()
    rows = pd.concat([table(alpha, asked.rounds) for alpha in ALPHAS], ignore_index=True)
    first = ["alpha", "way", "seconds", "variance", "to_equal_error", "times_ours", "error_reached"]
    rows = rows.assign(**{name: rows.way.map(values) for name, values in risen.items()})
    write(rows[first + [name for name in rows.columns if name not in first]], "bias")


if __name__ == "__main__":
    main()
