"""Instances of path noise, bias and second moment: where each is attained, random ones, and a few images."""

from mamllib.statements.ji2022.sampled_path import SampledPath
from mamllib.statements.kit import Q, TaskFamily, np, sqrt
from mamllib.tasks import (
    BrokenLine,
    KnottedNoise,
    Logistic,
    Noisy,
    Quadratic,
    RademacherNoise,
    SinusoidalNoise,
    digit_pair,
    trigonometric_family,
)

MANY = 10**12  # samples behind an outer gradient that is as good as exact


def amplified(N: int, D_in: int = 1, alpha=Q(1, 2), w=Q(0), D_o: int = 1) -> SampledPath:
    """−w²/2 with noise ±1: every error is multiplied by x = 1 + α in every later step."""
    task = Noisy(Quadratic(-alpha / alpha, 0 * alpha), RademacherNoise(alpha / alpha))
    return SampledPath.of(TaskFamily.of([task]), alpha, w, D_in, N, D_o)


def two_values() -> SampledPath:
    """−w²/2 at α = ⅓ from 0, N = 2: e_1 = ±⅓, then e_2 = ±5/9, the same sign as e_1 with chance 9/10.

    Each of four atoms gives the noise at −⅓, 0 and ⅓: ±1 at 0; at ±⅓ it is ∓⅓, or with chance 1/10 ±3.
    """
    atoms = [(-3, -1, Q(-1, 3)), (Q(1, 3), -1, Q(-1, 3)), (Q(1, 3), 1, Q(-1, 3)), (Q(1, 3), 1, 3)]
    chances = [Q(1, 10), Q(4, 10), Q(4, 10), Q(1, 10)]
    knots = np.array([Q(-1, 3), Q(0), Q(1, 3)])
    noise = KnottedNoise(knots, np.array(atoms) + Q(0), np.array(chances))
    return SampledPath.of(TaskFamily.of([Noisy(Quadratic(Q(-1), Q(0)), noise)]), Q(1, 3), Q(0), 1, 2)


def turned_up(N: int = 1, alpha=Q(1), D_in: int = 1, d=Q(1, 100)) -> SampledPath:
    """l' = |w − d| − d with its corner rounded, noise ±1, at w = 0, where l'' = −1 and l' = 0.

    E l'(w_1) is nearly αE|ξ| and the factor nearly 1 + α: the first term of the bias, all of it.
    """
    task = BrokenLine((d * 3 / 4, d * 5 / 4), (-d / d, d / d), 0 * d)
    noisy = Noisy(task, RademacherNoise(d / d))
    return SampledPath.of(TaskFamily.of([noisy]), alpha, 0 * d, D_in, N, MANY)


def vee(alpha=Q(1, 2), sigma=Q(1, 1000), bend=100) -> SampledPath:
    """l'' = −1 but for a V at w̃_1 with slope ρ = ``bend``/α, from a w with l'(w) = −1; two steps, noise ±σ.

    The second factor is largest at w̃_1 and smaller on either side of it: the second term of the bias.
    """
    one, step = alpha / alpha, alpha * sigma
    rho = bend / alpha
    corners = tuple(alpha + multiple * step for multiple in (-4, -2, 0, 2, 4))
    top = -one + 2 * rho * step
    line = BrokenLine(corners, (-one, top, -one, top, -one), -one)
    return SampledPath.of(TaskFamily.of([Noisy(line, RademacherNoise(sigma))]), alpha, 0 * one, 1, 2, MANY)


def doubled(alpha=Q(1, 1000)) -> SampledPath:
    """l' = 1 + |w| with its corner rounded beside 0, where l'' = −1, and noise of size 1/α: w_1 = −α ± 1.

    Mean gradient and noise point the same way: (a + b)² and not a² + b².
    """
    d = alpha / 4
    line = BrokenLine((d, 3 * d), (-alpha / alpha, alpha / alpha), 1 + 0 * d)
    return SampledPath.of(TaskFamily.of([Noisy(line, RademacherNoise(1 / alpha))]), alpha, 0 * d, 1, 1, MANY)


def shaken_hessian(N: int = 3, D_h: int = 1, alpha=Q(1, 2), eta=Q(1, 10**6)) -> SampledPath:
    """−w²/2 from 1 with noise in the Hessian alone: ±1 at every point x^j of the path, where the gradient has none."""
    one, x = alpha / alpha, 1 + alpha
    knots = [x**j + side * eta for j in range(N) for side in (-2, -1, 1, 2)]
    wave = [0 * one, -eta, eta, 0 * one] * N
    atoms = np.array([wave, [-value for value in wave]])
    noise = KnottedNoise(np.array(knots), atoms, np.array([one / 2, one / 2]))
    task = Noisy(Quadratic(-one, 0 * one), noise)
    return SampledPath.of(TaskFamily.of([task]), alpha, one, 1, N, MANY, D_h)


def heavy_tails(rarity=Q(1, 100)) -> SampledPath:
    """−w²/2, N = 1, with a noise z that reaches gradient and Hessian at once: z = 0, or ±1/√ε with chance ε."""
    delta, size, w = Q(1, 100), sqrt(1 / rarity), Q(3, 10)
    knots = np.array([w + delta - 1, w + delta])
    atoms = np.array([(Q(0), Q(0)), (Q(0), size), (Q(0), -size)])
    noise = KnottedNoise(knots, atoms, np.array([1 - rarity, rarity / 2, rarity / 2]))
    return SampledPath.of(TaskFamily.of([Noisy(Quadratic(Q(-1), Q(0)), noise)]), Q(1, 2), w, 1, 1, MANY, 1)


def rippled(seed: int) -> SampledPath:
    """Six tilted rippled parabolas in 3-D with sinusoidal noise; three steps."""
    rng = np.random.default_rng(seed)
    noise = SinusoidalNoise(0.4, 2.0, angles=3, dimension=3)
    tilts = trigonometric_family(0.5, 0.5, 3.0, rng.normal(size=(6, 3)))
    family = TaskFamily.of([Noisy(task, noise) for task in tilts])
    return SampledPath.of(family, 0.2, rng.normal(size=3), 1, 3, 2, 2)


def few_digits(seed: int) -> SampledPath:
    """Logistic regression on the first ten images of 3 and of 8 each, two steps of one image at α = 1/(4L)."""
    pair = digit_pair(3, 8)
    labels = np.asarray(pair.y)
    rows = np.sort(np.concatenate([np.flatnonzero(labels == label)[:10] for label in np.unique(labels)]))
    task = Logistic(np.asarray(pair.x)[rows], labels[rows], pair.ridge)
    w = 0.3 * np.random.default_rng(seed).normal(size=65)
    return SampledPath.of(TaskFamily.of([task]), 0.25 / task.constants.L, w, 1, 2)
