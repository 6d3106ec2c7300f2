"""Peers in turns: wall and CPU time, load, and what the table says of them."""

import os
import platform
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.peers import mamllib_train, products
from benchmarks.peers.agree import STEPS, Reference, require_agreement
from benchmarks.peers.peer import OURS, PEERS
from benchmarks.peers.work import Work, batches
from benchmarks.side_by_side import summary

REPEATED = 20


class Timed(NamedTuple):
    """``run()`` makes ``steps`` outer steps; ``facts`` go into its row."""

    run: Callable[[], object]
    steps: int
    facts: dict


def table(work: Work, rounds: int) -> pd.DataFrame:
    """A row a peer that is installed, and one for the matrix products alone; every peer has passed the comparison.

    Raises:
        Disagreement: the losses of a peer are not those of the reference.
    """
    ways = {**timed_peers(work), **timed_products(work)}
    found = in_turns(ways, rounds)
    wall, cpu = (found.pivot(columns="peer", values=kind, index="round")[list(ways)] for kind in ("wall", "cpu"))
    rows, of_cpu = (summary(seconds, OURS).rename_axis("peer") for seconds in (wall, cpu))
    rows = rows.assign(minimum=wall.min(), maximum=wall.max(), load=found["load"].mean())
    rows = rows.join(of_cpu[["seconds", "ratio", "ratio_standard_error"]].add_prefix("cpu_"))
    facts = pd.DataFrame.from_dict(
        {name: way.facts | {"steps": way.steps} for name, way in ways.items()}, orient="index"
    )
    rows = rows.join(facts).reset_index().assign(python=platform.python_version())
    rows.insert(0, "work", work.name)
    return rows


def timed_peers(work: Work) -> dict[str, Timed]:
    """Every installed peer, after the comparison."""
    data = batches(work, mamllib_train.order(work, max(work.steps, STEPS + 1)))
    reference, ways = Reference(work, data), {}
    for name, peer in PEERS.items():
        if not peer.is_installed:
            print(f"{work.name}: {name} is left out, for {peer.needs} is not installed (pip install --group peers)")
            continue
        ready, steps = peer.prepare(work, data), peer.steps(work)
        apart = require_agreement(name, ready.run, reference)
        facts = {"dtype": ready.dtype, "samples": peer.samples, "losses_apart": apart}
        ways[name] = Timed(partial(ready.run, steps), steps, facts | {"versions": _versions(peer.needs)})
        print(f"{work.name}: {name} agrees to {apart:.1e}, in {ready.dtype}")
    return ways


def timed_products(work: Work) -> dict[str, Timed]:
    """The matrix products of a step alone, as each installed library makes them; the ratio is the share reached."""
    facts = {"dtype": "float32", "samples": f"{products.operations(work):.3g} operations a step"}

    def timed(needs: str) -> Timed:
        once = products.IN[needs](work)
        return Timed(lambda: [once() for _ in range(REPEATED)], REPEATED, facts | {"versions": _versions(needs)})

    return {f"matrix products alone, {needs}": timed(needs) for needs in products.IN if find_spec(needs)}


def in_turns(ways: dict[str, Timed], rounds: int) -> pd.DataFrame:
    """Seconds an outer step of every way in every round, in a random order each time, after one run of each."""
    for way in ways.values():
        way.run()
    order = np.random.default_rng(0)
    return pd.DataFrame(
        [
            {"round": turn, "peer": name, "load": os.getloadavg()[0], **_seconds_a_step(ways[name])}
            for turn in range(rounds)
            for name in order.permutation(list(ways))
        ]
    )


def _seconds_a_step(way: Timed) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    way.run()
    return {
        "wall": (time.perf_counter() - wall) / way.steps,
        "cpu": (time.process_time() - cpu) / way.steps,
    }


def _versions(needs: str) -> str:
    names = {"torch": ("torch",), "mamllib": ("mamllib", "jax", "jaxlib")}.get(needs, ("jax", "jaxlib"))
    return " ".join(f"{name} {version(name)}" for name in names)
