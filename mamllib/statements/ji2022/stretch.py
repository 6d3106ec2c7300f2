"""What N inner steps do to distances: the numbers that every statement of this paper is written with.

x = 1 + αL is the most that one step can stretch. Sums stand for quotients, so that L = 0 needs no case of its own:
(x^m − 1)/(αL) = Σ_{j<m} x^j.
"""

from mamllib.statements.kit import is_exact


def stretch(asked):
    """x = 1 + αL."""
    return 1 + asked.alpha * asked.constants.L


def powers(asked, count: int):
    """Σ_{j<count} x^j = (x^count − 1)/(αL); in fractions by the quotient, which is faster."""
    x = stretch(asked)
    if is_exact(x) and x != 1:
        return (x**count - 1) / (x - 1)
    return sum((x**j for j in range(count)), 0 * asked.alpha)


def departure(asked, factors: int):
    """x^factors − 1: how far a product of so many factors I − αH, ‖H‖ ≤ L, is from I."""
    return asked.alpha * asked.constants.L * powers(asked, factors)


def remainder(asked):
    """2 − x^{2N}, what is left of ∇l after 2N factors have taken their share."""
    return 1 - departure(asked, 2 * asked.steps)
