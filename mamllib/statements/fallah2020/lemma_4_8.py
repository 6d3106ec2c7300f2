"""Lemma 4.8: the meta-objective F is smooth only with a constant that grows with the gradients.

For α ≤ 1/L:       ‖∇F(w) − ∇F(u)‖ ≤ min{L(w), L(u)}‖w − u‖,  L(w) = 4L + 2ρα E_i‖∇f_i(w)‖        (printed)
For every α ≥ 0:   the same with L(1 + αL)² + ρα(1 + αL) E_i‖∇f_i(w)‖                              (derived here)

Proof. Write A_i(w) = I − α∇²f_i(w) and w⁺ = w − α∇f_i(w). Then
∇F_i(w) − ∇F_i(u) = A_i(u)[∇f_i(w⁺) − ∇f_i(u⁺)] + [A_i(w) − A_i(u)]∇f_i(w⁺). The first term is at most
(1 + αL)·L·(1 + αL)‖w − u‖, because w ↦ w⁺ is (1 + αL)-Lipschitz. The second is at most αρ‖w − u‖‖∇f_i(w⁺)‖, and
∇f_i(w⁺) = (I − αH̃)∇f_i(w) with a mean Hessian H̃ gives ‖∇f_i(w⁺)‖ ≤ (1 + αL)‖∇f_i(w)‖. Average over i, exchange w
and u for the minimum; αL ≤ 1 gives 4L and 2ρα.
"""

from dataclasses import replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import tree, validation
from mamllib.arithmetic import Scalar, each, jit_unless_exact, larger, smaller
from mamllib.checking.margins import margin
from mamllib.checking.statement import Adversary, Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.objectives import meta_gradient
from mamllib.statements.fallah2020 import measure
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.step_sizes import local_smoothness, mean_gradient_norm
from mamllib.tasks import Constants, Quadratic, TaskFamily, TriangularWave, Trigonometric, digit_pairs
from mamllib.tasks.task import Parameters


@instance()
class Pairs:
    """A task family, an inner step α, pairs of points w, u (leading axis n), and the constants to test."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    u: Parameters
    constants: Constants

    @classmethod
    def of(cls, family: TaskFamily, alpha, w, u, constants: Constants | None = None) -> "Pairs":
        """Check the input and take the family's own constants where none are given.

        Raises:
            ValueError: α < 0 or anything non-finite. ShapeError: w and u differ in shape.
        """
        validation.require_nonnegative("alpha", alpha)
        validation.require_parameters("w", w)
        validation.require_parameters("u", u)
        validation.require_same_shape("w", w, "u", u)
        constants = constants or family.constants
        validation.require_constants(constants)
        return cls(family, alpha, w, u, constants)


@jit_unless_exact
def lhs(pairs: Pairs):
    """‖∇F(w) − ∇F(u)‖ at each pair."""

    def change(w, u):
        return tree.norm(
            tree.subtract(meta_gradient(pairs.family, pairs.alpha, w), meta_gradient(pairs.family, pairs.alpha, u))
        )

    return each(change, pairs.w, pairs.u)


@jit_unless_exact
def rhs(pairs: Pairs):
    """min{L(w), L(u)}‖w − u‖."""
    return _smaller_constant_times_distance(pairs, _smoothness(pairs))


@jit_unless_exact
def any_alpha_rhs(pairs: Pairs):
    """min over the pair of L(1 + αL)² + ρα(1 + αL) E‖∇f_i‖, times ‖w − u‖."""
    L, rho, alpha = pairs.constants.L, pairs.constants.rho, pairs.alpha
    stretch = 1 + alpha * L

    def constant(w):
        return L * stretch**2 + rho * alpha * stretch * mean_gradient_norm(pairs.family, w)

    return _smaller_constant_times_distance(pairs, constant)


def hypotheses(pairs: Pairs):
    """α ≤ 1/L, and both Lipschitz constants at the points used."""
    return {"α ≤ 1/L": margin(1, pairs.alpha * pairs.constants.L), **smoothness_hypotheses(pairs)}


def smoothness_hypotheses(pairs: Pairs):
    """‖∇²f_i‖ ≤ L at w and u, and the Hessians' Lipschitz quotient between them is at most ρ, for every task."""
    norms, quotients = _curvatures(pairs)
    return {
        "f_i is L-smooth": margin(pairs.constants.L, norms),
        "Hessian is ρ-Lipschitz": margin(pairs.constants.rho, quotients),
    }


def roundoff(pairs: Pairs):
    """∇F computed at data perturbed by γ: γ(L(w)‖w‖ + ‖∇F(w)‖) at either point, and γ times the right side."""

    smoothness = _smoothness(pairs)

    def size(x):
        return smoothness(x) * tree.norm(x) + tree.norm(meta_gradient(pairs.family, pairs.alpha, x))

    sizes = jax.jit(jax.vmap(lambda w, u: size(w) + size(u)))(pairs.w, pairs.u)
    return relative_roundoff(pairs) * (sizes + rhs(pairs))


@jit_unless_exact
def _curvatures(pairs: Pairs):
    def of_task(task):
        def norm(w, u):
            return larger(measure.hessian_norm(task, w), measure.hessian_norm(task, u))

        def quotient(w, u):
            quotient = measure.hessian_quotient(task, w, u)
            return larger(quotient - _cancellation(pairs, w, u), 0 * quotient)

        return each(norm, pairs.w, pairs.u), each(quotient, pairs.w, pairs.u)

    return pairs.family.map(of_task)


def _cancellation(pairs, w, u):
    """How far round-off alone can push a Lipschitz quotient of the Hessian: γρ‖w‖/‖w − u‖; 0 in fractions."""
    distance = tree.norm(tree.subtract(w, u))
    if isinstance(distance, Q):
        return Q(0)
    size = pairs.constants.rho * (tree.norm(w) + tree.norm(u)) + pairs.constants.L
    return relative_roundoff(pairs) * size / jnp.where(distance > 0, distance, jnp.inf)


def _smoothness(pairs: Pairs):
    return lambda w: local_smoothness(pairs.family, pairs.constants.L, pairs.constants.rho, pairs.alpha, w)


def _smaller_constant_times_distance(pairs: Pairs, constant):
    def bound(w, u):
        return smaller(constant(w), constant(u)) * tree.norm(tree.subtract(w, u))

    return each(bound, pairs.w, pairs.u)


NEAR = Q(1, 10**9)


def wave_pair(b=Q(1, 1000), period=Q(1, 250), n: int = 10**6) -> Pairs:
    """f'' = −1 + b T(w/P), α = 1/L, two rational points around (n + ½)P: both 4L and 2ρα are nearly attained."""
    task = TriangularWave(Q(-1), b, period)
    w = task.falling_zero(n)
    return Pairs.of(TaskFamily.of([task]), 1 / (1 + b), (w,), (w + NEAR * period,))


def concave_quadratic(alpha_L=Q(1)) -> Pairs:
    """f = −Lw²/2 with L = 3: F'' = −(1 + αL)²L, which is 4L at αL = 1."""
    return Pairs.of(TaskFamily.of([Quadratic(Q(-3), Q(0))]), alpha_L / 3, (Q(2),), (Q(-1, 7),))


def trigonometric_pairs(a, b, kappa, alpha_L, n) -> Pairs:
    """Pairs 10⁻³/κ apart at the steepest points w_n of f' = aw + (b/κ) sin κw."""
    task = Trigonometric(a, b, kappa)
    w = task.steepest_point(jnp.asarray(n, dtype=float))
    return Pairs.of(TaskFamily.of([task]), alpha_L / (abs(a) + b), w, w + 1e-3 / kappa)


def _random_waves(seed: int) -> Pairs:
    draws = jax.random.randint(jax.random.key(seed), (40, 2), -4000, 4000).tolist()
    tasks = [TriangularWave(Q(-1), Q(1, 2), Q(2)), TriangularWave(Q(1), Q(1, 3), Q(1)), Quadratic(Q(1), Q(5))]
    w, u = zip(*((Q(a, 37), Q(b, 41)) for a, b in draws), strict=True)
    return Pairs.of(TaskFamily.of(tasks), Q(2, 3), w, u)


def _random_tasks(seed: int) -> Pairs:
    key_t, key_w, key_u, key_r = jax.random.split(jax.random.key(seed), 4)
    tilts = jax.random.normal(key_t, (8, 5))
    tasks = [Trigonometric((-1.0) ** i, 0.3 + 0.05 * i, 2.0 + i, t) for i, t in enumerate(tilts)]
    w = 20 * jax.random.normal(key_w, (64, 5))
    distance = 10 ** jax.random.uniform(key_r, (64, 1), minval=-4, maxval=1)
    family = TaskFamily.of(tasks)
    return Pairs.of(family, 1 / family.constants.L, w, w + distance * jax.random.normal(key_u, (64, 5)))


def _digits(seed: int) -> Pairs:
    key_w, key_u, key_r = jax.random.split(jax.random.key(seed), 3)
    scale = 10 ** jax.random.uniform(key_r, (24, 1), minval=-2, maxval=0.5)
    w = scale * jax.random.normal(key_w, (24, 65))
    family = digit_pairs()
    return Pairs.of(family, 1 / family.constants.L, w, w + 0.1 * scale * jax.random.normal(key_u, (24, 65)))


def _understated(seed: int) -> Pairs:
    pairs = wave_pair(Q(1, 100), Q(1, 25), 10**4)
    return replace(pairs, constants=pairs.constants._replace(rho=pairs.constants.rho * 9 / 10))


def not_smooth_witness(C: Scalar) -> Pairs:
    """A pair on which ‖∇F(w) − ∇F(u)‖ > C‖w − u‖, for any given C: n is read off |F''(w_n)| = αρa(1 − αa)w_n + O(1).

    With a = 1, b = ½, κ = 4 and α = 0.6 the slope is 0.48 and the O(1) term at most 4L = 6.
    """
    n = int(np.ceil((C + 10) / 0.48 * 4 / (2 * np.pi)))
    return trigonometric_pairs(1.0, 0.5, 4.0, 0.9, [n])


def _adversarial(parameters) -> Pairs:
    a, b, log_kappa, alpha_L, log_turns, phase = parameters
    kappa = 10**log_kappa
    w = ((2 * jnp.pi * jnp.floor(10**log_turns) + phase) / kappa)[None]
    constants = Constants(jnp.abs(a) + b, b * kappa, 0.0, 0.0)
    family = TaskFamily.of([Trigonometric(a, b, kappa)])
    return Pairs.of(family, alpha_L / constants.L, w, w + 1e-3 / kappa, constants)


def _scaled_gradient_term(factor):
    def lowered(pairs: Pairs):
        L, rho, alpha = pairs.constants.L, pairs.constants.rho, pairs.alpha

        def constant(w):
            return 4 * L + factor * rho * alpha * mean_gradient_norm(pairs.family, w)

        return _smaller_constant_times_distance(pairs, constant)

    return lowered


def _times_distance(constant):
    return lambda pairs: each(lambda w, u: constant * tree.norm(tree.subtract(w, u)), pairs.w, pairs.u)


FAR = [10, 100, 1000, 10_000]
CASES = (
    Case("triangular wave, b = 1/1000, n = 10⁶", lambda seed: wave_pair(), predicted=0.9995),
    Case("triangular wave, b = 1/100, n = 10⁴", lambda seed: wave_pair(Q(1, 100), Q(1, 25), 10**4), predicted=0.994978),
    Case("f = −Lw²/2 at αL = 1", lambda seed: concave_quadratic(), predicted=Q(1)),
    Case("three tasks, 40 random rational pairs", _random_waves),
    Case(
        "trigonometric, a = −1, b = 0.01, κ = 300, αL = 1",
        lambda seed: trigonometric_pairs(-1.0, 0.01, 300.0, 1.0, [10**4]),
        predicted=201 / 202,
    ),
    Case(
        "trigonometric, a = 1, b = ½, κ = 4, αL = 0.9",
        lambda seed: trigonometric_pairs(1.0, 0.5, 4.0, 0.9, FAR),
        predicted=0.2,
    ),
    Case("eight tasks in 5-D, 64 random pairs", _random_tasks),
    Case("45 digit pairs, 24 random pairs of points", _digits),
)
BEYOND = Case("f = −Lw²/2 at αL = 2", lambda seed: concave_quadratic(Q(2)), Verdict.SILENT)

LEMMA_4_8 = Statement(
    id="fallah2020/lemma_4_8",
    title="Lemma 4.8",
    source=Source("fallah2020", "Lemma 4.8", "V"),
    claim=r"\|\nabla F(w)-\nabla F(u)\|\le\min\{L(w),L(u)\}\,\|w-u\|,\qquad "
    r"L(w)=4L+2\rho\alpha\,\mathbb{E}_{i\sim p}\|\nabla f_i(w)\|",
    takes=Pairs,
    hypotheses=hypotheses,
    lhs=lhs,
    rhs=rhs,
    roundoff=roundoff,
    cases=(*CASES, BEYOND),
    mutants=(
        Mutant("α = 2/L allowed", lambda seed: concave_quadratic(Q(2)), drops=("α ≤ 1/L",)),
        Mutant("ρ understated by a tenth", _understated, drops=("Hessian is ρ-Lipschitz",)),
        Mutant("F is 1000-smooth", lambda seed: not_smooth_witness(1000), rhs=_times_distance(1000)),
        Mutant(
            "4L lowered to 3.9L",
            lambda seed: concave_quadratic(),
            rhs=lambda pairs: _times_distance(pairs.constants.L * Q(39, 10))(pairs),
        ),
        Mutant("2ρα lowered to 1.98ρα", lambda seed: wave_pair(), rhs=_scaled_gradient_term(Q(198, 100))),
    ),
    adversaries=(
        Adversary(
            "trigonometric: a, b, κ, αL, w",
            _adversarial,
            ((-1.0, 1.0), (0.01, 1.0), (0.0, 2.5), (0.0, 1.0), (0.0, 4.0), (0.0, 2 * np.pi)),
            201 / 202,
        ),
    ),
)

LEMMA_4_8_ANY_ALPHA = replace(
    LEMMA_4_8,
    id="fallah2020/lemma_4_8_any_alpha",
    title="Lemma 4.8 for every α",
    source=Source("fallah2020", "Lemma 4.8, without α ≤ 1/L", "D"),
    claim=r"\|\nabla F(w)-\nabla F(u)\|\le\min_{x\in\{w,u\}}\left\{L(1+\alpha L)^2"
    r"+\rho\alpha(1+\alpha L)\,\mathbb{E}_{i\sim p}\|\nabla f_i(x)\|\right\}\|w-u\|",
    hypotheses=smoothness_hypotheses,
    rhs=any_alpha_rhs,
    cases=(
        *CASES[2:5],
        replace(CASES[5], predicted=0.4 / 1.9),
        *CASES[6:],
        replace(BEYOND, expected=Verdict.HOLDS, predicted=Q(1)),
    ),
    mutants=(
        Mutant(
            "(1 + αL)² replaced by 1 + αL",
            lambda seed: concave_quadratic(Q(2)),
            rhs=lambda p: _times_distance(p.constants.L * (1 + p.alpha * p.constants.L))(p),
        ),
    ),
    adversaries=(replace(LEMMA_4_8.adversaries[0], known=1.0),),
)

STATEMENTS = (LEMMA_4_8, LEMMA_4_8_ANY_ALPHA)
