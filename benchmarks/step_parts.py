"""Where an outer step of ``mamllib.train`` goes: the same step with a part of it left out.

    python -m benchmarks.step_parts [--rounds 6]

What a part costs is what the step takes less without it. That is not exact, for XLA merges what lies side by side, and
parts that are left out together may save more or less than each alone. The last row draws the tasks of every step,
reads them, and computes nothing with them. The results lie in ``mamllib/measured/step_parts.csv``.
"""

import argparse
from dataclasses import replace
from functools import partial

from benchmarks.side_by_side import one_core, write

one_core()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import pandas as pd  # noqa: E402

from benchmarks import turns  # noqa: E402
from benchmarks.peers.mamllib_train import setting  # noqa: E402
from benchmarks.peers.work import SEED, WORKS, Work  # noqa: E402
from benchmarks.turns import Timed, versions  # noqa: E402
from mamllib.iteration import Algorithm  # noqa: E402
from mamllib.outer_step import descent  # noqa: E402
from mamllib.training import train  # noqa: E402

WHOLE = "whole step"


def nothing(problem, w):
    """Nothing is recorded."""
    return ()


def tiny_step(problem, w, key):
    """A step size."""
    return 1e-6


def task_read(task, alpha, w, _):
    """A direction that reads every number of the task, and costs no more than that."""
    rows = jax.tree.leaves(task)
    total = sum(jnp.sum(leaf).astype(jnp.result_type(*jax.tree.leaves(w))) for leaf in rows)
    return jax.tree.map(lambda leaf: leaf * total, w)


def parts(algorithm: Algorithm) -> dict[str, Algorithm]:
    """The whole, and what is left of it."""
    return {
        WHOLE: algorithm,
        "without the held-out loss": replace(algorithm, record=nothing),
        "without Adam": replace(algorithm, outer=descent(tiny_step)),
        "tasks drawn and read only": Algorithm(task_read, descent(tiny_step), nothing, algorithm.B, algorithm.sizes),
    }


def table(work: Work, rounds: int) -> pd.DataFrame:
    """A row a part."""
    algorithm, problem, w = setting(work)
    facts = {"versions": versions("mamllib", "jax", "jaxlib")}

    def run(algorithm: Algorithm):
        return jax.block_until_ready(train(algorithm, problem, w, [SEED], work.steps).w)

    ways = {name: Timed(partial(run, part), work.steps, facts) for name, part in parts(algorithm).items()}
    rows = turns.table(ways, rounds, WHOLE, "part")
    rows.insert(0, "work", work.name)
    return rows


def main() -> None:
    """Every work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    rounds = parser.parse_args().rounds
    write(pd.concat([table(work, rounds) for work in WORKS.values()], ignore_index=True), "step_parts")


if __name__ == "__main__":
    main()
