"""An easy and a hard task along their inner paths: gradients, and the curvatures that are met."""

import math
from itertools import pairwise
from typing import NamedTuple

from mamllib import arithmetic
from mamllib.statements.kit import (
    Parameters,
    Q,
    Question,
    TaskFamily,
    is_exact,
    jax,
    jnp,
    measure,
    np,
    objectives,
    question,
    replace,
    tree,
)
from mamllib.statements.words import plain

POINTS_A_STEP = 16
EASY, HARD = 0, 1


class Ends(NamedTuple):
    """For each of the two tasks ‖∇f(w)‖, the least and the largest curvature met, the largest ‖∇f(w̃_{j+1})‖/‖∇f(w̃_j)‖,
    and what rounding w can do to its gradient; and ‖∇F(w)‖."""

    sizes: Parameters
    least: Parameters
    largest: Parameters
    kept: Parameters
    rounded: Parameters
    meta_gradient: Parameters


@question
class TwoTasks(Question):
    """An easy and a hard task, in this order, with their probabilities, α, w and N; bounds β_E, L_E and L_H to test."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    beta_E: Parameters
    L_E: Parameters
    L_H: Parameters
    steps: int

    def require(self) -> None:
        """Raise ``ValueError`` where there are not two tasks."""
        if len(self.family) != 2:
            raise ValueError(f"family has {len(self.family)} tasks; give two, the easy one first")

    def as_met(self) -> "TwoTasks":
        """The same question with every bound declared exactly as it is met."""
        found = self.answer.parts
        bounds = found.least[EASY], found.largest[EASY], found.largest[HARD]
        return replace(self, **dict(zip(("beta_E", "L_E", "L_H"), map(plain, bounds), strict=True)))

    def parts(self) -> Ends:
        """What both sides and the hypotheses are made of."""
        each = self.family.map(lambda task: _of_task(task, self.alpha, self.w, self.steps))
        gradient = objectives.meta_gradient(self.family, self.alpha, self.w, self.steps)
        columns = tuple(each.T) if is_exact(each) else each
        return Ends(*columns, tree.norm(gradient))


def _of_task(task, alpha, w, steps: int):
    path = objectives.inner_path(task, alpha, w, steps)
    gradients = [task.gradient(point) for point in path]
    along = [_along(alpha, *pair) for pair in pairwise(gradients)]
    met = along + [(*_spectrum(task, *pair), 0 * tree.norm(gradients[0])) for pair in _pairs(path)]
    least, largest, kept = zip(*met, strict=True)
    values = (
        tree.norm(gradients[0]),
        _extreme(arithmetic.smaller, least),
        _extreme(arithmetic.larger, largest),
        _extreme(arithmetic.larger, kept),
        tree.norm(w) * measure.hessian_norm(task, w),
    )
    return np.array(values) if is_exact(w) else values


def _pairs(path: list) -> list:
    """The segments of a path, or its one point twice."""
    return list(pairwise(path)) or [(path[0], path[0])]


def _along(alpha, before, after) -> tuple:
    """(q, q, ‖(I − αH̄)g‖/‖g‖) with q = ⟨g, H̄g⟩/‖g‖², for the mean Hessian H̄ of the step from where g is the gradient.

    Where there is no step, q bounds nothing.
    """
    square, moved = tree.norm_squared(before), measure.inner(before, tree.subtract(before, after))
    still, one = square * alpha == 0, 1 + 0 * square
    curvature = moved / arithmetic.where(still, one, alpha * square)
    kept = tree.norm(after) / arithmetic.where(still, one, tree.norm(before))
    return arithmetic.where(still, math.inf, curvature), arithmetic.where(still, -math.inf, curvature), kept


def _spectrum(task, start, end) -> tuple:
    """The least and the largest eigenvalue of ∇²f at equally spaced points of a step; at its ends in fractions."""
    if is_exact(start):
        values = [value for point in (start, end) for value in _diagonal(measure.hessian(task, point))]
        return min(values), max(values)
    move = tree.subtract(end, start)

    def eigenvalues(share):
        return jnp.linalg.eigvalsh(jnp.atleast_2d(measure.hessian(task, tree.add(start, tree.scale(share, move)))))

    found = jax.vmap(eigenvalues)(jnp.arange(POINTS_A_STEP + 1) / POINTS_A_STEP)
    return jnp.min(found), jnp.max(found)


def _diagonal(hessian) -> list:
    """The eigenvalues of a diagonal matrix of fractions, or of one fraction."""
    measure.operator_norm(hessian)  # an IrrationalError where it is not diagonal
    return [hessian] if isinstance(hessian, Q) else list(np.diagonal(hessian))


def _extreme(of_two, values):
    first, *others = values
    for other in others:
        first = of_two(first, other)
    return first
