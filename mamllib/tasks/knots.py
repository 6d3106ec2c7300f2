"""What holds everywhere for a function in one dimension whose second derivative is linear between knots.

Every function here is evaluated at fractions, so a bound is a finite maximum, and a proof.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise

from mamllib import arithmetic
from mamllib.tasks.task import Constants, Task

ORIGIN = (Fraction(0),)
ONE = Fraction(1)
UNDEFINED = (ArithmeticError, ValueError, TypeError)  # ∞, NaN, an array, a division by zero, an irrational root


def curvature_bounds(second: Callable, knots: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """(max |f''|, the largest slope of f''): the first is met at a knot, the second between two."""
    knots = sorted(set(knots)) or ORIGIN
    values = [second(x) for x in knots]
    slopes = [abs(b - a) / (y - x) for (x, a), (y, b) in pairwise(zip(knots, values, strict=True))]
    return max(map(abs, values)), max(slopes, default=Fraction(0))


def largest_slope(first: Callable, second: Callable, knots: Sequence[Fraction]) -> Fraction | float:
    """sup |f'|: met at a knot, or where f'' crosses zero between two; ∞ where f'' does not vanish far out."""
    knots = sorted(set(knots)) or ORIGIN
    values = [second(x) for x in knots]
    if values[0] or values[-1]:
        return float("inf")
    sides = pairwise(zip(knots, values, strict=True))
    crossings = [x + (y - x) * a / (a - b) for (x, a), (y, b) in sides if a * b < 0]
    return max(abs(first(x)) for x in (*knots, *crossings))


def certify(task: Task, knots: Callable = lambda exact: exact.knots()) -> Constants | None:
    """The L and ρ of a noiseless task, evaluated in fractions at its knots; ``None`` where its numbers allow none."""
    try:
        exact = arithmetic.to_fractions(task)
        L, rho = curvature_bounds(lambda x: exact.hessian_vector_product(x, ONE), knots(exact))
    except UNDEFINED:
        return None
    return Constants(*like(task, (L, rho, 0 * L, 0 * L)))


def certify_noise(noise) -> tuple | None:
    """(σ̃, σ_H) of h(w, θ) = θ h(w, 1) from the knots of h: √Eθ² times sup |h'| and max |h''|."""
    try:
        exact = arithmetic.to_fractions(noise)
        theta = exact.support()
        spread = arithmetic.sqrt(sum(t * t for t in theta) / len(theta))
        first, second = (partial(value, exact) for value in (_noise_slope, _noise_curvature))
        deviations = largest_slope(first, second, exact.knots()), curvature_bounds(second, exact.knots())[0]
    except UNDEFINED:
        return None
    return like(noise, tuple(spread * deviation for deviation in deviations))


def _noise_slope(noise, x):
    return noise.gradient(x, ONE)


def _noise_curvature(noise, x):
    return noise.hessian_vector_product(x, ONE, ONE)


def like(made_of, values: tuple) -> tuple:
    """Fractions as they are where ``made_of`` holds fractions, as floats where it holds floats."""
    return values if arithmetic.is_exact(made_of) else tuple(map(float, values))


class PiecewisePolynomial(Task):
    """A loss in one dimension whose f'' is linear between its ``knots`` and constant beyond the outermost."""

    def certificate(self) -> Constants | None:
        """L and ρ, computed from the knots."""
        return certify(self)
