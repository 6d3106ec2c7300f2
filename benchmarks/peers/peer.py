"""What a peer is: something that trains for so many outer steps, and says how it went."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from benchmarks.peers.work import Rows, Work

GIVEN = "given, in the order in which mamllib.train draws"


class Run(NamedTuple):
    """The weights after the last step, and the mean adapted loss before every step where the peer computes it."""

    weights: tuple
    losses: np.ndarray | None = None


class Prepared(NamedTuple):
    """``run(steps)`` trains from the start; ``dtype`` is what the weights are held in."""

    run: Callable[[int], Run]
    dtype: str


class Peer(NamedTuple):
    """``module`` has ``prepare(work, batches)``; it needs the package ``needs``; ``samples`` says who draws tasks.

    One that is slow is timed over ``fewer`` times fewer steps.
    """

    module: str
    needs: str
    samples: str = GIVEN
    fewer: int = 1

    @property
    def is_installed(self) -> bool:
        """Whether what it needs is there."""
        return runs_here(self.needs)

    def prepare(self, work: Work, batches: Rows) -> Prepared:
        """The peer with everything moved to where it wants it."""
        return import_module(f"benchmarks.peers.{self.module}").prepare(work, batches)

    def steps(self, work: Work) -> int:
        """How many steps a timed run has."""
        return max(5, work.steps // self.fewer)


def runs_here(package: str) -> bool:
    """Whether this package is installed, and runs where JAX does: the peers in PyTorch are written for CPUs."""
    import jax

    return find_spec(package) is not None and (package != "torch" or jax.default_backend() == "cpu")


OURS = "mamllib.train"
PEERS = {
    OURS: Peer("mamllib_train", "mamllib", "draws tasks inside"),
    "JAX scan": Peer("jax_scan", "jax"),
    "JAX loop": Peer("jax_loop", "jax"),
    "torch.func": Peer("torch_func", "torch"),
    "torch by hand": Peer("torch_by_hand", "torch"),
    "torch.compile": Peer("torch_compile", "torch"),
    "torch create_graph": Peer("torch_create_graph", "torch", fewer=20),
}
