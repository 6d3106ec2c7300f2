"""The matrix products of a step and nothing else: what share of their speed a whole step reaches.

A layer x ↦ xW + b on n rows has three of one size: xW, and of the derivative D of its outputs xᵀD and DWᵀ. The
first layer needs no DWᵀ. A Hessian-vector product along V has xV, ẋW, ẋᵀD, xᵀḊ, ḊWᵀ and DVᵀ, where ẋ and Ḋ are the
derivatives of x and D along V; in the first layer ẋ = 0. All are made as one product over the tasks.
"""

import itertools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.work import SEED, Work


class Product(NamedTuple):
    """``count`` products (rows × inner)(inner × columns) of every task."""

    rows: int
    inner: int
    columns: int
    count: int


def products(work: Work) -> list[Product]:
    """All of one outer step."""
    layers = list(enumerate(itertools.pairwise(work.widths)))
    adapting = [part for layer in layers for part in _both_orders(work.rows_in, *layer)]
    outer = [part for layer in layers for part in _first_order(work.rows_out, *layer)]
    return [part._replace(count=part.count * work.inner_steps) for part in adapting] + outer


def operations(work: Work) -> int:
    """Floating-point operations of these products over all tasks."""
    return 2 * work.tasks * sum(part.count * part.rows * part.inner * part.columns for part in products(work))


def _first_order(rows: int, depth: int, ends: tuple[int, int]) -> list[Product]:
    n, m = ends
    return [Product(rows, n, m, 1), Product(n, rows, m, 1), Product(rows, m, n, int(depth > 0))]


def _both_orders(rows: int, depth: int, ends: tuple[int, int]) -> list[Product]:
    """Of a gradient and of a Hessian-vector product at the same point."""
    n, m = ends
    later = int(depth > 0)
    return [Product(rows, n, m, 2 + later), Product(n, rows, m, 2 + later), Product(rows, m, n, 3 * later)]


def in_jax(work: Work):
    """``run()`` makes them all once, in one compiled call."""
    operands = jax.device_put(_operands(work))

    def run() -> None:
        jax.block_until_ready(_all(operands))

    return run


def in_torch(work: Work):
    """The same by ``torch.bmm``."""
    import torch

    torch.set_num_threads(1)
    operands = [(torch.tensor(left), torch.tensor(right)) for left, right in _operands(work)]

    def run() -> None:
        for left, right in operands:
            torch.bmm(left, right)

    return run


@jax.jit
def _all(operands):
    return [jnp.matmul(left, right) for left, right in operands]


def _operands(work: Work) -> list:
    rng = np.random.default_rng(SEED)

    def normal(*shape):
        return rng.normal(size=(work.tasks, *shape)).astype(np.float32)

    return [
        (normal(part.rows, part.inner), normal(part.inner, part.columns))
        for part in products(work)
        for _ in range(part.count)
    ]


IN = {"jax": in_jax, "torch": in_torch}
