"""Instance A near w = 0: five facts that keep HF-MAML within |w| ≤ 1/50, as exact bounds of polynomials.

On |w| ≤ 1/50 the probes of task 1 end at w ± 1 (g₁ > 0, δg₁ = 1), where G is quadratic on one side and linear on the
other. With s = sgn w and t = |w⁺| = ½ − w + sw²/12:

    g₁ = 3 − t²/2,   h₁ = g₁(11/12 − w²/24),   h₂ = (25/36)(w − 759/200),   m = (h₁ + h₂)/2
    F' = ½[g₁(1 − s w/6) + h₂]

h₁ and h₂ are the directions of the two tasks, so that E G = m.
"""

from fractions import Fraction as Q

from mamllib.statements.fallah2020.theorem_4_17.polynomial import add, bounds, multiply

HALF_WIDTH = Q(1, 50)
SHARE_ERROR = Q(1, 530)
SLOPES = Q(56, 100), Q(59, 100)
SPREAD = Q(53, 10)
FLOOR = Q(1, 10)
LARGEST_STEP = Q(1, 100)
SECOND = [Q(25, 36) * Q(-759, 200), Q(25, 36)]


def first_gradient(side: int):
    """g₁ on the given ``side`` of 0, as a polynomial in w."""
    t = [Q(1, 2), Q(-1), Q(side, 12)]
    return add([Q(3)], multiply(t, t), -Q(1, 2))


def first_direction(side: int):
    """h₁."""
    return multiply(first_gradient(side), [Q(11, 12), Q(0), -Q(1, 24)])


def mean_direction(side: int):
    """m."""
    return multiply([Q(1, 2)], add(first_direction(side), SECOND))


def meta_gradient(side: int):
    """F'."""
    return multiply([Q(1, 2)], add(multiply(first_gradient(side), [Q(1), -Q(side, 6)]), SECOND))


def facts() -> dict:
    """Each fact as a margin, ≥ 0 where it holds.

    With them |w| ≤ 1/50 and |p̂ − ½| ≤ 1/530 give |w − β(m + (p̂ − ½)(h₁ − h₂))| ≤ |w|(1 − 0.56β) + 0.01β ≤ 1/50.
    """
    quotients = _over_sides(lambda side: mean_direction(side)[1:])
    spreads = _over_sides(lambda side: add(first_direction(side), SECOND, -1))
    floors = _over_sides(meta_gradient)
    return {
        "m(0) = 0": 0 if mean_direction(1)[0] == mean_direction(-1)[0] == 0 else -1,
        "0.56 ≤ m(w)/w": min(quotients) / SLOPES[0] - 1,
        "m(w)/w ≤ 0.59": 1 - max(quotients) / SLOPES[1],
        "|h₁ − h₂| ≤ 5.3": 1 - max(map(abs, spreads)) / SPREAD,
        "F' ≥ 1/10": min(floors) / FLOOR - 1,
        "the trap holds": 1 - SPREAD * SHARE_ERROR / (SLOPES[0] * HALF_WIDTH),
        "no step overshoots": 1 - LARGEST_STEP * SLOPES[1],
    }


def _over_sides(polynomial):
    return [*bounds(polynomial(1), Q(0), HALF_WIDTH), *bounds(polynomial(-1), -HALF_WIDTH, Q(0))]
