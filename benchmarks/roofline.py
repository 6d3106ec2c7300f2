"""What one core of this machine can do at most, and how many operations and bytes a step of each work has.

    python -m benchmarks.roofline

Operations are those of the matrix products of a step (``benchmarks.peers.products``); bytes are what XLA counts that
its compiled step reads and writes, most of which never leaves a cache. The roof is made of two measurements: products
in float32 of matrices that a cache holds, and y + 2x over arrays that none holds.
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

SIDE, PRODUCTS, LENGTH, REPETITIONS = 512, 200, 2**25, 20
PEAK, BANDWIDTH = "large product", "y + 2x"


def roof() -> pd.DataFrame:
    """Operations and bytes a second, a row each, with the seconds of a call and their standard error."""
    rng = np.random.default_rng(0)
    square = jnp.asarray(rng.normal(size=(SIDE, SIDE)), np.float32)
    x, y = (jnp.asarray(rng.normal(size=LENGTH), np.float32) for _ in range(2))
    product, triad = jax.jit(jnp.matmul), jax.jit(lambda x, y: y + 2 * x)
    ways = {
        PEAK: lambda _: repeat(lambda: product(square, square)),
        BANDWIDTH: lambda _: triad(x, y).block_until_ready(),
    }
    table = summary(take_turns(ways, REPETITIONS), PEAK).drop(columns=["ratio", "ratio_standard_error"])
    return table.assign(
        operations=[PRODUCTS * 2 * SIDE**3, 2 * LENGTH], bytes=[PRODUCTS * 3 * 4 * SIDE**2, 3 * 4 * LENGTH]
    )


def repeat(call) -> None:
    """One call after another, each of which leaves its memory to the next."""
    for _ in range(PRODUCTS):
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
