"""Instances of Lemma 4.9: where its bounds are attained, random ones, real data, and a condition that fails."""

import math

from mamllib.statements.fallah2020.lemma_4_9.question import Step
from mamllib.statements.kit import Q, TaskFamily, np
from mamllib.tasks import AtomicNoise, EvenRamp, Noisy, RademacherNoise, SinusoidalNoise, Trigonometric, digit_pairs


def attained_first_moment(s=Q(1), declared=None) -> Step:
    """∇f(w) = 0 and sample gradients ±s with 2ραs = sL, D_β = 1: L̃ = (4 + s)L always while L(w) = 4L."""
    family = TaskFamily.of([Noisy(EvenRamp(Q(1), Q(1), Q(0)), RademacherNoise(s))])
    return Step.of(family, Q(1, 2), Q(0), 1, 1, Q(0), family.constants._replace(sigma_tilde=declared or s))


def two_gradient_norms(M, q, sigma_squared, B: int = 1) -> Step:
    """Gradients 0 and M at w = 0, the second with probability q; α = L = ρ = 1, no sample noise."""
    tasks = [EvenRamp(Q(1), Q(1), Q(0)), EvenRamp(Q(1), Q(1), M)]
    return Step.of(TaskFamily.of(tasks, [1 - q, q]), Q(1), Q(0), B, 1, sigma_squared)


def attained_second_moment(mu=Q(683, 125)) -> Step:
    """The two-point law on {0, (8 + μ²)/μ} for Y, reached by gradient norms {0, M}: ½(ρασ/L)² = 1 = B' exactly."""
    q = mu**2 / (8 + mu**2)
    return two_gradient_norms((8 + mu**2) / mu / 2, q, Q(2))


def saturated_second_moment(
    atoms: int = 54, sigma_squared: float = 2.0, scale: float = 1.0, declared: dict | None = None
) -> Step:
    """Gradients s/2 and 1/(2s), s² = 1/(atoms − 1), B' = D_β = 1: every step of the proof is an equality.

    A sample of the first task shifts its gradient by −s/2, or by +1/(2s) once in ``atoms`` draws; the second task's
    noise is the opposite. So each sample gradient is 0 or (s + 1/s)/2, σ̃² = ¼ and, by the choice of q, σ² = 2, or
    ``sigma_squared``. Where all gradients are ``scale`` times as large, σ̃ is; ``declared`` is what is said to hold.
    """
    large = scale * math.sqrt(atoms - 1) / 2
    small = scale**2 / (4 * large)
    q = (1 + math.sqrt(1 - 4 * sigma_squared / (large - small) ** 2)) / 2
    shifts = np.append(np.full(atoms - 1, small), -large)
    tasks = [
        Noisy(EvenRamp(1.0, 1.0, small), AtomicNoise(-shifts)),
        Noisy(EvenRamp(1.0, 1.0, large), AtomicNoise(shifts)),
    ]
    family, declared = TaskFamily.of(tasks, [1 - q, q]), declared or {}
    constants = family.constants._replace(sigma_tilde=declared.get("sigma_tilde", scale / 2))
    return Step.of(family, 1.0, 0.0, 1, 1, declared.get("sigma_squared", sigma_squared), constants)


def rippled(seed: int, samples: int = 0) -> Step:
    """Three tilted rippled parabolas with noise, B' = 2, D_β = 3."""
    rng = np.random.default_rng(seed)
    tilts = 0.4 * rng.normal(size=3)
    tasks = [Noisy(Trigonometric(0.5, 0.5, 3.0, t), SinusoidalNoise(0.5, 2.0)) for t in tilts]
    return Step.of(TaskFamily.of(tasks), 0.9, 4 * rng.normal(), 2, 3, np.var(tilts), samples=samples)


def digit_step(seed: int) -> Step:
    """The 45 digit pairs at α = 1/L with the smallest batches that (18) allows."""
    family = digit_pairs()
    c = family.constants
    alpha = 1 / c.L
    ratio = c.rho * alpha / c.L
    B, D_beta = math.ceil((ratio * family.sigma) ** 2 / 2), math.ceil((2 * ratio * c.sigma_tilde) ** 2)
    w = 0.3 * np.random.default_rng(seed).normal(size=65)
    return Step.of(family, alpha, w, B, D_beta, samples=20_000, seed=seed)


def lopsided_noise() -> Step:
    """2ραs = 10L with D_β = 1: the condition on D_β is missed a hundredfold."""
    task = Noisy(EvenRamp(Q(1), Q(1), Q(0)), RademacherNoise(Q(5)))
    return Step.of(TaskFamily.of([task]), Q(1), Q(0), 1, 1, Q(0))
