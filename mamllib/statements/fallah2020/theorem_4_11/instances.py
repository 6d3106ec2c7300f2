"""Instances of Theorem 4.11: where its terms are attained, random ones, real data, and families to search."""

from mamllib.statements.fallah2020.lemma_4_10.instances import tilted_saddle
from mamllib.statements.fallah2020.theorem_4_11.question import Gap
from mamllib.statements.kit import Constants, Q, TaskFamily, Verdict, case, np, replace
from mamllib.tasks import (
    AtomicNoise,
    BumpNoise,
    CurvatureNoise,
    Noisy,
    OddRamp,
    Quadratic,
    RademacherNoise,
    SinusoidalNoise,
    SkewedBumpNoise,
    SmoothedAbsolute,
    Trigonometric,
    digit_pairs,
)


def quadratics(D_test: int = 4) -> Gap:
    """Three quadratics with additive noise: F̂ = F + (α²/2) tr(AΣ)/D_test, so the gradients agree exactly."""
    tasks = [Noisy(Quadratic(Q(a), Q(c)), RademacherNoise(Q(2))) for a, c in ((1, 3), (-1, 0), (Q(1, 2), -5))]
    return Gap.of(TaskFamily.of(tasks), Q(1), Q(7, 3), D_test)


def smoothed_absolute(m: int = 1000, n: int = 1, scale=Q(1, 10**6), alpha=Q(1)) -> Gap:
    """f' = √(w² + d²) − tilt, L = 1, noise ±s with αs = scale·(m² − n²), d = scale·2mn, at w = d²/4 − 1, where the tilt
    makes w⁺ = 0 (it is 2 at α = 1).

    T₂ = 0 and, at α = 1, gap/T₁ = [(m − n)/(m + n)]/(1 + d²/4): the first term is approached as d/s and d → 0. At other
    α it is (1 + α)/2 times that, in the limit.
    """
    d, s, w = scale * 2 * m * n, scale * (m * m - n * n) / alpha, scale**2 * (m * n) ** 2 - 1
    task = Noisy(SmoothedAbsolute(Q(1), d, 1 + d * d / 4 - w / alpha), RademacherNoise(s))
    return Gap.of(TaskFamily.of([task]), alpha, w, 1)


def smoothed_absolute_float(d: float, s: float = 0.3, D_test: int = 1) -> Gap:
    """The same instance in float64 for any d, s and D_test."""
    task = Noisy(SmoothedAbsolute(1.0, d, 2.0), RademacherNoise(s))
    return Gap.of(TaskFamily.of([task]), 1.0, d * d / 4 - 1, D_test)


def saddle(directions: int, D_test: int, epsilon: float = 1e-9) -> Gap:
    """``tilted_saddle`` of slope −2 at (0, −1), α = L = 1: w⁺ = 0, where its gradient is (0, r − 2), and I − αH = 2I.

    So the gap is 2E‖mean of D atoms‖ as ε → 0: √D E‖·‖ of T₁ (T₂ = 0), which tends to 1 for every D as m → ∞.
    """
    w = np.zeros(directions + 1)
    w[-1] = -1.0
    return Gap.of(TaskFamily.of([tilted_saddle(-2.0, directions, epsilon)]), 1.0, w, D_test)


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


def tilted_ramp(D_test: int = 1, alpha=Q(1)) -> Gap:
    """f'' = clip(w, −1, 1) with f'(0) = −½ − 1/α at w = −1, noise ±1/α: w⁺ = 0 and gap = (1 + α)/(2D_test), which is
    ρα²σ̃²/D_test at α = 1."""
    task = Noisy(OddRamp(Q(1), Q(1), -Q(1, 2) - 1 / alpha), RademacherNoise(1 / alpha))
    return Gap.of(TaskFamily.of([task]), alpha, Q(-1), D_test)


def common_centre(D_test: int = 1) -> Gap:
    """Curvature noise ½ ± ½ about a common centre at w = 1: gap = α²Ā Var(a)(w − c)/D, with σ̃ taken at this w."""
    family = TaskFamily.of([Noisy(Quadratic(Q(1), Q(0)), CurvatureNoise(Q(1, 2), Q(0)))])
    return Gap.of(family, Q(1, 2), Q(1), D_test, Constants(Q(1), Q(0), Q(1, 2), Q(1, 2)))


def plane_quadratics(seed: int) -> Gap:
    """Three quadratics in 3-D with additive noise of four atoms, D_test = 3."""
    rng = np.random.default_rng(seed)
    atoms, A = rng.normal(size=(4, 3)), np.array([[1.0, 0.3, 0.0], [0.3, -0.5, 0.2], [0.0, 0.2, 0.8]])
    noise = AtomicNoise(atoms - atoms.mean(axis=0))
    family = TaskFamily.of([Noisy(Quadratic(A, c), noise) for c in rng.normal(size=(3, 3))])
    return Gap.of(family, 1 / family.constants.L, rng.normal(size=3), 3)


def trigonometric(D_test: int = 4, seed: int = 0) -> Gap:
    """Six trigonometric tasks in 3-D with sinusoidal noise, whose σ̃ and σ_H hold at every w; α = 0.9, L = 1."""
    rng = np.random.default_rng(seed)
    noise = SinusoidalNoise(0.7, 2.0, angles=3, dimension=3)
    family = TaskFamily.of([Noisy(Trigonometric(0.5, 0.5, 3.0, t), noise) for t in rng.normal(size=(6, 3))])
    return Gap.of(family, 0.9, 2 * rng.normal(size=3), D_test)


def digits(D_test: int = 1, samples: int = 0, seed: int = 0) -> Gap:
    """The 45 digit pairs with α = 1/L at a random w: batches enumerated, or drawn where ``samples`` > 0."""
    family, w = digit_pairs(), 0.3 * np.random.default_rng(seed).normal(size=65)
    return Gap.of(family, 1 / family.constants.L, w, D_test, samples=samples, seed=seed)


def too_long_step() -> Gap:
    """The exact quadratics with α = 2/L."""
    return replace(quadratics(), alpha=Q(2))


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


SMOOTHED = case("√(w² + d²), d = 0.002, s ≈ 1", smoothed_absolute, predicted=Q(999000000, 1001001001))
BUMPS = (
    case("bump noise, s = 1000, D_test = 1", bump, predicted=Q(10**6, 1002501)),
    case("bump noise, s = 2000, D_test = 4", bump, Q(2000), D_test=4, predicted=Q(10**6, 1002501)),
)
QUADRATICS = case("three quadratics, additive noise, D_test = 4", quadratics, predicted=Q(0))
CENTRE = case("curvature noise about a common centre", common_centre, predicted=Q(1, 9))
TRIGONOMETRIC = case("six trigonometric tasks in 3-D, D_test = 4", lambda seed: trigonometric(4, seed))
DIGITS = (
    case("45 digit pairs, D_test = 1", lambda seed: digits(1, seed=seed)),
    case("45 digit pairs, D_test = 10", lambda seed: digits(10, 40_000, seed), sampled=1),
)
SKEWED = case("ramp and lopsided bump noise, T₁ : T₂ = 4 : 3", skewed_bump)
DIFFERENCE = case("√(w² + d²), d = 10⁻³, s = 0.3, float64", smoothed_absolute_float, 1e-3, predicted=0.99667)
SHARPNESS = (1 - Q(4, 10**6)) / (1 + Q(1, 2 * 10**6))
SADDLES = (
    case("tilted saddle, 60 directions, D_test = 2", saddle, 60, 2, predicted=1 - (1 - 0.5**0.5) / 60),
    case("tilted saddle, 24 directions, D_test = 3", saddle, 24, 3),
)
LONG_STEP = case("three quadratics at α = 2/L", too_long_step, expected=Verdict.SILENT)
