"""All draws of D samples from m atoms: against every way to draw them in order."""

import itertools
import math
from collections import Counter
from fractions import Fraction as Q

import numpy as np
import pytest

from mamllib import counting

SMALL = [(1, 1), (1, 4), (2, 3), (3, 2), (3, 3), (4, 2), (5, 1), (2, 6)]
small = pytest.mark.parametrize(("atoms", "size"), SMALL)


def orders(atoms, size):
    """How many of the mᴰ ordered draws have these counts."""
    drawn = itertools.product(range(atoms), repeat=size)
    return Counter(tuple(order.count(atom) for atom in range(atoms)) for order in drawn)


def full(atoms, numbers, counts):
    """Counts on all atoms, of those that occur."""
    return tuple(np.bincount(numbers, weights=counts, minlength=atoms).astype(int).tolist())


@small
def test_every_draw_is_listed_once(atoms, size):
    listed = counting.all_draws(atoms, size)
    numbers = np.broadcast_to(np.arange(atoms), listed.counts.shape) if listed.atoms is None else listed.atoms
    found = {full(atoms, *row): log for *row, log in zip(numbers, listed.counts, listed.log_ways, strict=True)}
    assert len(listed.counts) == len(found) == counting.number_of_draws(atoms, size)
    assert listed.counts.shape[1] == counting.entries(atoms, size)
    expected = orders(atoms, size)
    assert set(found) == set(expected)
    for counts, log in found.items():
        assert math.exp(log) == pytest.approx(expected[counts], rel=1e-13)


@small
def test_exact_draws_are_the_same(atoms, size):
    found = {full(atoms, *draw): counting.ways(draw[1]) for draw in counting.counted_draws(atoms, size)}
    assert found == dict(orders(atoms, size))
    assert all(count for _, counts in counting.counted_draws(atoms, size) for count in counts)


@small
def test_the_chances_of_unequal_atoms_are_multinomial(atoms, size):
    p = [Q(k + 1, atoms * (atoms + 1) // 2) for k in range(atoms)]

    def one_order(counts):
        return math.prod(x**c for x, c in zip(p, counts, strict=True))

    expected = {counts: n * one_order(counts) for counts, n in orders(atoms, size).items()}
    assert dict(counting.draws(p, size)) == expected


def test_many_atoms_and_many_draws_need_no_recursion():
    assert len(counting.all_draws(5_000, 1).counts) == 5_000
    assert sum(1 for _ in counting.draws([Q(1, 1200)] * 1200, 1)) == 1200
    counts = counting.all_draws(2, 30_000)
    np.testing.assert_allclose(np.exp(counts.log_ways - 30_000 * np.log(np.longdouble(2))).sum(), 1, rtol=1e-9)


def test_the_number_of_draws_is_not_computed_where_it_is_hopeless():
    assert counting.number_of_draws(10**9, 10**9) == math.inf
    assert counting.number_of_draws(10**9, 2) == 10**9 * (10**9 + 1) // 2
