"""The matrix products of a step and nothing else: what share of their speed a whole step reaches.

A layer x ↦ xW + b on n rows has three of one size: xW, and of the derivative D of its outputs xᵀD and DWᵀ. The
first layer needs no DWᵀ. A Hessian-vector product along V has xV, ẋW, ẋᵀD, xᵀḊ, ḊWᵀ and DVᵀ, where ẋ and Ḋ are the
derivatives of x and D along V; in the first layer ẋ = 0. In the first inner step all tasks have the same W, and a
product with it may be one for all rows of all tasks. They are made in several ways, of which the fastest counts: each
as often in a row as a step makes it, on the same operands, which stay in cache, and none of them has to be transposed.
"""

import itertools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers.work import SEED, Work
from benchmarks.side_by_side import threads


class Product(NamedTuple):
    """``count`` products (rows × inner)(inner × columns) of every task, with one right factor for all if ``shared``."""

    rows: int
    inner: int
    columns: int
    count: int
    shared: bool = False


class Way(NamedTuple):
    """``prepare(work)`` gives ``run(times)``, which makes all products so often; it needs the package ``needs``."""

    needs: str
    prepare: Callable[[Work], Callable[[int], object]]


def products(work: Work) -> list[Product]:
    """All of one outer step."""
    layers = list(enumerate(itertools.pairwise(work.widths)))
    first, later = (
        [part for layer in layers for part in _both_orders(work.rows_in, *layer, shared)] for shared in (True, False)
    )
    outer = [part for layer in layers for part in _first_order(work.rows_out, *layer)]
    repeated = [part._replace(count=part.count * (work.inner_steps - 1)) for part in later]
    return [part for part in (*first, *repeated, *outer) if part.count]


def operations(work: Work) -> int:
    """Floating-point operations of these products over all tasks."""
    return 2 * work.tasks * sum(part.count * part.rows * part.inner * part.columns for part in products(work))


def _first_order(rows: int, depth: int, ends: tuple[int, int]) -> list[Product]:
    n, m = ends
    return [Product(rows, n, m, 1), Product(n, rows, m, 1), Product(rows, m, n, int(depth > 0))]


def _both_orders(rows: int, depth: int, ends: tuple[int, int], shared: bool) -> list[Product]:
    """Of a gradient and of a Hessian-vector product at the same point: with W, with V, and neither."""
    (n, m), later = ends, int(depth > 0)
    with_W = [Product(rows, n, m, 1 + later, shared), Product(rows, m, n, 2 * later, shared)]
    return [*with_W, Product(rows, n, m, 1), Product(rows, m, n, later), Product(n, rows, m, 2 + later)]


def in_jax(product: Callable, work: Work, sharing: bool = True) -> Callable[[int], object]:
    """Compiled loops, whose rounds wait for one another: the operands of each pass a barrier with the last result."""
    pairs = jax.device_put(pairs_of(work, sharing))

    def once(pair, _, last):
        *given, last = jax.lax.optimization_barrier((*pair, last))
        return last + jnp.ravel(jax.lax.optimization_barrier(product(*given)))[0]

    @jax.jit
    def run(pairs, counts):
        last = jnp.float32(0)
        for pair, count in zip(pairs, counts, strict=True):
            last = jax.lax.fori_loop(0, count, partial(once, pair), last)
        return last

    return lambda times: run(pairs, times * counts_of(work)).block_until_ready()


def swapped(left, right):
    """The transpose of the product, from the same operands."""
    tasks = tuple(range(left.ndim - 2))
    return jax.lax.dot_general(right, left, (((left.ndim - 2,), (left.ndim - 1,)), (tasks, tasks)))


def in_torch(work: Work) -> Callable[[int], object]:
    """``torch.matmul`` into memory of its own."""
    import torch

    torch.set_num_threads(threads())
    pairs = [tuple(map(torch.tensor, pair)) for pair in pairs_of(work)]
    made = [torch.matmul(*pair) for pair in pairs]

    def run(times: int) -> None:
        for pair, out, count in zip(pairs, made, times * counts_of(work), strict=True):
            for _ in range(count):
                torch.matmul(*pair, out=out)

    return run


def counts_of(work: Work) -> np.ndarray:
    """How often a step makes each product."""
    return np.array([part.count for part in products(work)])


def pairs_of(work: Work, sharing: bool = True) -> list:
    """Two normal factors a product, with a leading axis of tasks, or all rows in one where the right one is shared."""
    rng = np.random.default_rng(SEED)

    def pair(part: Product):
        tasks, right = (work.tasks,), (part.inner, part.columns)
        if part.shared and sharing:
            shapes = (work.tasks * part.rows, part.inner), right
        else:
            shapes = (*tasks, part.rows, part.inner), (*tasks, *right)
        return tuple(rng.normal(size=shape).astype(np.float32) for shape in shapes)

    return [pair(part) for part in products(work)]


WAYS = {
    "jax": Way("jax", partial(in_jax, jnp.matmul)),
    "jax, transposed": Way("jax", partial(in_jax, swapped)),
    "jax, task by task": Way("jax", partial(in_jax, jnp.matmul, sharing=False)),
    "torch": Way("torch", in_torch),
}
