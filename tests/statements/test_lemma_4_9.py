"""Lemma 4.9: the constant 1.855 in exact arithmetic, and the law of β̃ by enumeration against sampling."""

from dataclasses import replace
from fractions import Fraction as Q
from math import comb

import jax.numpy as jnp
import pytest

import mamllib as ml
from mamllib.statements.fallah2020 import lemma_4_9


def product(p, q):
    result = [Q(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            result[i + j] += a * b
    return result


def difference(p, q):
    return [a - b for a, b in zip(p, q + [Q(0)] * (len(p) - len(q)), strict=True)]


def polynomial(c):
    """c·16(9 + μ²)(μ² + 4μ + 9)² − (4 + μ)²[9(μ² + 4μ + 9)² + 16μ⁴], coefficients from degree 0 up.

    It is ≥ 0 exactly where (4 + μ)²[v/(16(v + μ²)) + μ⁴/((v + μ²)(μ² + 4μ + v)²)] ≤ c at v = 9.
    """
    square = product([9, 4, 1], [9, 4, 1])
    bracket = [9 * a for a in square]
    bracket[4] += 16
    left = [16 * c * a for a in product([9, 0, 1], square)]
    return difference(left, product(product([4, 1], [4, 1]), bracket))


def is_positive(p, low, high, depth=0):
    """Whether p > 0 on [low, high]: its Taylor expansion about the middle, bisected where that does not settle it."""
    middle, radius = (low + high) / 2, (high - low) / 2
    taylor = [sum(a * comb(n, k) * middle ** (n - k) for n, a in enumerate(p) if n >= k) for k in range(len(p))]
    if taylor[0] > sum(abs(t) * radius**k for k, t in enumerate(taylor) if k):
        return True
    if taylor[0] <= 0 or depth == 30:
        return False
    return is_positive(p, low, middle, depth + 1) and is_positive(p, middle, high, depth + 1)


def is_positive_beyond(p, start):
    """Whether p > 0 on [start, ∞): every coefficient of p(start + x) is ≥ 0 and the constant one > 0."""
    shifted = [sum(a * comb(n, k) * start ** (n - k) for n, a in enumerate(p) if n >= k) for k in range(len(p))]
    return shifted[0] > 0 and min(shifted) >= 0


def test_the_second_moment_constant_holds_for_every_mean():
    p = polynomial(lemma_4_9.SECOND_MOMENT_CONSTANT)
    assert is_positive(p, Q(0), Q(64))
    assert is_positive_beyond(p, Q(64))


def test_the_same_check_rejects_a_constant_slightly_lower():
    assert not is_positive(polynomial(Q(18549, 10000)), Q(0), Q(64))


def test_no_constant_below_the_attained_one_is_true():
    step = lemma_4_9.attained_second_moment()
    assert lemma_4_9.second_moment(step) > Q(17745, 10000)
    assert min(lemma_4_9.hypotheses(step).values()) >= 0


@pytest.mark.parametrize("power", [1, 2])
def test_sampling_agrees_with_enumeration(power):
    enumerated = lemma_4_9.rippled(0)
    sampled = replace(enumerated, samples=20_000)
    quantity = sampled.moment(power).quantity(1e-6)
    assert quantity.lower <= float(enumerated.moment(power)) <= quantity.upper


def test_a_law_with_too_many_outcomes_is_refused_at_once():
    rows = {"x": jnp.ones((20, 2)), "y": jnp.arange(20.0)}
    task = ml.Empirical(rows, ml.Constants(2.0, 0.0, 9.0, 9.0), lambda w, row: (row["x"] @ w - row["y"]) ** 2 / 2)
    family = ml.TaskFamily.of([task], sigma=0.0)
    with pytest.raises(ValueError, match="B = 2 tasks and D_beta = 5 samples has more than the 200,000 outcomes"):
        ml.Step.of(family, 0.2, jnp.zeros(2), B=2, D_beta=5)
