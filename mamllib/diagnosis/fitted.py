"""A right estimator with another inner step size than α: found by least squares on one draw, to be tried on the others.

A step size that went astray makes any multiple of α: in the step, in its factor, or in both.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from scipy.optimize import least_squares

from mamllib.diagnosis.candidates import Candidate
from mamllib.diagnosis.comparison import Vector, length, ratio, rounding
from mamllib.diagnosis.recipe import Rate, Recipe
from mamllib.diagnosis.slips import Slip
from mamllib.formatting import number

ADVICE = "the inner step size is not the α that was given: the β of the outer step, or a factor that was forgotten?"
STARTS = (1.0, 0.1, 0.3, 3.0, 10.0, -1.0)
MOST_PROMISING = 2
CLOSE = rounding(np.float32)
TIGHT = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 30}


def fitted(candidates: Iterable[Candidate], theirs: Vector, ours: Callable[[Recipe], Vector]) -> list[Candidate]:
    """Those with the multiples of α that make their direction a multiple of ``theirs``; of the others none.

    The two that come nearest with some multiple of a few are followed.
    """
    coarse = [(_off(theirs, ours(_at(each.recipe, start))), start, each) for each in candidates for start in STARTS]
    nearest: dict[Candidate, float] = {}
    for _, start, candidate in sorted(coarse, key=lambda tried: tried[0]):
        nearest.setdefault(candidate, start)
    found = [_fit(*pair, theirs, ours) for pair in list(nearest.items())[:MOST_PROMISING]]
    return [candidate for candidate in found if candidate]


def _fit(candidate: Candidate, start: float, theirs: Vector, ours) -> Candidate | None:
    """By the multiple of α in the step, that in the factor where there is one, and the length."""
    rates = [start] * (2 if candidate.recipe.factors else 1)
    first, scale = ours(_at(candidate.recipe, start)), length(theirs)
    if len(theirs) <= len(rates) or not 0 < length(first) < np.inf:
        return None

    def residual(x) -> Vector:
        off = (theirs - x[0] * ours(_at(candidate.recipe, *x[1:]))) / scale
        return np.where(np.isfinite(off), off, 1.0)

    along = theirs @ first / (first @ first)
    found = least_squares(residual, [along, *rates], method="lm", **TIGHT)
    return _named(candidate, *map(float, found.x[1:])) if length(found.fun) <= CLOSE else None


def _off(theirs: Vector, ours: Vector) -> float:
    """The sine of the angle between both."""
    square = ours @ ours
    return ratio(theirs - theirs @ ours / square * ours, theirs) if 0 < square < np.inf else np.inf


def _at(recipe: Recipe, step: float, factor: float | None = None) -> Recipe:
    times = step, step if factor is None else factor
    return recipe.but(step_rate=Rate(float(times[0]), 0.0), factor_rate=Rate(float(times[1]), 0.0))


def _named(candidate: Candidate, step: float, factor: float | None = None) -> Candidate:
    recipe = _at(candidate.recipe, step, factor)
    return replace(candidate, recipe=recipe, slips=(Slip(_name(step, factor), ADVICE, lambda _: recipe),))


def _name(step: float, factor: float | None) -> str:
    if factor is None or abs(step - factor) <= CLOSE * abs(step):
        return f"{number(step)} α for α"
    if abs(step - 1) <= CLOSE:
        return f"{number(factor)} α for α in the factor"
    if abs(factor - 1) <= CLOSE:
        return f"{number(step)} α for α in the inner step"
    return f"{number(step)} α for α in the inner step, {number(factor)} α in its factor"
