"""Instances of Theorem 4.11: where its terms are attained, random ones, real data, and families to search."""

import functools
from dataclasses import replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp

from mamllib.statements.fallah2020.theorem_4_11.gap import Gap
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


def plane_quadratics(seed: int) -> Gap:
    """Three quadratics in 3-D with additive noise of four atoms, D_test = 3."""
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


def too_long_step(seed: int) -> Gap:
    """The exact quadratics with α = 2/L."""
    gap = quadratics()
    return replace(gap, alpha=Q(2))


def adversarial_first(parameters) -> Gap:
    """Smoothed absolute values: (log₁₀ d, log₁₀ s, offset of w)."""
    log_d, log_s, offset = parameters
    d, s = 10**log_d, 10**log_s
    family = TaskFamily.of([Noisy(SmoothedAbsolute(1.0, d, 2.0), RademacherNoise(s))])
    return Gap.of(family, 1.0, d * d / 4 - 1 + offset, 1, Constants(1.0, 1 / d, s, 0.0))


def adversarial_second(parameters) -> Gap:
    """Bump noise: (log₁₀ s, log₁₀ η, w)."""
    log_s, log_eta, w = parameters
    s, eta = 10**log_s, 10**log_eta
    family = TaskFamily.of([Noisy(Quadratic(1.0, 0.0), BumpNoise(s, eta))])
    return Gap.of(family, 1.0, w, 1, Constants(1.0, 0.0, s * (1 + eta / 2), s))


def adversarial_both(parameters) -> Gap:
    """Tilted ramps with lopsided bump noise."""
    log_kappa, c, edges, offset = parameters
    kappa, eta, w = 10**log_kappa, 1e-3, -edges / c
    tilt = 1 / (2 * kappa) + 2 * w + offset
    family = TaskFamily.of([Noisy(OddRamp(1.0, kappa, tilt), SkewedBumpNoise(1.0, c, eta))])
    return Gap.of(family, 1.0, w, 1, Constants(1.0, kappa, 1 + eta / 2, c))
