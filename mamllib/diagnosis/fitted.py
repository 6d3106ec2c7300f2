"""A right estimator with another inner step size than α: found by least squares on one draw, to be tried on the others.

A step size that went astray makes any multiple of α: in the step, in its factor, or in both.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import least_squares

from mamllib.diagnosis.candidates import Candidate
from mamllib.diagnosis.comparison import Vector, length, off_line, rounding
from mamllib.diagnosis.recipe import Rate, Recipe
from mamllib.diagnosis.slips import Slip
from mamllib.formatting import number

Evaluate = Callable[[Sequence[Recipe]], np.ndarray]

ADVICE = "the inner step size is not the α that was given: the β of the outer step, or a factor that was forgotten?"
MULTIPLES = (1.0, 0.3, 0.1, 0.03, 0.01, 3.0, 10.0, -1.0)
MOST_PROMISING = 3
CLOSE = rounding(np.float32)
TIGHT = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 40}


def fitted(candidates: Iterable[Candidate], theirs: Vector, ours: Evaluate) -> list[Candidate]:
    """Those with the multiples of α that make their direction a multiple of ``theirs``; of the others none.

    The three that come nearest with one of a few multiples are followed, from there.
    """
    tried = [(candidate, rates) for candidate in candidates for rates in _starts(candidate)]
    directions = ours([_at(candidate.recipe, *rates) for candidate, rates in tried])
    order = np.argsort([off_line(theirs, direction) for direction in directions], kind="stable")
    nearest: dict[Candidate, tuple[float, ...]] = {}
    for place in order:
        nearest.setdefault(*tried[place])
    found = [_fit(*pair, theirs, ours) for pair in list(nearest.items())[:MOST_PROMISING]]
    return [candidate for candidate in found if candidate]


def _starts(candidate: Candidate) -> list[tuple[float, ...]]:
    """(in the step, in the factor), or the first alone where there is no factor."""
    if not candidate.recipe.factors:
        return [(multiple,) for multiple in MULTIPLES]
    return list(dict.fromkeys((multiple, other) for multiple in MULTIPLES for other in (multiple, 1.0)))


def _fit(candidate: Candidate, rates: tuple[float, ...], theirs: Vector, ours: Evaluate) -> Candidate | None:
    """By the multiples of α, and by the length."""
    (first,), scale = ours([_at(candidate.recipe, *rates)]), length(theirs)
    if len(theirs) <= len(rates) or not 0 < length(first) < np.inf:
        return None

    def residual(x) -> Vector:
        off = (theirs - x[0] * ours([_at(candidate.recipe, *x[1:])])[0]) / scale
        return np.where(np.isfinite(off), off, 1.0)

    along = theirs @ first / (first @ first)
    found = least_squares(residual, [along, *rates], method="lm", **TIGHT)
    return _named(candidate, *map(float, found.x[1:])) if length(found.fun) <= CLOSE else None


def _at(recipe: Recipe, step: float, factor: float | None = None) -> Recipe:
    times = step, step if factor is None else factor
    return recipe.but(step_rate=Rate(float(times[0]), 0.0), factor_rate=Rate(float(times[1]), 0.0))


def _named(candidate: Candidate, step: float, factor: float | None = None) -> Candidate | None:
    """``None`` where the factor is gone: that is another candidate."""
    if factor is not None and abs(factor) <= CLOSE:
        return None
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
