"""Instances of Lemma 4.10: where its bounds are attained, random ones, real data, and families to search."""

from mamllib.statements.fallah2020.lemma_4_10.question import Adaptation
from mamllib.statements.kit import Constants, Parameters, Q, TaskFamily, jnp, np, replace, sqrt
from mamllib.tasks import (
    AtomicNoise,
    Noisy,
    OddRamp,
    Quadratic,
    RademacherNoise,
    SinusoidalNoise,
    SmoothedAbsolute,
    Trigonometric,
    digit_pair,
    digit_pairs,
)
from mamllib.tasks.task import Task, register


def smoothed_absolute(t=Q(400, 39999), D_in: int = 1, alpha=Q(1)) -> Adaptation:
    """f' = √(w² + d²) − d at w = 0 with noise ±1 and d = αt: bias/bound = √(1 + t²) − t at D_in = 1.

    t = 2mn/(m² − n²) makes it rational, (m − n)/(m + n); the default is m = 200, n = 1.
    """
    d = alpha * t
    one = t / t
    task = Noisy(SmoothedAbsolute(one, d, d), RademacherNoise(one))
    return Adaptation.of(TaskFamily.of([task]), alpha, 0 * t, D_in)


def odd_ramp(x=Q(1), D_in: int = 1, one=Q(1)) -> Adaptation:
    """f'' = clip(ρw, −L, L) at w = 0, α = L = 1, noise ±1, ρ = x: the Taylor bound is attained for x ≤ 1 at every D_in.

    At D_in = 1 and x ≥ 1 the bias is 1 − 1/(2x) of αLσ̃.
    """
    return Adaptation.of(TaskFamily.of([Noisy(OddRamp(one, x * one), RademacherNoise(one))]), one, 0 * one, D_in)


@register
class Saddle(Task):
    """w = (x, t), r = √(‖x‖² + ε²): f(w) = tr where |t| ≤ r, and ±(r² + t²)/2 beyond, with the sign of t. L = 1.

    ∇f(x, 0) = (0, r): on the plane t = 0 the gradient is a smoothed ‖x‖ times a *fixed* direction.
    Where |t| < r the Hessian has the eigenvalue t/r across x and, in the plane of x and t, those of the matrix
    [[tq/r, p], [p, 0]] with q = ε²/r², p² = 1 − q, which are at most 1 in size since |t|/r ≤ 1 and q + p² = 1. Beyond
    it is ±I. Values and gradients meet on the cone |t| = r. The Hessian jumps there (and only there): no ρ exists
    until a mollifier of width η rounds that off, which keeps L = 1 and moves gradients by at most η.
    ``slope`` · t may be added: it tilts the saddle.
    """

    epsilon: Parameters
    slope: Parameters = 0.0

    @property
    def constants(self) -> Constants:
        """L = 1, ρ = ∞."""
        return Constants(1.0, float("inf"), 0.0, 0.0)

    def loss(self, w):
        """tr, or ±(r² + t²)/2, and the tilt."""
        x, t = w[:-1], w[-1]
        r = jnp.sqrt(jnp.sum(x**2) + self.epsilon**2)
        return jnp.where(jnp.abs(t) <= r, t * r, jnp.sign(t) * (r**2 + t**2) / 2) + self.slope * t


def many_directions(directions: int = 12, D_in: int = 2, epsilon: float = 1e-9) -> Adaptation:
    """``Saddle`` at 0 with noise ±e_1, …, ±e_m, α = 1: as ε → 0, bias/bound = √D E‖mean of D such atoms‖.

    At D_in = 2 that is 1 − (1 − √½)/m, and at every D_in it tends to 1 as m → ∞: D draws are then orthogonal.
    """
    task = tilted_saddle(0.0, directions, epsilon)
    return Adaptation.of(TaskFamily.of([task]), 1.0, jnp.zeros(directions + 1), D_in)


def tilted_saddle(slope: float, directions: int, epsilon: float = 1e-9) -> Noisy:
    """``Saddle`` with this slope along t and noise ±e_1, …, ±e_m: σ̃ = 1, and D draws lie on different axes as m → ∞."""
    axes = jnp.eye(directions, directions + 1)
    return Noisy(Saddle(jnp.asarray(epsilon), jnp.asarray(slope)), AtomicNoise(jnp.concatenate([axes, -axes])))


def aligned_bias(w=Q(1), phi=Q(1), D_o: int = 100, d=Q(400, 39999)) -> Adaptation:
    """f' = √(w² + d²) − c with w⁺ = 0, α = ½, noise ±2, D_in = 1: the bias points along ∇f(w⁺) ≈ w.

    As d → 0 both sides of (21) tend to (w + 1)² + 4/D_o at φ = w.
    """
    one = w / w
    slope = sqrt(w * w + d * d) - 2 * w
    task = Noisy(SmoothedAbsolute(one, d, slope), RademacherNoise(2 * one))
    return Adaptation.of(TaskFamily.of([task]), one / 2, w, 1, D_o, phi)


def noisy_quadratic(D_in: int = 4, D_o: int = 3, phi=Q(1, 100)) -> Adaptation:
    """f = w²/2 at its minimum with noise ±1, α = 1: both sides of (21) are noise alone."""
    task = Noisy(Quadratic(Q(1), Q(0)), RademacherNoise(Q(1)))
    return Adaptation.of(TaskFamily.of([task]), Q(1), Q(0), D_in, D_o, phi)


def trigonometric(seed: int) -> Adaptation:
    """Six tilted rippled parabolas in 3-D with sinusoidal noise, D_in = 4, D_o = 2, φ = ½."""
    rng = np.random.default_rng(seed)
    noise = SinusoidalNoise(0.7, 2.0, angles=3, dimension=3)
    family = TaskFamily.of([Noisy(Trigonometric(0.5, 0.5, 3.0, t), noise) for t in rng.normal(size=(6, 3))])
    return Adaptation.of(family, 0.9, 2 * rng.normal(size=3), D_in=4, D_o=2, phi=0.5)


def digits_enumerated(seed: int) -> Adaptation:
    """The 45 digit pairs at α = 1/L, all batches of one sample listed."""
    family = digit_pairs()
    return Adaptation.of(family, 1 / family.constants.L, _random_weights(seed), 1)


DIGIT_PAIRS_SAMPLED = ((0, 1), (3, 8), (4, 9))


def digits_sampled(seed: int) -> Adaptation:
    """Three digit pairs at α = 1/L, batches of ten, sampled."""
    family = TaskFamily.of([digit_pair(a, b) for a, b in DIGIT_PAIRS_SAMPLED])
    return Adaptation.of(family, 1 / family.constants.L, _random_weights(seed), 10, 10, samples=40_000, seed=seed)


def _random_weights(seed: int):
    return 0.3 * np.random.default_rng(seed).normal(size=65)


def halved_deviation(instance, *arguments) -> Adaptation:
    """The same instance with σ̃ understated by half."""
    problem = instance(*arguments)
    return replace(problem, constants=problem.constants._replace(sigma_tilde=problem.constants.sigma_tilde / 2))


def adversarial(parameters) -> Adaptation:
    """Smoothed absolute values: (log₁₀ t, w, αL)."""
    log_t, w, alpha_L = parameters
    d = alpha_L * 10**log_t
    task = Noisy(SmoothedAbsolute(1.0, d, d), RademacherNoise(1.0))
    return Adaptation.of(TaskFamily.of([task]), alpha_L, w, 1, constants=Constants(1.0, 1 / d, 1.0, 0.0))


def adversarial_ramp(parameters) -> Adaptation:
    """Odd ramps: (log₁₀ ρ, w, α)."""
    log_x, w, alpha = parameters
    task = Noisy(OddRamp(1.0, 10**log_x), RademacherNoise(1.0))
    return Adaptation.of(TaskFamily.of([task]), alpha, w, 1, constants=Constants(1.0, 10**log_x, 1.0, 0.0))


def adversarial_moment(parameters) -> Adaptation:
    """Noisy quadratics: (w, log₁₀ φ)."""
    w, log_phi = parameters
    task = Noisy(Quadratic(1.0, 0.0), RademacherNoise(1.0))
    return Adaptation.of(TaskFamily.of([task]), 1.0, w, 4, 3, 10**log_phi, constants=Constants(1.0, 0.0, 1.0, 0.0))
