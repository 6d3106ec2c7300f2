"""Expectations over the draw of a batch: by enumeration where the support is finite.

A batch of D samples matters only through how often each atom was drawn, so D draws from m atoms need
C(D + m − 1, m − 1) terms (D + 1 for a fair sign) and not m^D.
"""

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, tree, validation
from mamllib.arithmetic import Scalar
from mamllib.tasks.task import Batch, Task

MOST_TERMS = 200_000


class NotEnumerableError(ValueError):
    """The distribution of batches is not finite, or too large to enumerate; sample it instead."""


def is_enumerable(task: Task, *sizes: int) -> bool:
    """Whether all batches of the given sizes, drawn independently, can be listed."""
    return outcomes(task, *sizes) <= MOST_TERMS


def outcomes(task: Task, *sizes: int) -> int | float:
    """How many different batches of the given sizes there are, drawn independently; ∞ without a finite support."""
    support = task.support()
    return math.inf if support is None else _terms(atom_count(support), sizes)


def atom_count(support) -> int:
    """Number m of equally likely atoms."""
    return len(support) if isinstance(support, tuple) else jax.tree.leaves(support)[0].shape[0]


def expectation(task: Task, sizes: tuple[int, ...], function: Callable[..., Any]):
    """E function(𝒟₁, …, 𝒟_k) over independent batches of the given ``sizes``, by enumeration.

    Args:
        task: supplies the support of its samples.
        sizes: batch sizes D₁, …, D_k.
        function: takes k ``Batch``es (weights count/D on all atoms) and returns a pytree.

    Raises:
        ValueError: a size below 1. NotEnumerableError: no finite support, or more than 200,000 terms.
    """
    for size in sizes:
        validation.require_batch_size("batch size", size)
    support = task.support()
    if not is_enumerable(task, *sizes):
        raise NotEnumerableError(f"batches of sizes {sizes} from {type(task).__name__} cannot be listed; sample them")
    if arithmetic.is_exact(support):
        return _exact_expectation(support, sizes, function)
    return _float_expectation(support, sizes, function)


def _exact_expectation(support, sizes, function):
    listed = [_listed(atom_count(support), size) for size in sizes]
    terms = []
    for draw in itertools.product(*(zip(*rows, strict=True) for rows in listed)):
        batches = [Batch(support, weights) for weights, _ in draw]
        probability = math.prod((p for _, p in draw), start=Fraction(1))
        terms.append(tree.scale(probability, function(*batches)))
    return functools.reduce(tree.add, terms)


def _float_expectation(support, sizes, function):
    listed = [_listed(atom_count(support), size) for size in sizes]
    weights = [jnp.asarray(np.array(w, dtype=float)) for w, _ in listed]
    chances = [jnp.asarray(np.array(p, dtype=float)) for _, p in listed]
    grid = jnp.meshgrid(*(jnp.arange(len(p)) for p in chances), indexing="ij")
    index = [axis.ravel() for axis in grid]
    joint = math.prod(p[axis] for p, axis in zip(chances, index, strict=True))
    drawn = [w[axis] for w, axis in zip(weights, index, strict=True)]
    values = jax.vmap(lambda *rows: function(*(Batch(support, row) for row in rows)))(*drawn)
    return jax.tree.map(lambda leaf: jnp.tensordot(joint, leaf, axes=1), values)


def all_batches(task: Task, size: int) -> list[tuple[Batch, Scalar]]:
    """Every batch of ``size`` samples with its probability, for a task with finite support."""
    support = task.support()
    weights, chances = _listed(atom_count(support), size)
    if not arithmetic.is_exact(support):
        weights, chances = [jnp.array(row, dtype=float) for row in weights], map(float, chances)
    return [(Batch(support, row), chance) for row, chance in zip(weights, chances, strict=True)]


def draws(probabilities: Sequence, size: int):
    """How often each atom occurs in ``size`` independent draws: every count vector with its probability."""
    for counts in _compositions(size, len(probabilities)):
        yield counts, _multinomial(counts) * math.prod(p**c for p, c in zip(probabilities, counts, strict=True))


@functools.cache
def _listed(atoms: int, size: int):
    """Every count vector of ``size`` draws from equally likely atoms, as weights count/size, and its probability."""
    listed = list(draws((Fraction(1, atoms),) * atoms, size))
    return [tuple(Fraction(count, size) for count in counts) for counts, _ in listed], [chance for _, chance in listed]


def _compositions(total: int, parts: int):
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def _multinomial(counts) -> int:
    return math.factorial(sum(counts)) // math.prod(map(math.factorial, counts))


def _terms(atoms: int, sizes) -> int:
    return math.prod(math.comb(size + atoms - 1, atoms - 1) for size in sizes)
