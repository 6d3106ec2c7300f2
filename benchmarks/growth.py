"""How the time of an outer step grows with inner steps, tasks and width: the library beside plain JAX and torch.

    python -m benchmarks.growth

From a network 1-40-40-1 with 25 tasks of ten rows and one inner step, one number is changed at a time. Losses have to
agree as in ``benchmarks.peers`` before a time is believed. JAX's peer writes up to 16 inner steps out and scans over
more of them, for 64 would take minutes to compile.
"""

import argparse

from benchmarks.side_by_side import one_core, write

one_core()

import pandas as pd  # noqa: E402

from benchmarks import turns  # noqa: E402
from benchmarks.peers.measure import timed_peers  # noqa: E402
from benchmarks.peers.peer import OURS  # noqa: E402
from benchmarks.peers.products import operations  # noqa: E402
from benchmarks.peers.work import SIN1, Work  # noqa: E402

BESIDE = (OURS, "JAX scan", "torch by hand")
OPERATIONS_A_TURN, FEWEST, MOST = 2e9, 6, 500
KEPT = ["along", "value", "peer", "seconds", "standard_error", "ratio", "ratio_standard_error", "repetitions", "device"]


def works() -> list[tuple[str, int, Work]]:
    """What is changed, to what, and the work that results."""
    changed = [
        *(("inner steps", N, SIN1._replace(inner_steps=N)) for N in (1, 2, 4, 8, 16, 64)),
        *(("tasks", B, SIN1._replace(tasks=B)) for B in (5, 25, 125, 625)),
        *(("width", width, SIN1._replace(widths=(1, width, width, 1))) for width in (20, 40, 80, 160, 320)),
    ]
    return [(along, value, _timed(work._replace(name=f"{along} {value}"))) for along, value, work in changed]


def _timed(work: Work) -> Work:
    steps = int(OPERATIONS_A_TURN / operations(work))
    return work._replace(steps=min(MOST, max(FEWEST, steps)))


def main() -> None:
    """Measure every work in turns, and keep all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    rounds = parser.parse_args().rounds
    found = []
    for number, (along, value, work) in enumerate(asked := works(), start=1):
        print(f"{number}/{len(asked)} {work.name}", flush=True)
        rows = turns.table(timed_peers(work, BESIDE), rounds, OURS)
        found.append(rows.assign(along=along, value=value))
    write(pd.concat(found)[[*KEPT, "minimum", "maximum", "load", "dtype", "versions"]], "growth")


if __name__ == "__main__":
    main()
