"""All ways to draw D samples from m atoms, where only how often each was drawn matters.

There are C(D + m − 1, D) of them, and not m^D. Each is listed as counts on all m atoms, or as the D atoms drawn,
whichever has fewer entries.
"""

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np


class Draws(NamedTuple):
    """``counts`` (terms, k) of the atoms numbered ``atoms`` (terms, k), or of all m atoms where ``atoms`` is None.

    ``log_ways`` (terms,) is log D!/∏_k counts_k!, in the longest float there is.
    """

    atoms: np.ndarray | None
    counts: np.ndarray
    log_ways: np.ndarray


def number_of_draws(atoms: int, size: int) -> int | float:
    """C(D + m − 1, D); ∞ where that is known to be above 2⁶⁴ without its being computed."""
    return math.inf if min(size, atoms - 1) > 64 else math.comb(size + atoms - 1, size)


def entries(atoms: int, size: int) -> int:
    """How many samples a listed draw holds: min(m, D)."""
    return min(atoms, size)


@functools.lru_cache(maxsize=64)
def all_draws(atoms: int, size: int) -> Draws:
    """Every draw of ``size`` from ``atoms``."""
    if size < atoms:
        return _by_atom(atoms, size)
    counts = np.array(list(compositions(size, atoms)), dtype=np.int32).reshape(-1, atoms)
    logs = _log_factorials(size)
    return Draws(None, counts, logs[size] - logs[counts].sum(axis=1))


def counted_draws(atoms: int, size: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """(numbers of the atoms that occur, how often each) of every draw of ``size`` from ``atoms``."""
    if size < atoms:
        for drawn in itertools.combinations_with_replacement(range(atoms), size):
            yield tuple(zip(*((atom, len(list(times))) for atom, times in itertools.groupby(drawn)), strict=True))
    else:
        for counts in compositions(size, atoms):
            yield tuple(zip(*((atom, count) for atom, count in enumerate(counts) if count), strict=True))


def draws(probabilities: Sequence, size: int) -> Iterator[tuple[tuple[int, ...], Any]]:
    """How often each atom occurs in ``size`` independent draws: every count vector with its probability."""
    for counts in compositions(size, len(probabilities)):
        yield counts, ways(counts) * math.prod(p**c for p, c in zip(probabilities, counts, strict=True))


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to write ``total`` as a sum of ``parts`` counts, the first count rising slowest."""
    last = total + parts - 1
    for bars in itertools.combinations(range(last), parts - 1):
        yield tuple(b - a - 1 for a, b in itertools.pairwise((-1, *bars, last)))


def ways(counts: Sequence[int]) -> int:
    """D!/∏ counts!, the number of orders in which these counts are drawn."""
    return math.factorial(sum(counts)) // math.prod(math.factorial(count) for count in counts if count > 1)


def _by_atom(atoms: int, size: int) -> Draws:
    listed = itertools.chain.from_iterable(itertools.combinations_with_replacement(range(atoms), size))
    drawn = np.fromiter(listed, dtype=np.int32).reshape(-1, size)
    repeats = np.ones(drawn.shape, dtype=np.int32)  # how often this atom has been drawn so far: atoms are in order
    for place in range(1, size):
        again = drawn[:, place] == drawn[:, place - 1]
        repeats[:, place] = np.where(again, repeats[:, place - 1] + 1, 1)
    log_ways = _log_factorials(size)[size] - np.log(repeats.astype(np.longdouble)).sum(axis=1)
    return Draws(drawn, np.ones(drawn.shape, dtype=np.int32), log_ways)


def _log_factorials(most: int) -> np.ndarray:
    """log 0!, …, log ``most``!"""
    return np.concatenate([[np.longdouble(0)], np.cumsum(np.log(np.arange(1, most + 1, dtype=np.longdouble)))])
