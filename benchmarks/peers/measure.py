"""Peers in turns, and the matrix products of a step beside them."""

from collections.abc import Iterable
from functools import partial

import pandas as pd

from benchmarks import turns
from benchmarks.peers import mamllib_train, products
from benchmarks.peers.agree import STEPS, Reference, require_agreement
from benchmarks.peers.peer import OURS, PEERS, runs_here
from benchmarks.peers.work import Work, batches
from benchmarks.turns import Timed, versions

REPEATED = 20
PACKAGES = {"torch": ("torch",), "mamllib": ("mamllib", "jax", "jaxlib"), "jax": ("jax", "jaxlib")}


def table(work: Work, rounds: int) -> pd.DataFrame:
    """A row a peer that is installed, and one a way to make the matrix products alone; every peer has agreed before.

    Raises:
        Disagreement: the losses of a peer are not those of the reference.
    """
    rows = turns.table({**timed_peers(work), **timed_products(work)}, rounds, OURS)
    rows.insert(0, "work", work.name)
    return rows


def timed_peers(work: Work, names: Iterable[str] = PEERS) -> dict[str, Timed]:
    """Every installed peer among these, after the comparison."""
    data = batches(work, mamllib_train.order(work, max(work.steps, STEPS + 1)))
    reference, ways = Reference(work, data), {}
    for name, peer in ((name, PEERS[name]) for name in names):
        if not peer.is_installed:
            print(f"{work.name}: {name} is left out, for {peer.needs} is not installed (pip install --group peers)")
            continue
        ready, steps = peer.prepare(work, data), peer.steps(work)
        apart = require_agreement(name, ready.run, reference)
        facts = {"dtype": ready.dtype, "samples": peer.samples, "losses_apart": apart}
        ways[name] = Timed(partial(ready.run, steps), steps, facts | {"versions": versions(*PACKAGES[peer.needs])})
        print(f"{work.name}: {name} agrees to {apart:.1e}, in {ready.dtype}")
    return ways


def timed_products(work: Work) -> dict[str, Timed]:
    """The matrix products of a step alone, in every way to make them; the least ratio is the share that is reached."""
    facts = {"dtype": "float32", "samples": f"{products.operations(work):.3g} operations a step"}

    def timed(name: str) -> Timed:
        way = products.WAYS[name]
        run = way.prepare(work)
        return Timed(partial(run, REPEATED), REPEATED, facts | {"versions": versions(*PACKAGES[way.needs])})

    return {f"products alone, {name}": timed(name) for name, way in products.WAYS.items() if runs_here(way.needs)}
