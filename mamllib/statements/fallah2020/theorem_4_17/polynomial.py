"""Polynomials with rational coefficients (lowest first), and exact bounds of their range on an interval."""

from fractions import Fraction as Q
from math import comb


def add(p, q, sign=1):
    """p + sign·q."""
    length = max(len(p), len(q))
    pad = [[*c, *[Q(0)] * (length - len(c))] for c in (p, q)]
    return [a + sign * b for a, b in zip(*pad, strict=True)]


def multiply(p, q):
    """pq."""
    product = [Q(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            product[i + j] += a * b
    return product


def evaluate(p, x):
    """p(x), by Horner's rule."""
    value = Q(0)
    for coefficient in reversed(p):
        value = value * x + coefficient
    return value


def bounds(p, low, high):
    """(least, largest) Bernstein coefficient of p on [low, high]: p stays between them, and it is exact at the ends."""
    n = len(p) - 1
    shifted = [sum(comb(k, j) * p[k] * low ** (k - j) for k in range(j, n + 1)) for j in range(n + 1)]
    scaled = [c * (high - low) ** j for j, c in enumerate(shifted)]
    bernstein = [sum(Q(comb(j, i), comb(n, i)) * scaled[i] for i in range(j + 1)) for j in range(n + 1)]
    return min(bernstein), max(bernstein)
