"""Expectations over the draw of a batch: by enumeration where the support is finite.

A batch of D samples from m atoms is listed as weights on all m, or as the D that were drawn, whichever has fewer rows.
"""

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, counting, tree, validation
from mamllib.arithmetic import Scalar
from mamllib.chunks import chunk_size, equal_chunk, floats_made, map_in_chunks
from mamllib.counting import draws
from mamllib.tasks.task import Batch, Task

__all__ = ["all_batches", "draws", "expectation", "is_enumerable", "listed_values", "outcomes", "require_enumerable"]

# Samples in all listed batches together: a batch costs as many evaluations of a sample as it has rows.
MOST_ROWS = 2_000_000
# Outcomes of a law that are listed one by one.
MOST_TERMS = 200_000
# So many are evaluated side by side without asking what they hold.
FEW_ROWS = 4096


class NotEnumerableError(ValueError):
    """The distribution of batches is not finite, or too large to enumerate; sample it instead."""


def is_enumerable(task: Task, *sizes: int) -> bool:
    """Whether all batches of the given sizes, drawn independently, can be listed."""
    return _rows(task, sizes) <= MOST_ROWS


def outcomes(task: Task, *sizes: int) -> int | float:
    """How many different batches of the given sizes there are, drawn independently; ∞ without a finite support."""
    support = task.support()
    if support is None:
        return math.inf
    return math.prod(counting.number_of_draws(atom_count(support), size) for size in sizes)


def atom_count(support) -> int:
    """Number m of atoms."""
    return len(support) if isinstance(support, tuple) else jax.tree.leaves(support)[0].shape[0]


def require_enumerable(family, *sizes: int) -> None:
    """Raise ``NotEnumerableError`` unless all batches of the given sizes can be listed, for every task; nothing is run.

    ``family`` is a ``TaskFamily`` or one task.
    """
    for task in getattr(family, "kinds", (family,)):
        for size in sizes:
            validation.require_batch_size("batch size", size)
        if not is_enumerable(task, *sizes):
            raise NotEnumerableError(_why_not(task, sizes))


def expectation(task: Task, sizes: tuple[int, ...], function: Callable[..., Any]):
    """E function(𝒟₁, …, 𝒟_k) over independent batches of the given ``sizes``, by enumeration.

    Args:
        task: supplies the support of its samples, and their chances.
        sizes: batch sizes D₁, …, D_k.
        function: takes k ``Batch``es (of the samples that occur, or of all with weights count/D) and returns a pytree.

    Raises:
        ValueError: a size below 1. NotEnumerableError: no finite support, or over 2,000,000 samples in all batches.
    """
    require_enumerable(task, *sizes)
    support = task.support()
    if arithmetic.is_exact(support):
        terms = _exact_terms(task, support, sizes)
        return _sum(tree.scale(chance, function(*drawn)) for drawn, chance in terms)
    columns, chances = _joint_draws(task, support, sizes)
    return _weighted_sum(_of_rows(function, support), columns, chances)


def listed_values(task: Task, sizes: tuple[int, ...], function: Callable[..., Any]):
    """(values, chances): ``function(𝒟₁, …, 𝒟_k)`` of all batches of the given ``sizes``, and how likely each is.

    Stacked along a leading axis; in fractions, two tuples.

    Raises:
        ValueError, NotEnumerableError: as ``expectation``.
    """
    require_enumerable(task, *sizes)
    support = task.support()
    if arithmetic.is_exact(support):
        terms = [(function(*drawn), chance) for drawn, chance in _exact_terms(task, support, sizes)]
        return tuple(zip(*terms, strict=True))
    columns, chances = jax.tree.map(arithmetic.as_array, _joint_draws(task, support, sizes))
    few = len(chances) * _samples_of(columns) <= FEW_ROWS
    value = _of_rows(function, support)
    return (jax.vmap(value) if few else partial(map_in_chunks, value))(columns), chances


def stacked_batches(task: Task, size: int) -> tuple[Batch, Any]:
    """Every batch of ``size`` samples along a leading axis, and the probability of each; floats alone."""
    support = task.support()
    (rows,), chances = _joint_draws(task, support, (size,))
    return jax.vmap(_batch_from(support))(rows), chances


def all_batches(task: Task, size: int) -> list[tuple[Batch, Scalar]]:
    """Every batch of ``size`` samples with its probability, for a task with finite support."""
    support = task.support()
    if arithmetic.is_exact(support):
        return [(batch, chance) for (batch,), chance in _exact_terms(task, support, (size,))]
    batches, chances = jax.tree.map(np.asarray, stacked_batches(task, size))
    return [
        (jax.tree.map(lambda leaf, term=term: arithmetic.as_array(leaf[term]), batches), float(chance))
        for term, chance in enumerate(chances)
    ]


def _exact_terms(task, support, sizes):
    chances = task.chances() or (Fraction(1, len(support)),) * len(support)

    def batches(size):
        for atoms, counts in counting.counted_draws(len(support), size):
            chance = counting.ways(counts) * math.prod(chances[k] ** c for k, c in zip(atoms, counts, strict=True))
            yield Batch(tuple(support[k] for k in atoms), tuple(Fraction(c, size) for c in counts)), chance

    for drawn in itertools.product(*(list(batches(size)) for size in sizes)):
        yield [batch for batch, _ in drawn], math.prod((chance for _, chance in drawn), start=Fraction(1))


def _sum(terms):
    total = next(terms)
    for term in terms:
        total = tree.add(total, term)
    return total


def _joint_draws(task, support, sizes):
    """For every size (atoms, weights) of all joint draws along a leading axis, and their chances."""
    count = atom_count(support)
    listed = [counting.all_draws(count, size) for size in sizes]
    index = np.indices([len(draw.counts) for draw in listed]).reshape(len(listed), -1)
    log_chance = [_log_chance(task, draw, count) for draw in listed]
    columns = [
        (None if draw.atoms is None else draw.atoms[terms], (draw.counts / size)[terms])
        for draw, size, terms in zip(listed, sizes, index, strict=True)
    ]
    joint = sum(logs[terms] for logs, terms in zip(log_chance, index, strict=True))
    return columns, np.exp(joint).astype(float) if isinstance(joint, np.ndarray) else jnp.exp(joint)


def _log_chance(task, draw, atoms: int):
    """log of the probability of each draw."""
    chances = task.chances()
    if chances is None:
        return draw.log_ways - draw.counts.sum(axis=1) * np.log(np.longdouble(atoms))
    chances = arithmetic.as_array(chances)
    log_each = jnp.log(chances) if draw.atoms is None else jnp.log(chances)[draw.atoms]
    return draw.log_ways.astype(float) + jnp.where(draw.counts > 0, draw.counts * log_each, 0).sum(axis=1)


def _of_rows(function, support):
    """``function`` of batches as a function of (atoms, weights) for each."""
    return lambda rows: function(*map(_batch_from(support), rows))


def _samples_of(columns) -> int:
    """How many samples one term holds in all its batches."""
    return sum(weights.shape[1] for _, weights in columns)


def _batch_from(support):
    def batch(row):
        atoms, weights = row
        return Batch(support if atoms is None else jax.tree.map(lambda leaf: leaf[atoms], support), weights)

    return batch


def _weighted_sum(value: Callable, columns, chances):
    """Σ_terms chance · value(column), a chunk at a time where all side by side would not fit."""
    terms = len(chances)
    columns, chances = jax.tree.map(arithmetic.as_array, (columns, chances))
    if terms * _samples_of(columns) <= FEW_ROWS:
        return _chunk_sum(value, columns, chances)
    chunk = equal_chunk(terms, chunk_size(terms, floats_made(value, jax.tree.map(lambda leaf: leaf[0], columns))))
    filled = -(-terms // chunk) * chunk - terms  # with the last batch, at chance 0

    def in_chunks(leaf, last):
        padding = jnp.broadcast_to(last, (filled, *leaf.shape[1:])).astype(leaf.dtype)
        return jnp.concatenate([leaf, padding]).reshape(-1, chunk, *leaf.shape[1:])

    def add(total, part):
        return tree.add(total, _chunk_sum(value, *part)), None

    parts = jax.tree.map(lambda leaf: in_chunks(leaf, leaf[-1:]), columns), in_chunks(chances, 0.0)
    shapes = jax.eval_shape(partial(_chunk_sum, value), *jax.tree.map(lambda leaf: leaf[0], parts))
    start = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
    return jax.lax.scan(add, start, parts)[0]


def _chunk_sum(value, columns, chances):
    return jax.tree.map(lambda leaf: jnp.tensordot(chances, leaf, axes=1), jax.vmap(value)(columns))


def _rows(task, sizes) -> int | float:
    support = task.support()
    if support is None:
        return math.inf
    return outcomes(task, *sizes) * sum(counting.entries(atom_count(support), size) for size in sizes)


def _why_not(task, sizes) -> str:
    kind, asked = type(task).__name__, f"batches of D = {', '.join(map(str, sizes))} samples"
    remedy = "give samples=, for example samples=40_000"
    support = task.support()
    if support is None:
        return f"{asked} of {kind} cannot be listed, for its samples are not finitely many: {remedy}"
    there_are = f"{_large(outcomes(task, *sizes))} of them, with {_large(_rows(task, sizes))} samples"
    return f"{asked} of {kind} cannot be listed: there are {there_are}, and {MOST_ROWS:,} are the most: {remedy}"


def _large(number: int | float) -> str:
    """In full up to a billion, then as a power of ten."""
    if number == math.inf:
        return "more than 10^19"
    return f"{number:,}" if number < 10**9 else f"10^{math.log10(number):.0f}"
