"""How large ∇f can be where ∇F is small: the bridge from the meta-gradient to the gradients of the tasks.

    κ = 2αL + α²L² < 1  ⇒  ‖∇f(w)‖ ≤ ‖∇F(w)‖/(1 − κ) + κσ/(1 − κ)                                  (derived here)

Proof. ∇F_i(w) − ∇f_i(w) = [∇f_i(w⁺) − ∇f_i(w)] − α∇²f_i(w)∇f_i(w⁺). The first bracket is at most αL‖∇f_i(w)‖, a secant
from w to w⁺, so ‖∇f_i(w⁺)‖ ≤ (1 + αL)‖∇f_i(w)‖ and the second term is at most αL(1 + αL)‖∇f_i(w)‖: together
κ‖∇f_i(w)‖. Hence ‖∇f‖ ≤ ‖∇F‖ + κE‖∇f_i‖ ≤ ‖∇F‖ + κ(‖∇f‖ + σ).
"""

from typing import NamedTuple

from mamllib.inner_loop import inner_step
from mamllib.statements.kit import (
    SMOOTH,
    TASK_DEVIATION,
    Constants,
    Parameters,
    Places,
    Q,
    Question,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    margin,
    mutant,
    np,
    objectives,
    question,
    relative_roundoff,
    segments,
    stack,
    strictly,
    tree,
)
from mamllib.tasks import Quadratic, digit_pairs, trigonometric_family


class PointParts(NamedTuple):
    """‖∇f(w)‖, ‖∇F(w)‖ and E_i‖∇f_i(w)‖."""

    gradient: Parameters
    meta_gradient: Parameters
    mean_size: Parameters


@question
class Point(Question):
    """A task family, α, w, and the constants and σ to test."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    sigma: Parameters
    constants: Constants

    def places(self, task) -> Places:
        """The Hessian at w, and the inner step."""
        w_plus = inner_step(task, self.alpha, self.w)
        return Places(points=stack(self.w), chords=segments((self.w, w_plus)))

    def common_places(self):
        """w."""
        return stack(self.w)

    def parts(self) -> PointParts:
        """What both sides are made of."""
        gradient = tree.norm(self.family.expect(lambda task: task.gradient(self.w)))
        meta_gradient = tree.norm(objectives.meta_gradient(self.family, self.alpha, self.w))
        return PointParts(gradient, meta_gradient, self.family.expect(lambda task: tree.norm(task.gradient(self.w))))


def kappa(point: Point):
    """κ = 2αL + α²L²."""
    step = point.alpha * point.constants.L
    return 2 * step + step * step


def mean_gradient(point: Point):
    """‖∇f(w)‖."""
    return point.answer.parts.gradient


def bound(point: Point):
    """(‖∇F(w)‖ + κσ)/(1 − κ)."""
    return (point.answer.parts.meta_gradient + kappa(point) * point.sigma) / (1 - kappa(point))


def without_sigma(point: Point):
    """‖∇F(w)‖/(1 − κ)."""
    return point.answer.parts.meta_gradient / (1 - kappa(point))


def hypotheses(point: Point) -> dict:
    """κ < 1."""
    return {"2αL + α²L² < 1": strictly(margin(1, kappa(point)))}


def roundoff(point: Point):
    """γ of the mean size of the gradients, and of what rounding w does to them."""
    size = point.answer.parts.mean_size + point.constants.L * tree.norm(point.w)
    return relative_roundoff(point) * size * (2 + 1 / abs(1 - kappa(point)))


def opposed(alpha=Q(1, 6), slope=Q(1), w=Q(0)) -> Point:
    """±w²/2 with tilts that make ∇F(0) = 0: a step shrinks the convex task's gradient and enlarges the other's."""
    shrink, grow = (1 - alpha) ** 2, (1 + alpha) ** 2
    family = TaskFamily.of([Quadratic(Q(1), -grow * slope), Quadratic(Q(-1), -shrink * slope)])
    gap = (grow + shrink) * slope / 2
    return Point.of(family, alpha, w, gap)


def one_concave(alpha=Q(1, 6)) -> Point:
    """−w²/2 at w = 1: ∇F = (1 + α)²∇f and σ = 0."""
    return Point.of(TaskFamily.of([Quadratic(Q(-1), Q(0))]), alpha, Q(1), Q(0))


def one_convex(alpha=Q(1, 6)) -> Point:
    """w²/2 at w = 1: ∇F = (1 − α)²∇f and σ = 0."""
    return Point.of(TaskFamily.of([Quadratic(Q(1), Q(0))]), alpha, Q(1), Q(0))


def rippled(seed: int) -> Point:
    """Six tilted rippled parabolas in three dimensions."""
    rng = np.random.default_rng(seed)
    return Point.of(trigonometric_family(0.5, 0.5, 3.0, rng.normal(size=(6, 3))), 0.3, rng.normal(size=3))


def digits(seed: int) -> Point:
    """The 45 digit pairs at α = 1/(6L)."""
    family = digit_pairs()
    return Point.of(family, 1 / (6 * family.constants.L), 0.3 * np.random.default_rng(seed).normal(size=65))


AUXILIARY = Statement(
    id="fallah2020/auxiliary_inequality",
    title="Auxiliary inequality",
    source=Source("fallah2020", "the bridge from ∇F to ∇f", "D"),
    claim=r"\kappa=2\alpha L+\alpha^2L^2<1\ \Rightarrow\ "
    r"\|\nabla f(w)\|\le\frac{\|\nabla F(w)\|+\kappa\sigma}{1-\kappa}",
    takes=Point,
    assumes=(SMOOTH, TASK_DEVIATION),
    hypotheses=hypotheses,
    lhs=mean_gradient,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        case("w²/2 at αL = 1/6", one_convex, predicted=Q(36 - 13, 25)),
        case("±w²/2, tilted so that ∇F = 0", opposed),
        case("±w²/2, tilted so that ∇F = 0, αL = 1/200", opposed, Q(1, 200)),
        case("six rippled parabolas in 3-D", rippled),
        case("45 digit pairs, α = 1/(6L)", digits),
        case("w²/2 at αL = 1/2", one_convex, Q(1, 2), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("κσ dropped", opposed, rhs=without_sigma),
        mutant("κ dropped", one_convex, rhs=lambda point: point.answer.parts.meta_gradient + 0 * point.sigma),
    ),
    spared={"2αL + α²L² < 1": "beyond it the right side is negative, and says nothing"},
)
