"""Problems on which the convergence theorems are run, each with its σ, L, ρ, σ̃, σ_H and Δ known."""

from fractions import Fraction as Q
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.estimators import BatchSizes
from mamllib.objectives import meta_loss
from mamllib.statements.fallah2020.convergence.run import Run, run
from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.tasks import (
    Noisy,
    Quadratic,
    RademacherNoise,
    SinusoidalNoise,
    TaskFamily,
    Trigonometric,
    digit_pairs,
    quadratic_family,
)

NO_SAMPLES = BatchSizes(1, 1, 1)


def one_quadratic(algorithm: str, alpha=Q(1, 6), epsilon=Q(1, 10)) -> Run:
    """f = ½(w − 1)² from w = 0 in fractions: σ = σ̃ = 0, so T = ε. F = ½(1 − α)²(w − 1)², Δ = F(0)."""
    family = TaskFamily.of([Quadratic(Q(1), Q(1))], sigma=Q(0))
    gap = (1 - alpha) ** 2 / 2
    return run(Setting.of(algorithm, family, alpha, Q(0), 25, NO_SAMPLES, gap, epsilon), 500)


@cache
def two_centres(algorithm: str, gradient, epsilon, B: int = 20, inverse_step: int = 6, seeds: int = 800, **options):
    """½(w − 1)² and ½(w + 1)², so σ = 1, from where ‖∇F‖ = ``gradient``: Δ = gradient²/(2(1 − α)²)."""
    alpha = 1 / inverse_step
    curvature = (1 - alpha) ** 2
    family = quadratic_family(1.0, jnp.array([1.0, -1.0]))
    gap = gradient**2 / (2 * curvature)
    setting = Setting.of(algorithm, family, alpha, gradient / curvature, B, NO_SAMPLES, gap, epsilon, **options)
    return run(setting, complete(gap, epsilon), seeds)


@cache
def noisy_quadratic(algorithm: str, gradient, epsilon, inverse_step: int = 6) -> Run:
    """½w² with sample gradients ±1, D_in = D_o = 1 and B = 20, so σ = 0 and σ̃ = 1, from ‖∇F‖ = ``gradient``."""
    alpha = 1 / inverse_step
    curvature = (1 - alpha) ** 2
    family = TaskFamily.of([Noisy(Quadratic(1.0, 0.0), RademacherNoise(1.0))], sigma=0.0)
    gap = gradient**2 / (2 * curvature)
    setting = Setting.of(algorithm, family, alpha, gradient / curvature, 20, NO_SAMPLES, gap, epsilon)
    return run(setting, complete(gap, epsilon), 300)


def rippled(algorithm: str, seed: int, inverse_step: int = 6, reach: float = 8.0, iterations: int = 400) -> Run:
    """Four tilted rippled parabolas with sample noise in 3-D, from about ``reach`` away; B = 20, D_in = 20, D_o = 5."""
    key_t, key_w = jax.random.split(jax.random.key(seed))
    tilts = 0.3 * jax.random.normal(key_t, (4, 3))
    noise = SinusoidalNoise(0.3, 2.0, 3, 3)
    family = TaskFamily.of([Noisy(Trigonometric(0.5, 0.5, 2.0, t), noise) for t in tilts])
    family = family.with_sigma(jnp.sqrt(jnp.mean(jnp.sum((tilts - tilts.mean(axis=0)) ** 2, axis=1))))
    alpha, w = 1 / inverse_step, reach * jax.random.normal(key_w, (3,))
    # f_i ≥ ¼‖w‖² + ⟨t, w⟩ − 3b/κ² ≥ −‖t‖² − 3/8
    gap = meta_loss(family, alpha, w) + jnp.mean(jnp.sum(tilts**2, axis=1)) + 3 / 8
    setting = Setting.of(algorithm, family, alpha, w, 20, BatchSizes(20, 5, 5), gap, 0.05)
    return run(setting, iterations, 16, seed)


def digits(algorithm: str, seed: int, inverse_step: int = 6, iterations: int = 40) -> Run:
    """The 45 digit pairs from w = 0 with B = 20 and D = 10; losses are ≥ 0, so Δ = F(0)."""
    family = digit_pairs()
    alpha = 1 / (inverse_step * float(family.constants.L))
    w = jnp.zeros(65)
    sizes = BatchSizes(10, 10, 10)
    D_h = int(np.ceil(2 * (alpha * float(family.constants.sigma_H)) ** 2))
    setting = Setting.of(
        algorithm, family, alpha, w, 20, sizes._replace(D_h=max(10, D_h)), meta_loss(family, alpha, w), 0.05
    )
    return run(setting, iterations, 4, seed)


@cache
def unequal_curvatures(algorithm: str) -> Run:
    """½w² and w²: the task gradients drift apart without bound, so no σ exists."""
    family = TaskFamily.of([Quadratic(0.5, -1.0), Quadratic(1.0, 1.0)])
    return run(Setting.of(algorithm, family, 0.1, 2.0, 20, NO_SAMPLES, 5.0, 0.1), 50)


def complete(gap, epsilon) -> int:
    """As many iterations as the largest budget asks for where ρ = 0, L = 1 and T = ε."""
    return int(361 * 4 * gap / epsilon**2) + 2
