"""Instances of Lemma 4.8: where its bound is attained, random ones, real data, and a family to search."""

from mamllib.statements.fallah2020.lemma_4_8.question import Pairs
from mamllib.statements.kit import Constants, Q, Scalar, TaskFamily, Verdict, case, jnp, np, replace
from mamllib.tasks import Quadratic, TriangularWave, Trigonometric, digit_pairs

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
    w = task.steepest_point(np.asarray(n, dtype=float))
    return Pairs.of(TaskFamily.of([task]), alpha_L / (abs(a) + b), w, w + 1e-3 / kappa)


def random_waves(seed: int) -> Pairs:
    """Two triangular waves and a parabola, 40 pairs of random fractions."""
    draws = np.random.default_rng(seed).integers(-4000, 4000, (40, 2)).tolist()
    tasks = [TriangularWave(Q(-1), Q(1, 2), Q(2)), TriangularWave(Q(1), Q(1, 3), Q(1)), Quadratic(Q(1), Q(5))]
    w, u = zip(*((Q(a, 37), Q(b, 41)) for a, b in draws), strict=True)
    return Pairs.of(TaskFamily.of(tasks), Q(2, 3), w, u)


def random_tasks(seed: int) -> Pairs:
    """Eight tilted trigonometric tasks in 5-D at α = 1/L, 64 pairs from 10⁻⁴ to 10 apart."""
    rng = np.random.default_rng(seed)
    tasks = [Trigonometric((-1.0) ** i, 0.3 + 0.05 * i, 2.0 + i, rng.normal(size=5)) for i in range(8)]
    w, distance = 20 * rng.normal(size=(64, 5)), 10 ** rng.uniform(-4, 1, (64, 1))
    family = TaskFamily.of(tasks)
    return Pairs.of(family, 1 / family.constants.L, w, w + distance * rng.normal(size=(64, 5)))


def digits(seed: int) -> Pairs:
    """The 45 digit pairs at α = 1/L, 24 pairs of points of sizes 0.01 to 3."""
    rng = np.random.default_rng(seed)
    scale = 10 ** rng.uniform(-2, 0.5, (24, 1))
    w = scale * rng.normal(size=(24, 65))
    family = digit_pairs()
    return Pairs.of(family, 1 / family.constants.L, w, w + 0.1 * scale * rng.normal(size=(24, 65)))


def understated(seed: int) -> Pairs:
    """A triangular wave with ρ understated by a tenth."""
    pairs = wave_pair(Q(1, 100), Q(1, 25), 10**4)
    return replace(pairs, constants=pairs.constants._replace(rho=pairs.constants.rho * 9 / 10))


def not_smooth_witness(C: Scalar) -> Pairs:
    """A pair on which ‖∇F(w) − ∇F(u)‖ > C‖w − u‖, for any given C: n is read off |F''(w_n)| = αρa(1 − αa)w_n + O(1).

    With a = 1, b = ½, κ = 4 and α = 0.6 the slope is 0.48 and the O(1) term at most 4L = 6.
    """
    n = int(np.ceil((C + 10) / 0.48 * 4 / (2 * np.pi)))
    return trigonometric_pairs(1.0, 0.5, 4.0, 0.9, [n])


def adversarial(parameters) -> Pairs:
    """Pairs on f'' = a + b cos κw: (a, b, log₁₀ κ, αL, log₁₀ turns of the wave, phase)."""
    a, b, log_kappa, alpha_L, log_turns, phase = parameters
    kappa = 10**log_kappa
    w = ((2 * jnp.pi * jnp.floor(10**log_turns) + phase) / kappa)[None]
    constants = Constants(jnp.abs(a) + b, b * kappa, 0.0, 0.0)
    family = TaskFamily.of([Trigonometric(a, b, kappa)])
    return Pairs.of(family, alpha_L / constants.L, w, w + 1e-3 / kappa, constants)


FAR = (10, 100, 1000, 10_000)
CONCAVE = case("f = −Lw²/2 at αL = 1", concave_quadratic, predicted=Q(1))
WAVES = case("three tasks, 40 random rational pairs", random_waves)
STEEP = case(
    "trigonometric, a = −1, b = 0.01, κ = 300, αL = 1",
    trigonometric_pairs, -1.0, 0.01, 300.0, 1.0, (10**4,),
    predicted=201 / 202,
)  # fmt: skip
RIPPLES = case(
    "trigonometric, a = 1, b = ½, κ = 4, αL = 0.9",
    trigonometric_pairs, 1.0, 0.5, 4.0, 0.9, FAR,
    predicted=0.2,
)  # fmt: skip
SHARP = (
    case("triangular wave, b = 1/1000, n = 10⁶", wave_pair, predicted=0.9995),
    case("triangular wave, b = 1/100, n = 10⁴", wave_pair, Q(1, 100), Q(1, 25), 10**4, predicted=0.994978),
    CONCAVE,
    WAVES,
    STEEP,
    RIPPLES,
)
SHARED = (
    case("eight tasks in 5-D, 64 random pairs", random_tasks),
    case("45 digit pairs, 24 random pairs of points", digits),
)
RIPPLED = ((CONCAVE, Q(1)), (WAVES, None), (STEEP, 201 / 202), (RIPPLES, 0.4 / 1.9))
BEYOND = case("f = −Lw²/2 at αL = 2", concave_quadratic, Q(2), expected=Verdict.SILENT)
