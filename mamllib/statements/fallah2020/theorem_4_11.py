"""Theorem 4.11: the objective you sample, F̂, is not the one you wrote, F.

    ‖∇F̂(w) − ∇F(w)‖ ≤ T₁ + T₂,     T₁ = 2αLσ̃/√D_test,  T₂ = α²Lσ_Hσ̃/D_test     (22, printed)
    ‖∇F̂(w) − ∇F(w)‖ ≤ √(T₁² + T₂²)                                              (derived here)
    ‖∇F̂(w) − ∇F(w)‖ ≤ ρα²σ̃²/D_test + T₂   under Assumption 4.4                  (derived here)

Proof. Per task write A = I − α∇²f(w), ξ and ζ for the errors of the sampled gradient and Hessian, and
Δ = ∇f(w⁺ − αξ) − ∇f(w⁺), so ‖Δ‖ ≤ αL‖ξ‖. The gap is A·EΔ − αE[ζΔ], because Eζ = 0. The first term is at most
(1 + αL)αLσ̃/√D. For a unit vector u, ⟨u, E[ζΔ]⟩ = E⟨ζu, Δ⟩, and ζu is a mean of D independent centred *vectors*, so
E‖ζu‖² ≤ σ_H²/D whichever norm Assumption 4.6 is read in; Cauchy–Schwarz gives T₂. For the second bound put m = EΔ.
Since Eζ = 0, E[ζΔ] = E[ζ(Δ − m)], so the gap is at most (1 + αL)‖m‖ + α(σ_H/√D)(E‖Δ − m‖²)^½ with
‖m‖² + E‖Δ − m‖² = E‖Δ‖² ≤ α²L²σ̃²/D; Cauchy–Schwarz in R² gives (αLσ̃/√D)√((1 + αL)² + α²σ_H²/D). For the third,
Taylor's formula Δ = −α∇²f(w⁺)ξ + r with ‖r‖ ≤ ρα²‖ξ‖²/2 and Eξ = 0 give ‖EΔ‖ ≤ ρα²σ̃²/(2D). Only σ̃ and σ_H at this
one w are used.
"""

import functools
from dataclasses import dataclass, replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import tree, validation
from mamllib.arithmetic import is_exact, jit_unless_exact, larger, sqrt
from mamllib.checking.margins import margin
from mamllib.checking.statement import Adversary, Case, Mutant, Source, Statement
from mamllib.checking.statistics import NormOfMean
from mamllib.checking.verdict import Verdict
from mamllib.monte_carlo import stream
from mamllib.objectives import inner_step, meta_gradient, sampled_meta_gradient, sampled_task_meta_gradient
from mamllib.statements.fallah2020 import measure
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.tasks import (
    AtomicNoise,
    BumpNoise,
    Constants,
    CurvatureNoise,
    Noisy,
    OddRamp,
    Quadratic,
    RademacherNoise,
    SinusoidalNoise,
    SkewedBumpNoise,
    SmoothedAbsolute,
    TaskFamily,
    Trigonometric,
    digit_pairs,
)
from mamllib.tasks.task import Parameters, batch_gradient, batch_hessian_vector_product, draw


@instance("D_test", "samples")
class Gap:
    """A task family, α, w, the test batch size, and the constants to test; sampled where ``samples`` > 0."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    constants: Constants
    key: Parameters
    D_test: int
    samples: int

    @classmethod
    def of(cls, family, alpha, w, D_test, constants=None, samples=0, seed=0) -> "Gap":
        """Check the input and take the family's own constants where none are given.

        Raises:
            ValueError: α < 0, ``D_test`` not an integer ≥ 1, or anything non-finite.
        """
        validation.require_nonnegative("alpha", alpha)
        validation.require_parameters("w", w)
        validation.require_batch_size("D_test", D_test)
        return cls(family, alpha, w, constants or family.constants, jax.random.key(seed), D_test, samples)


def lhs(gap: Gap):
    """‖∇F̂(w) − ∇F(w)‖; a ``NormOfMean`` where the instance is sampled."""
    return _sampled_gap(gap) if gap.samples else _enumerated_gap(gap)


def first_term(gap: Gap):
    """T₁ = 2αLσ̃/√D_test. In fractions D_test must be a perfect square."""
    c = gap.constants
    root = sqrt(Q(gap.D_test)) if is_exact(c) else jnp.sqrt(gap.D_test)
    return 2 * gap.alpha * c.L * c.sigma_tilde / root


def second_term(gap: Gap):
    """T₂ = α²Lσ_Hσ̃/D_test."""
    c = gap.constants
    return gap.alpha**2 * c.L * c.sigma_H * c.sigma_tilde / gap.D_test


def rhs(gap: Gap):
    """T₁ + T₂."""
    return first_term(gap) + second_term(gap)


def hypotheses(gap: Gap):
    """α ≤ 1/L; ‖∇²f_i‖ ≤ L at w, w⁺; sample deviations of gradient and Hessian at w at most σ̃, σ_H, for every task."""
    norms, gradient_variances, hessian_variances = _measured(_any_batch(gap))
    c = gap.constants
    return {
        "α ≤ 1/L": margin(1, gap.alpha * c.L),
        "f_i is L-smooth": margin(c.L, norms),
        "sample deviation ≤ σ̃": margin(c.sigma_tilde**2, gradient_variances),
        "sample Hessian deviation ≤ σ_H": margin(c.sigma_H**2, hessian_variances),
    }


def roundoff(gap: Gap):
    """Two meta-gradients of size at most 2(L(‖w‖ + ασ̃) + E‖∇f_i‖)(1 + ασ_H), wrong by γ of that."""
    c = gap.constants
    gradient = gap.family.expect(lambda task: tree.norm(task.gradient(gap.w)))
    size = (c.L * (tree.norm(gap.w) + gap.alpha * c.sigma_tilde) + gradient) * (2 + gap.alpha * c.sigma_H)
    return relative_roundoff(gap) * 2 * size


@jit_unless_exact
def _enumerated_gap(gap: Gap):
    sampled = sampled_meta_gradient(gap.family, gap.alpha, gap.w, gap.D_test)
    return tree.norm(tree.subtract(sampled, meta_gradient(gap.family, gap.alpha, gap.w)))


@dataclass(frozen=True)
class GapDraw:
    """One draw of (I − α∇̃²f_i(w, 𝒟))∇f_i(w̃) − (I − α∇̃²f_i(w, 𝒟))∇f_i(w⁺) plus its linear part, for a random task i.

    Replacing ∇F_i by (I − α∇̃²f_i(w, 𝒟))∇f_i(w⁺) changes no mean, since the sampled Hessian is unbiased; adding
    α(I − α∇²f_i(w))∇²f_i(w⁺)ξ changes none either, since Eξ = 0. Both take away variance.
    """

    D_test: int

    def __call__(self, argument, key):
        """The draw for ``argument`` = (family, α, w)."""
        family, alpha, w = argument
        key_task, key_batch = jax.random.split(key)
        task = family[jax.random.choice(key_task, len(family), p=family.probabilities)]
        batch = draw(task, key_batch, self.D_test)
        w_plus = inner_step(task, alpha, w)
        fixed = task.gradient(w_plus)
        fixed = tree.step(fixed, alpha, batch_hessian_vector_product(task, w, batch, fixed))
        difference = tree.subtract(sampled_task_meta_gradient(task, alpha, w, batch), fixed)
        xi = tree.subtract(batch_gradient(task, w, batch), task.gradient(w))
        linear = task.hessian_vector_product(w_plus, xi)
        linear = tree.step(linear, alpha, task.hessian_vector_product(w, linear))
        return tree.step(difference, -alpha, linear)


def _sampled_gap(gap: Gap) -> NormOfMean:
    return NormOfMean(stream(GapDraw(gap.D_test), (gap.family, gap.alpha, gap.w), gap.key, gap.samples).blocks)


def _any_batch(gap: Gap) -> Gap:
    """The gap with D_test = 1: hypotheses do not depend on the batch, so one compilation serves all sizes."""
    return replace(gap, D_test=1, samples=0)


@jit_unless_exact
def _measured(gap: Gap):
    def of_task(task):
        w_plus = inner_step(task, gap.alpha, gap.w)
        norms = larger(measure.hessian_norm(task, gap.w), measure.hessian_norm(task, w_plus))
        return norms, measure.gradient_variance(task, gap.w), measure.hessian_variance(task, gap.w)

    values = gap.family.map(of_task)
    return values if gap.family.stacked else tuple(np.array(column) for column in zip(*values, strict=True))


def quadratics(D_test: int = 4) -> Gap:
    """Three quadratics with additive noise: F̂ = F + (α²/2) tr(AΣ)/D_test, so the gradients agree exactly."""
    tasks = [Noisy(Quadratic(Q(a), Q(c)), RademacherNoise(Q(2))) for a, c in ((1, 3), (-1, 0), (Q(1, 2), -5))]
    return Gap.of(TaskFamily.of(tasks), Q(1), Q(7, 3), D_test)


def smoothed_absolute(m: int = 1000, n: int = 1, scale=Q(1, 10**6)) -> Gap:
    """f' = √(w² + d²) − 2, α = L = 1, noise ±s with s = scale·(m² − n²), d = scale·2mn, at w = d²/4 − 1 (so w⁺ = 0).

    T₂ = 0 and gap/T₁ = [(m − n)/(m + n)]/(1 + d²/4): the first term is approached as d/s and d → 0.
    """
    d, s = scale * 2 * m * n, scale * (m * m - n * n)
    task = Noisy(SmoothedAbsolute(Q(1), d, Q(2)), RademacherNoise(s))
    return Gap.of(TaskFamily.of([task]), Q(1), d * d / 4 - 1, 1)


def smoothed_absolute_float(d: float, s: float = 0.3, D_test: int = 1) -> Gap:
    """The same instance in float64 for any d, s and D_test."""
    task = Noisy(SmoothedAbsolute(1.0, d, 2.0), RademacherNoise(s))
    return Gap.of(TaskFamily.of([task]), 1.0, jnp.asarray(d * d / 4 - 1), D_test)


def bump(s=Q(1000), eta=Q(1, 1000), D_test: int = 1) -> Gap:
    """f = w²/2 with samples f ± sφ(w) at w = 1, α = 1: gap = s²/D_test exactly, and gap/T₂ = 1/(1 + η/2).

    As s grows T₂ outgrows T₁, so the whole bound is approached.
    """
    return Gap.of(TaskFamily.of([Noisy(Quadratic(Q(1), Q(0)), BumpNoise(s, eta))]), Q(1), Q(1), D_test)


def skewed_bump(a: int = 1, b: int = 2, kappa=Q(10**5), eta=Q(1, 10**6)) -> Gap:
    """A ramp f'' = clip(κw, −1, 1) tilted so that w⁺ = 0 and I − αf''(w) = 2 at w = −1/c; α = 1 and D_test = 1.

    With cos ϑ = 2ab/(a² + b²), samples f + θ(1/c)φ(cw) of ``SkewedBumpNoise`` and c = 2 tan ϑ: the errors are
    ξ = −θ and ζ = cθ, and Δ = |θ| − 1/(2κ), so the gap is 2(cos ϑ − 1/(2κ)) + c sin ϑ = 2/cos ϑ − 1/κ. Against
    T₁ = 2(1 + η/2) and T₂ = 2 tan ϑ (1 + η/2) that is (1 − cos ϑ/(2κ))/(1 + η/2) of √(T₁² + T₂²): every ratio
    T₂/T₁ = (b² − a²)/(2ab) is served, and the square root is approached as κ → ∞ and η → 0.
    """
    c = Q(b * b - a * a, a * b)
    task = Noisy(OddRamp(Q(1), kappa, 1 / (2 * kappa) - 2 / c), SkewedBumpNoise(Q(1), c, eta, a, b))
    return Gap.of(TaskFamily.of([task]), Q(1), -1 / c, 1)


def tilted_ramp(D_test: int = 1) -> Gap:
    """f'' = clip(w, −1, 1) with f'(0) = −3/2 at w = −1, α = 1, noise ±1: w⁺ = 0 and gap = 1/D_test = ρα²σ̃²/D_test."""
    task = Noisy(OddRamp(Q(1), Q(1), Q(-3, 2)), RademacherNoise(Q(1)))
    return Gap.of(TaskFamily.of([task]), Q(1), Q(-1), D_test)


def common_centre(D_test: int = 1) -> Gap:
    """Curvature noise ½ ± ½ about a common centre at w = 1: gap = α²Ā Var(a)(w − c)/D, with σ̃ taken at this w."""
    family = TaskFamily.of([Noisy(Quadratic(Q(1), Q(0)), CurvatureNoise(Q(1, 2), Q(0)))])
    return Gap.of(family, Q(1, 2), Q(1), D_test, Constants(Q(1), Q(0), Q(1, 2), Q(1, 2)))


def _plane_quadratics(seed: int) -> Gap:
    key_c, key_n, key_w = jax.random.split(jax.random.key(seed), 3)
    atoms = jax.random.normal(key_n, (4, 3))
    A = jnp.array([[1.0, 0.3, 0.0], [0.3, -0.5, 0.2], [0.0, 0.2, 0.8]])
    tasks = [Noisy(Quadratic(A, c), AtomicNoise(atoms - atoms.mean(axis=0))) for c in jax.random.normal(key_c, (3, 3))]
    family = TaskFamily.of(tasks)
    return Gap.of(family, 1 / family.constants.L, jax.random.normal(key_w, (3,)), 3)


def trigonometric(D_test: int = 4, seed: int = 0) -> Gap:
    """Six trigonometric tasks in 3-D with sinusoidal noise, whose σ̃ and σ_H hold at every w; α = 0.9, L = 1."""
    key_w, key_t = jax.random.split(jax.random.key(seed))
    noise = SinusoidalNoise(0.7, 2.0, angles=3, dimension=3)
    tilts = jax.random.normal(key_t, (6, 3))
    family = TaskFamily.of([Noisy(Trigonometric(0.5, 0.5, 3.0, t), noise) for t in tilts])
    return Gap.of(family, 0.9, 2 * jax.random.normal(key_w, (3,)), D_test)


@functools.cache
def _digit_constants() -> Constants:
    return digit_pairs().constants


def digits(D_test: int = 1, samples: int = 0, seed: int = 0) -> Gap:
    """The 45 digit pairs with α = 1/L at a random w: batches enumerated, or drawn where ``samples`` > 0."""
    constants = _digit_constants()
    w = 0.3 * jax.random.normal(jax.random.key(seed), (65,))
    return Gap.of(digit_pairs(), 1 / constants.L, w, D_test, constants, samples, seed)


def _too_long(seed: int) -> Gap:
    gap = quadratics()
    return replace(gap, alpha=Q(2))


def _adversarial_first(parameters) -> Gap:
    log_d, log_s, offset = parameters
    d, s = 10**log_d, 10**log_s
    family = TaskFamily.of([Noisy(SmoothedAbsolute(1.0, d, 2.0), RademacherNoise(s))])
    return Gap.of(family, 1.0, d * d / 4 - 1 + offset, 1, Constants(1.0, 1 / d, s, 0.0))


def _adversarial_second(parameters) -> Gap:
    log_s, log_eta, w = parameters
    s, eta = 10**log_s, 10**log_eta
    family = TaskFamily.of([Noisy(Quadratic(1.0, 0.0), BumpNoise(s, eta))])
    return Gap.of(family, 1.0, w, 1, Constants(1.0, 0.0, s * (1 + eta / 2), s))


def _adversarial_both(parameters) -> Gap:
    log_kappa, c, edges, offset = parameters
    kappa, eta, w = 10**log_kappa, 1e-3, -edges / c
    tilt = 1 / (2 * kappa) + 2 * w + offset
    family = TaskFamily.of([Noisy(OddRamp(1.0, kappa, tilt), SkewedBumpNoise(1.0, c, eta))])
    return Gap.of(family, 1.0, w, 1, Constants(1.0, kappa, 1 + eta / 2, c))


def squared_test_batch(gap: Gap):
    """T₁ + T₂ with D_test² in place of D_test."""
    return rhs(replace(gap, D_test=gap.D_test**2))


def larger_term(gap: Gap):
    """max(T₁, T₂)."""
    return larger(first_term(gap), second_term(gap))


SMOOTHED = Case("√(w² + d²), d = 0.002, s ≈ 1", lambda seed: smoothed_absolute(), predicted=Q(999000000, 1001001001))
BUMPS = (
    Case("bump noise, s = 1000, D_test = 1", lambda seed: bump(), predicted=Q(10**6, 1002501)),
    Case("bump noise, s = 2000, D_test = 4", lambda seed: bump(Q(2000), D_test=4), predicted=Q(10**6, 1002501)),
)
QUADRATICS = Case("three quadratics, additive noise, D_test = 4", lambda seed: quadratics(), predicted=Q(0))
CENTRE = Case("curvature noise about a common centre", lambda seed: common_centre(), predicted=Q(1, 9))
TRIGONOMETRIC = Case("six trigonometric tasks in 3-D, D_test = 4", lambda seed: trigonometric(4, seed))
DIGITS = (
    Case("45 digit pairs, D_test = 1", lambda seed: digits(1, seed=seed)),
    Case("45 digit pairs, D_test = 10", lambda seed: digits(10, 40_000, seed), sampled=1),
)
SKEWED = Case("ramp and lopsided bump noise, T₁ : T₂ = 4 : 3", lambda seed: skewed_bump())
DIFFERENCE = Case(
    "√(w² + d²), d = 10⁻³, s = 0.3, float64", lambda seed: smoothed_absolute_float(1e-3), predicted=0.99667
)
SHARPNESS = (1 - Q(4, 10**6)) / (1 + Q(1, 2 * 10**6))
LONG_STEP = Case("three quadratics at α = 2/L", _too_long, Verdict.SILENT)

THEOREM_4_11 = Statement(
    id="fallah2020/theorem_4_11",
    title="Theorem 4.11",
    source=Source("fallah2020", "Theorem 4.11", "V"),
    claim=r"\|\nabla\hat F(w)-\nabla F(w)\|\le 2\alpha L\frac{\tilde\sigma}{\sqrt{D_{test}}}"
    r"+\alpha^2L\frac{\sigma_H\tilde\sigma}{D_{test}}",
    hypotheses=hypotheses,
    lhs=lhs,
    rhs=rhs,
    roundoff=roundoff,
    cases=(
        SMOOTHED,
        DIFFERENCE,
        *BUMPS,
        replace(SKEWED, predicted=Q(5, 7) * SHARPNESS),
        QUADRATICS,
        CENTRE,
        Case("three quadratics in 3-D, D_test = 3", _plane_quadratics),
        TRIGONOMETRIC,
        *DIGITS,
        LONG_STEP,
    ),
    mutants=(
        Mutant("first term dropped", lambda seed: smoothed_absolute(), rhs=second_term),
        Mutant("second term dropped", lambda seed: bump(), rhs=first_term),
        Mutant("D_test squared", lambda seed: bump(D_test=4), rhs=squared_test_batch),
        Mutant("max(T₁, T₂) for the sum", lambda seed: skewed_bump(), rhs=larger_term),
        Mutant(
            "the 2 of the first term lowered to 1.99",
            lambda seed: smoothed_absolute(),
            rhs=lambda gap: first_term(gap) * Q(199, 200),
        ),
    ),
    adversaries=(
        Adversary("√(w² + d²): d, s, w", _adversarial_first, ((-3.0, 0.0), (-2.0, 0.0), (-0.5, 0.5)), 0.999),
        Adversary("bump noise: s, η, w", _adversarial_second, ((-1.0, 3.0), (-3.0, 0.0), (-2.0, 2.0)), 0.9975),
    ),
)


def squared_lhs(gap: Gap):
    """‖∇F̂(w) − ∇F(w)‖²: squares keep the rational instances rational."""
    return _enumerated_gap(gap) ** 2


def squared_rhs(gap: Gap):
    """T₁² + T₂²."""
    return first_term(gap) ** 2 + second_term(gap) ** 2


PYTHAGOREAN = replace(
    THEOREM_4_11,
    id="fallah2020/theorem_4_11_pythagorean",
    title="Theorem 4.11, sharpened",
    source=Source("fallah2020", "Theorem 4.11, sharpened", "D"),
    claim=r"\|\nabla\hat F(w)-\nabla F(w)\|^2\le\Big(\frac{2\alpha L\tilde\sigma}{\sqrt{D_{test}}}\Big)^2"
    r"+\Big(\frac{\alpha^2L\sigma_H\tilde\sigma}{D_{test}}\Big)^2",
    lhs=squared_lhs,
    rhs=squared_rhs,
    roundoff=lambda gap: 2 * roundoff(gap) * jnp.sqrt(squared_rhs(gap)) + roundoff(gap) ** 2,
    cases=(
        replace(SMOOTHED, predicted=Q(999000000, 1001001001) ** 2),
        replace(SKEWED, predicted=SHARPNESS**2),
        Case(
            "the same with T₁ : T₂ = 12 : 5",
            lambda seed: skewed_bump(2, 3),
            predicted=((1 - Q(12, 13) / (2 * 10**5)) / (1 + Q(1, 2 * 10**6))) ** 2,
        ),
        *(replace(case, predicted=None) for case in (*BUMPS, QUADRATICS, CENTRE, TRIGONOMETRIC)),
        LONG_STEP,
    ),
    mutants=(
        Mutant("T₁² dropped", lambda seed: smoothed_absolute(), rhs=lambda gap: second_term(gap) ** 2),
        Mutant("T₂² dropped", lambda seed: bump(), rhs=lambda gap: first_term(gap) ** 2),
        Mutant("lowered to max(T₁, T₂)²", lambda seed: skewed_bump(), rhs=lambda gap: larger_term(gap) ** 2),
        Mutant("lowered by 1 %", lambda seed: skewed_bump(), rhs=lambda gap: squared_rhs(gap) * Q(99, 100)),
    ),
    adversaries=(
        Adversary(
            "ramp and lopsided bump: κ, c, w, f'(0)",
            _adversarial_both,
            ((0.0, 4.0), (0.2, 5.0), (0.0, 2.0), (-2.0, 2.0)),
            0.99892,
        ),
    ),
)


def taylor_bound(gap: Gap):
    """ρα²σ̃²/D_test + T₂."""
    c = gap.constants
    return c.rho * gap.alpha**2 * c.sigma_tilde**2 / gap.D_test + second_term(gap)


def taylor_hypotheses(gap: Gap):
    """The hypotheses of the theorem, and the Hessian's Lipschitz quotient between w⁺ and single-sample w̃ at most ρ."""
    return hypotheses(gap) | {"Hessian is ρ-Lipschitz": margin(gap.constants.rho, _curvature_change(_any_batch(gap)))}


@jit_unless_exact
def _curvature_change(gap: Gap):
    def of_task(task):
        w_plus = inner_step(task, gap.alpha, gap.w)

        def quotient(theta):
            adapted = tree.step(gap.w, gap.alpha, task.sample_gradient(gap.w, theta))
            return measure.hessian_quotient(task, w_plus, adapted)

        return measure.largest_over_samples(task, quotient)

    values = gap.family.map(of_task)
    return values if gap.family.stacked else np.array(values)


TAYLOR = replace(
    THEOREM_4_11,
    id="fallah2020/theorem_4_11_taylor",
    title="Theorem 4.11, Taylor bound",
    source=Source("fallah2020", "Theorem 4.11, with Assumption 4.4", "D"),
    claim=r"\|\nabla\hat F(w)-\nabla F(w)\|\le\frac{\rho\alpha^2\tilde\sigma^2}{D_{test}}"
    r"+\frac{\alpha^2L\sigma_H\tilde\sigma}{D_{test}}",
    hypotheses=taylor_hypotheses,
    rhs=taylor_bound,
    cases=(
        Case("tilted ramp, ρ = 1, D_test = 1", lambda seed: tilted_ramp(), predicted=Q(1)),
        Case("tilted ramp, ρ = 1, D_test = 7", lambda seed: tilted_ramp(7), predicted=Q(1)),
        *(replace(case, predicted=None) for case in (*BUMPS, QUADRATICS, CENTRE, TRIGONOMETRIC)),
        *DIGITS,
    ),
    mutants=(
        Mutant("ρ term dropped", lambda seed: tilted_ramp(7), rhs=second_term),
        Mutant("T₂ dropped", lambda seed: bump(), rhs=lambda gap: taylor_bound(gap) - second_term(gap)),
        Mutant(
            "ρα²σ̃²/D_test halved",
            lambda seed: tilted_ramp(7),
            rhs=lambda gap: (taylor_bound(gap) + second_term(gap)) / 2,
        ),
    ),
    adversaries=(),
)

STATEMENTS = (THEOREM_4_11, PYTHAGOREAN, TAYLOR)
