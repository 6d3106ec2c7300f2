"""How large ∇f can be where ∇F is small: the bridge from the meta-gradient to the gradients of the tasks.

    κ = 2αL + α²L² < 1  ⇒  ‖∇f(w)‖ ≤ ‖∇F(w)‖/(1 − κ) + κσ/(1 − κ)                                  (derived here)

Proof. ∇f_i(w⁺) = (I − αH̃_i)∇f_i(w) with H̃_i = ∫₀¹∇²f_i(w − tα∇f_i(w))dt, so ∇F = E(I − αH_i)(I − αH̃_i)∇f_i =
∇f + E M_i∇f_i with ‖M_i‖ = ‖−α(H_i + H̃_i) + α²H_iH̃_i‖ ≤ κ. Hence ‖∇f‖ ≤ ‖∇F‖ + κE‖∇f_i‖ ≤ ‖∇F‖ + κ(‖∇f‖ + σ).
"""

from fractions import Fraction as Q

import jax
import jax.numpy as jnp

from mamllib import objectives, tree, validation
from mamllib.arithmetic import jit_unless_exact
from mamllib.checking.margins import margin
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.statements.fallah2020 import measure
from mamllib.statements.fallah2020.convergence.hypotheses import task_deviation
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.tasks import Constants, Quadratic, TaskFamily, digit_pairs, trigonometric_family
from mamllib.tasks.family import require_family
from mamllib.tasks.task import Parameters


@instance()
class Point:
    """A task family, α, w, and the constants and σ to test."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    sigma: Parameters
    constants: Constants

    @classmethod
    def of(cls, family, alpha, w, sigma=None, constants=None) -> "Point":
        """Check the input; take σ and the constants from the family where none are given.

        Raises:
            ValueError: α < 0, ``w`` not finite, a negative constant. ShapeError: w does not fit a task.
        """
        require_family(family)
        validation.require_point(alpha, w)
        validation.require_fits("w", w, family.kinds)
        constants = constants or family.constants
        validation.require_constants(constants)
        if sigma is not None:
            validation.require_constant("sigma", sigma)
        return cls(family, alpha, w, family.sigma if sigma is None else sigma, constants)


def kappa(point: Point):
    """κ = 2αL + α²L²."""
    step = point.alpha * point.constants.L
    return 2 * step + step * step


@jit_unless_exact
def mean_gradient(point: Point):
    """‖∇f(w)‖."""
    return tree.norm(point.family.expect(lambda task: task.gradient(point.w)))


@jit_unless_exact
def meta_gradient(point: Point):
    """‖∇F(w)‖."""
    return tree.norm(objectives.meta_gradient(point.family, point.alpha, point.w))


def bound(point: Point):
    """(‖∇F(w)‖ + κσ)/(1 − κ)."""
    return (meta_gradient(point) + kappa(point) * point.sigma) / (1 - kappa(point))


def without_sigma(point: Point):
    """‖∇F(w)‖/(1 − κ)."""
    return meta_gradient(point) / (1 - kappa(point))


def hypotheses(point: Point) -> dict:
    """κ < 1, and L and σ as measured at w."""
    smoothness, deviation = _measured(point)
    return {
        "2αL + α²L² < 1": margin(1, kappa(point)),
        "f_i is L-smooth": margin(point.constants.L, smoothness),
        "task deviation ≤ σ": margin(point.sigma**2, deviation),
    }


@jit_unless_exact
def _measured(point: Point):
    def smoothness(task):
        return measure.smoothness_used(task, point.alpha, point.w)

    return point.family.map(smoothness), task_deviation(point.family, point.w)


def roundoff(point: Point):
    """γ of the mean size of the gradients."""
    size = point.family.expect(lambda task: tree.norm(task.gradient(point.w)))
    return relative_roundoff(point) * size * (2 + 1 / (1 - kappa(point)))


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
    key_t, key_w = jax.random.split(jax.random.key(seed))
    family = trigonometric_family(0.5, 0.5, 3.0, jax.random.normal(key_t, (6, 3)))
    return Point.of(family, 0.3, jax.random.normal(key_w, (3,)))


def digits(seed: int) -> Point:
    """The 45 digit pairs at α = 1/(6L)."""
    family = digit_pairs()
    w = 0.3 * jax.random.normal(jax.random.key(seed), (65,))
    return Point.of(family, 1 / (6 * family.constants.L), jnp.asarray(w))


AUXILIARY = Statement(
    id="fallah2020/auxiliary_inequality",
    title="Auxiliary inequality",
    source=Source("fallah2020", "the bridge from ∇F to ∇f", "D"),
    claim=r"\kappa=2\alpha L+\alpha^2L^2<1\ \Rightarrow\ "
    r"\|\nabla f(w)\|\le\frac{\|\nabla F(w)\|+\kappa\sigma}{1-\kappa}",
    takes=Point,
    hypotheses=hypotheses,
    lhs=mean_gradient,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        Case("w²/2 at αL = 1/6", lambda seed: one_convex(), predicted=Q(36 - 13, 25)),
        Case("±w²/2, tilted so that ∇F = 0", lambda seed: opposed()),
        Case("six rippled parabolas in 3-D", rippled),
        Case("45 digit pairs, α = 1/(6L)", digits),
        Case("w²/2 at αL = 1/2", lambda seed: one_convex(Q(1, 2)), Verdict.SILENT),
    ),
    mutants=(
        Mutant("κσ dropped", lambda seed: opposed(), rhs=without_sigma),
        Mutant("κ dropped", lambda seed: one_convex(), rhs=lambda point: meta_gradient(point) + 0 * point.sigma),
    ),
)

STATEMENTS = (AUXILIARY,)
