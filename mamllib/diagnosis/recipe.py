"""What a meta-gradient is made of: which rows, which rates, which points; and all of it as numbers.

    w_{j+1} = w_j − a ∇̃f(w_j, 𝒟_j),      [∏_j (I − b ∇̃²f(x_j, 𝒟'_j))] ∇̃f(x, 𝒟'')

MAML, what is run under its name, and its usual slips differ in a, b, x and the batches alone. As numbers, all of them
are evaluated by one compiled program.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from mamllib.estimators import Batches, BatchSizes

DETACHED, EXACT, DIFFERENCE = range(3)


class Rate(NamedTuple):
    """times · α + plus: α itself is (1, 0), and where α is missing, 1 stands for it: (0, 1)."""

    times: float = 1.0
    plus: float = 0.0

    def scaled(self, factor: float) -> "Rate":
        """The same so many times."""
        return Rate(factor * self.times, factor * self.plus)


class Reading(NamedTuple):
    """Which rows of a batch the j-th of N steps reads: ``all``, its ``own`` N-th part, or the ``first`` part."""

    batch: str
    part: str = "all"


ALPHA, MISSING = Rate(), Rate(0.0, 1.0)
INNER, HESSIAN = Reading("inner"), Reading("hessian")


class Probe(NamedTuple):
    """How a Hessian-vector product is taken from gradients: [∇f(x + δv) − ∇f(x − ``behind`` δv)]/(``over`` δ)."""

    behind: float = 1.0
    over: float = 2.0


@dataclass(frozen=True)
class Recipe:
    """A meta-gradient. As it stands it is MAML (5) with N = ``steps`` inner steps.

    ``inner`` and ``hessian`` say what the steps and the factors read, ``outer`` the batch of the outer gradient;
    ``factors`` which steps' factors are applied, leftmost first; ``points`` where: ``before`` or ``after`` a step, at
    the ``start`` w or at the ``end`` w_N. ``adapted``: the outer gradient is taken at w_N, else at w. ``probe``:
    HF-MAML's differences. ``displaced``: what is returned is w − w_N.
    """

    steps: int
    factors: tuple[int, ...]
    inner: Reading = INNER
    outer: str = "outer"
    hessian: Reading = HESSIAN
    step_rate: Rate = ALPHA
    factor_rate: Rate = ALPHA
    points: str = "before"
    adapted: bool = True
    probe: Probe | None = None
    displaced: bool = False

    @classmethod
    def maml(cls, steps: int, **choices) -> "Recipe":
        """MAML with other choices."""
        return cls(steps, tuple(range(steps)), **choices)

    def but(self, **choices) -> "Recipe":
        """The same with other choices; what nothing reads is forgotten, so that equal estimators are equal."""
        changed = replace(self, **choices)
        if not changed.factors or changed.displaced:
            unread = {"hessian": HESSIAN, "factor_rate": ALPHA, "points": "before", "probe": None}
            changed = replace(changed, factors=(), **unread)
        return changed if changed.steps else replace(changed, inner=INNER, step_rate=ALPHA)


class Numbers(NamedTuple):
    """A recipe as arrays of shapes that N and the largest batch decide: N + 2 gradients and N + 1 factors, M rows."""

    rows: np.ndarray
    weights: np.ndarray
    rates: np.ndarray
    at_start: np.ndarray
    factor_rows: np.ndarray
    factor_weights: np.ndarray
    factor_rates: np.ndarray
    factor_points: np.ndarray
    factor_kinds: np.ndarray
    probe: np.ndarray
    displaced: np.ndarray


def numbers(recipe: Recipe, sizes: BatchSizes, steps: int) -> Numbers:
    """The recipe as numbers, where N is ``steps`` and the rows of the three batches lie one after another.

    A recipe may take a step more than N, or fewer: what is left over has rate 0.
    """
    rows, gradients, factors = Rows(sizes, steps), steps + 2, steps + 1
    idle = gradients - 1 - recipe.steps
    read = [rows.read(recipe.inner, j) for j in range(recipe.steps)]
    outer = rows.read(Reading(recipe.outer), 0)
    behind = [rows.read(recipe.hessian, j) for j in recipe.factors]
    unused = factors - len(behind)
    where = [_point(recipe, j) for j in recipe.factors]
    kind = EXACT if recipe.probe is None else DIFFERENCE
    return Numbers(
        *_stacked([*read, *[outer] * (idle + 1)]),
        rates=np.array([recipe.step_rate] * recipe.steps + [Rate(0.0, 0.0)] * (idle + 1)),
        at_start=np.arange(gradients) == (-1 if recipe.adapted else gradients - 1),
        **dict(zip(("factor_rows", "factor_weights"), _stacked([*behind, *[outer] * unused]), strict=True)),
        factor_rates=np.array([recipe.factor_rate] * len(behind) + [Rate(0.0, 0.0)] * unused),
        factor_points=np.array([*where, *[0] * unused]),
        factor_kinds=np.array([kind] * len(behind) + [DETACHED] * unused),
        probe=np.array(recipe.probe or Probe()),
        displaced=np.array(recipe.displaced),
    )


class Rows:
    """Where the rows of each batch lie among all rows."""

    def __init__(self, sizes: BatchSizes, steps: int):
        starts = accumulate((0, *sizes[:-1]))
        self._rows = {
            name: np.arange(start, start + size)
            for name, start, size in zip(Batches._fields, starts, sizes, strict=True)
        }
        self._steps, self._most = steps, max(sizes)

    def read(self, reading: Reading, j: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows that step j reads, filled up to the largest batch, and their weights."""
        rows = self._rows[reading.batch]
        if reading.part != "all":
            part = 0 if reading.part == "first" else j % self._steps
            rows = rows.reshape(self._steps, -1)[part]
        missing = self._most - len(rows)
        weights = np.concatenate([np.full(len(rows), 1 / len(rows)), np.zeros(missing)])
        return np.concatenate([rows, np.repeat(rows[:1], missing)]), weights


def _point(recipe: Recipe, j: int) -> int:
    return {"before": j, "after": j + 1, "start": 0, "end": recipe.steps}[recipe.points]


def _stacked(pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    rows, weights = zip(*pairs, strict=True)
    return np.stack(rows), np.stack(weights)
