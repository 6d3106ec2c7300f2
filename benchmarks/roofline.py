"""What one core of this machine can do at most, and how many operations and bytes a step of each work has.

    python -m benchmarks.roofline

Operations are those of the matrix products of a step (``benchmarks.peers.products``); bytes are what XLA counts that
its compiled step reads and writes, most of which never leaves a cache. The roof is made of two measurements: products
in float32 of matrices that a cache holds, and y + 2x over arrays
that one holds, or none.
"""

from benchmarks.side_by_side import one_core, summary, take_turns, write

one_core()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from benchmarks.peers.jax_network import adam_state, adam_step  # noqa: E402
from benchmarks.peers.products import operations  # noqa: E402
from benchmarks.peers.work import WORKS, Work, batches, start  # noqa: E402

SIDE, REPEATED, REPETITIONS = 512, 200, 20
IN_MEMORY, IN_CACHE, TURNS = 2**25, 2**14, 10_000
PEAK, MEMORY, CACHE = "large product", "y + 2x in memory", "y + 2x in cache"


def roof() -> pd.DataFrame:
    """Operations and bytes a second, a row each, with the seconds of a call and their standard error."""
    rng = np.random.default_rng(0)
    square = jnp.asarray(rng.normal(size=(SIDE, SIDE)), np.float32)
    x, y = (jnp.asarray(rng.normal(size=IN_MEMORY), np.float32) for _ in range(2))
    few_x, few_y = x[:IN_CACHE], y[:IN_CACHE]
    product, triad, triads = jax.jit(jnp.matmul), jax.jit(added), jax.jit(often)
    ways = {
        PEAK: lambda _: repeat(lambda: product(square, square)),
        MEMORY: lambda _: triad(x, y).block_until_ready(),
        CACHE: lambda _: triads(few_x, few_y).block_until_ready(),
    }
    table = summary(take_turns(ways, REPETITIONS), PEAK).drop(columns=["ratio", "ratio_standard_error"])
    numbers = np.array([IN_MEMORY, TURNS * IN_CACHE])
    return table.assign(
        operations=[REPEATED * 2 * SIDE**3, *(2 * numbers)], bytes=[REPEATED * 3 * 4 * SIDE**2, *(3 * 4 * numbers)]
    )


def added(x, y):
    """Two numbers are read, one is written, two operations are made."""
    return y + 2 * x


def often(x, y):
    """The same again and again, on what a cache holds."""
    return jax.lax.fori_loop(0, TURNS, lambda _, y: added(x, y), y)


def repeat(call) -> None:
    """One call after another, each of which leaves its memory to the next."""
    for _ in range(REPEATED):
        call().block_until_ready()


def step(work: Work) -> dict:
    """Operations of one outer step, and the bytes that XLA counts for it."""
    w, tasks = start(work), jax.tree.map(lambda leaf: leaf[0], batches(work, np.arange(work.tasks)[None]))
    compiled = jax.jit(lambda w, state, tasks: adam_step(work, w, state, tasks)).lower(w, adam_state(work, w), tasks)
    return {"operations": operations(work), "bytes": compiled.compile().cost_analysis()["bytes accessed"]}


def main() -> None:
    """Measure the roof, count the works, and keep both."""
    counted = pd.DataFrame.from_dict({name: step(work) for name, work in WORKS.items()}, orient="index")
    write(pd.concat([roof(), counted]).rename_axis("what").reset_index(), "roofline")


if __name__ == "__main__":
    main()
