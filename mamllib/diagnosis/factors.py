"""Factors by which a direction is off when everything else is right: a sum for a mean, a sign, an α."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mamllib import arithmetic, tree
from mamllib.estimators import BatchSizes

FLIPPED = "sign flipped"
SCALED = "another length, always by the same factor"
STRETCHED = "another length each time"
ADVICE = {
    "sum for mean over tasks": "the B tasks are added up; the mean divides by B",
    "sum for mean over rows": "the outer loss is a sum over the rows of its batch; the mean divides by D_o",
    "sum for mean over tasks and rows": "tasks and rows are added up; the mean divides by B and by D_o",
    "divided twice by the number of tasks": "a mean of what is a mean over the tasks already",
    "divided twice by the number of rows": "a mean of what is a mean over the rows already",
    "outer loss twice the family's": "as a squared error without its ½ is",
    "outer loss half the family's": "as a squared error with a ½ too many is",
    "sum for mean over steps": "what one step gives is added up over the N steps",
    "divided by the number of steps": "what all steps give together is divided by N",
    "multiplied by α": "a factor α stands before the whole direction",
    "divided by α": "a factor 1/α stands before the whole direction",
    FLIPPED: "it is the step, −1 times the gradient; what descends subtracts it",
    SCALED: "the factor is none of those looked for: a step size, or a weight of the loss",
    STRETCHED: "it points the same way on each draw, with a length of its own: is it clipped or normalised?",
}


@dataclass(frozen=True)
class Factor:
    """A number, and every name that it goes by here; no name for 1."""

    value: float
    names: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """0: it is 1. 1: it has a reason. 2: it has none. 3: it is another each time."""
        if SCALED in self.names or STRETCHED in self.names:
            return 2 + (STRETCHED in self.names)
        return int(self.value != 1)


def known_factors(B: int, sizes: BatchSizes, steps: int, alpha) -> list[Factor]:
    """1 and −1, and then those with a reason and either sign; equal ones under all their names."""
    found: dict[float, list[str]] = {1.0: []}
    for value, name in _with_reasons(B, sizes.D_o, steps, alpha):
        same = next((other for other in found if math.isclose(other, value, rel_tol=1e-12)), value)
        if same != 1:  # which needs no reason
            found.setdefault(same, []).append(name)
    return [Factor(sign * value, tuple(names)) for value, names in found.items() for sign in (1.0, -1.0)]


def _with_reasons(B: int, D_o: int, steps: int, alpha) -> Iterator[tuple[float, str]]:
    yield B, "sum for mean over tasks"
    yield D_o, "sum for mean over rows"
    yield B * D_o, "sum for mean over tasks and rows"
    yield 1 / B, "divided twice by the number of tasks"
    yield 1 / D_o, "divided twice by the number of rows"
    yield 2, "outer loss twice the family's"
    yield 1 / 2, "outer loss half the family's"
    if steps > 1:
        yield steps, "sum for mean over steps"
        yield 1 / steps, "divided by the number of steps"
    if tree.is_number(alpha) and arithmetic.plain(alpha) > 0:
        yield float(alpha), "multiplied by α"
        yield 1 / float(alpha), "divided by α"
