"""Problems on which the convergence theorems are run, each with its σ, L, ρ, σ̃, σ_H and Δ known."""

import jax.numpy as jnp
import numpy as np

from mamllib.statements.fallah2020.convergence.rate import FO_MAML, HF_MAML, HF_MAML_PRINTED_PROBE, MAML
from mamllib.statements.fallah2020.convergence.run import Run, run
from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.statements.kit import BatchSizes, Q, TaskFamily, evaluate, objectives
from mamllib.tasks import (
    Noisy,
    Quadratic,
    RademacherNoise,
    SinusoidalNoise,
    Trigonometric,
    digit_pairs,
    quadratic_family,
)

NO_SAMPLES = BatchSizes(1, 1, 1)
MOST = max(rate.iterations for rate in (MAML, FO_MAML, HF_MAML, HF_MAML_PRINTED_PROBE))


def one_quadratic(algorithm: str, alpha=Q(1, 6), epsilon=Q(1, 10)) -> Run:
    """f = ½(w − 1)² from w = 0 in fractions: σ = σ̃ = 0, so T = ε. F = ½(1 − α)²(w − 1)², Δ = F(0)."""
    family = TaskFamily.of([Quadratic(Q(1), Q(1))], sigma=Q(0))
    gap = (1 - alpha) ** 2 / 2
    return run(Setting.of(algorithm, family, alpha, Q(0), 25, NO_SAMPLES, gap, epsilon), 500)


def two_centres(seed: int, algorithm: str, gradient, epsilon, B=20, inverse_step=6, seeds=800, **options) -> Run:
    """½(w − 1)² and ½(w + 1)², so σ = 1, from where ‖∇F‖ = ``gradient``: Δ = gradient²/(2(1 − α)²)."""
    family = quadratic_family(1.0, jnp.array([1.0, -1.0]))
    return _parabola(seed, algorithm, family, gradient, epsilon, B, inverse_step, seeds, **options)


def noisy_quadratic(seed: int, algorithm: str, gradient, epsilon, inverse_step=6) -> Run:
    """½w² with sample gradients ±1, D_in = D_o = 1 and B = 20, so σ = 0 and σ̃ = 1, from ‖∇F‖ = ``gradient``."""
    family = TaskFamily.of([Noisy(Quadratic(1.0, 0.0), RademacherNoise(1.0))], sigma=0.0)
    return _parabola(seed, algorithm, family, gradient, epsilon, 20, inverse_step, 300)


def _parabola(seed, algorithm, family, gradient, epsilon, B, inverse_step, seeds, **options) -> Run:
    """F'' = (1 − α)² everywhere, so Δ is known."""
    alpha = 1 / inverse_step
    curvature = (1 - alpha) ** 2
    gap = gradient**2 / (2 * curvature)
    setting = Setting.of(algorithm, family, alpha, gradient / curvature, B, NO_SAMPLES, gap, epsilon, **options)
    return run(setting, complete(gap, epsilon), seeds, seed)


def rippled(seed: int, algorithm: str, inverse_step=6, reach=8.0, iterations=400) -> Run:
    """Four tilted rippled parabolas with sample noise in 3-D, from ``reach`` away; B = 20, D_in = 20, D_o = 5."""
    rng = np.random.default_rng(seed)
    tilts, w = 0.3 * rng.normal(size=(4, 3)), rng.normal(size=3)
    w = reach * w / np.linalg.norm(w)
    noise = SinusoidalNoise(0.3, 2.0, 3, 3)
    deviation = np.sqrt(np.mean(np.sum((tilts - tilts.mean(axis=0)) ** 2, axis=1)))
    family = TaskFamily.of([Noisy(Trigonometric(0.5, 0.5, 2.0, t), noise) for t in tilts], sigma=deviation)
    # f_i ≥ ¼‖w‖² + ⟨t, w⟩ − 3b/κ² ≥ −‖t‖² − 3/8
    gap = start_loss(family, 1 / inverse_step, w) + np.mean(np.sum(tilts**2, axis=1)) + 3 / 8
    setting = Setting.of(algorithm, family, 1 / inverse_step, w, 20, BatchSizes(20, 5, 5), gap, 0.05)
    return run(setting, iterations, 16, seed)


def digits(seed: int, algorithm: str, inverse_step=6, iterations=40) -> Run:
    """The 45 digit pairs from w = 0 with B = 20 and D = 10; losses are ≥ 0, so Δ = F(0)."""
    family, w = digit_pairs(), np.zeros(65)
    alpha = 1 / (inverse_step * float(family.constants.L))
    D_h = max(10, int(np.ceil(2 * (alpha * float(family.constants.sigma_H)) ** 2)))
    gap = start_loss(family, alpha, w)
    setting = Setting.of(algorithm, family, alpha, w, 20, BatchSizes(10, 10, D_h), gap, 0.05)
    return run(setting, iterations, 4, seed)


def unequal_curvatures(seed: int, algorithm: str) -> Run:
    """½w² and w²: the task gradients drift apart without bound, so no σ exists."""
    family = TaskFamily.of([Quadratic(0.5, -1.0), Quadratic(1.0, 1.0)])
    return run(Setting.of(algorithm, family, 0.1, 2.0, 20, NO_SAMPLES, 5.0, 0.1), 50, seed=seed)


def complete(gap, epsilon) -> int:
    """As many iterations as the largest budget asks for where ρ = 0, L = 1 and T = ε."""
    return int(MOST * 4 * gap / epsilon**2) + 2


def start_loss(family: TaskFamily, alpha, w):
    """F(w), by one compiled program."""
    return evaluate(_meta_loss, (family, alpha, w))


def _meta_loss(given):
    return objectives.meta_loss(*given)
