"""Instances of Theorem 4.17: two that refute it as printed, and controls on which the floor is zero."""

from mamllib.statements.fallah2020.convergence.instances import NO_SAMPLES, start_loss
from mamllib.statements.fallah2020.convergence.setting import Setting, printed_displacement
from mamllib.statements.fallah2020.two_ramps import two_ramps_setting
from mamllib.statements.kit import Constants, Q, TaskFamily, np, replace
from mamllib.tasks import EvenRamp, Quadratic, RampAndParabola

LONGER, SHORTER = Q(10), Q(1, 1000)


def instance_a(w=Q(0), alpha=Q(1, 6), epsilon=Q(1, 40), B: int = 10**6, algorithm="HF-MAML") -> Setting:
    """Two ramps with the printed δ; at α = 1/6, w = 0 HF-MAML's expected direction is 0 and ∇F is 23/192."""
    return two_ramps_setting(algorithm, alpha, B, epsilon, w, displacement=printed_displacement(alpha, Q(1)))


def instance_a_floats(w: float, epsilon: float = 0.1) -> Setting:
    """Instance A in float64, to follow a path from ``w``."""
    displacement = printed_displacement(1 / 6, 1.0)
    return two_ramps_setting("HF-MAML", 1 / 6, 10**6, epsilon, w, displacement=displacement)


def with_displacement(factor) -> Setting:
    """Instance A with δ a ``factor`` times the printed one, and the centre that balances it at w = 0 again."""
    alpha, displacement = Q(1, 6), factor * printed_displacement(Q(1, 6), Q(1))
    return two_ramps_setting("HF-MAML", alpha, 10**6, Q(1, 40), Q(0), displacement=displacement)


def instance_b() -> Setting:
    """Three tasks with equal Hessians in two dimensions, in fractions; their tilts alone differ.

    At w = 0 tasks 2 and 3 have g = (−3, ±4)τ, task 1 has g = (g₁, 0). Probes move by 1, so task 1 sees the curvature
    ψ'(1) = 1/2 along x and tasks 2 and 3 see ψ'(3/5)/(3/5) = 3/10: E G = 0 where p₁g₁ · 11/12 = (1 − p₁)3τ · 19/20.
    """
    u, v = Q(3, 10), Q(31, 100)
    tau, g_1 = (u - u**2 / 72) / 3, v - v**2 / 72
    y = Q(24, 5) * tau
    share = Q(57, 20) * tau / (Q(57, 20) * tau + Q(11, 12) * g_1)
    tilts = [np.array(t, dtype=object) for t in ([v, Q(0)], [-u, y], [-u, -y])]
    return _planar(tilts, (share, (1 - share) / 2, (1 - share) / 2), Q(1, 6), Q(1, 1000))


def instance_b_floats(tau: float, epsilon_share: float = 0.05, alpha: float = 1 / 6) -> Setting:
    """Instance B with p = (½, ¼, ¼) and g₁ = (171τ/55, 0); ε is ``epsilon_share`` of αLσ, σ ≈ 4.57τ."""
    x_1, x_2 = (36 - np.sqrt(36**2 - 72 * g) for g in (171 / 55 * tau, 3 * tau))
    tilts = [np.array(t) for t in ([x_1, 0.0], [-x_2, 24 / 5 * tau], [-x_2, -24 / 5 * tau])]
    setting = _planar(tilts, (0.5, 0.25, 0.25), alpha, 1.0)
    return replace(setting, epsilon=epsilon_share * alpha * setting.sigma)


def quadratics() -> Setting:
    """Two parabolas from F's stationary point: their differences are exact for every δ."""
    family = TaskFamily.of([Quadratic(Q(1), Q(1)), Quadratic(Q(1), Q(-1, 2))])
    return _of(family, Q(1, 6), Q(1, 4), Q(3, 4), Q(1), Q(1, 40))


def equal_gradients() -> Setting:
    """A ramp and a parabola with one minimiser and different Hessians, from there: every g is 0."""
    family = TaskFamily.of([EvenRamp(Q(1), Q(1), Q(0)), Quadratic(Q(1), Q(0))])
    return _of(family, Q(1, 6), Q(0), Q(1, 4), Q(1), Q(1, 40))


def _planar(tilts, probabilities, alpha, epsilon) -> Setting:
    family = TaskFamily.of([RampAndParabola(t) for t in tilts], probabilities)
    zero = 0 * tilts[0]
    sigma = _upper_root(sum(p * sum(t * t) for p, t in zip(probabilities, tilts, strict=True)))
    # Where |t₁| ≤ ½, ψ(x) + t₁x is least at |x| = √(2|t₁|), where it is −(2/3)|t₁|√(2|t₁|).
    reach = max(2 * abs(t[0]) * _upper_root(2 * abs(t[0])) / 3 + t[1] * t[1] / 2 for t in tilts)
    return _of(family, alpha, zero, sigma, start_loss(family, alpha, zero) + reach, epsilon)


def _of(family, alpha, w, sigma, gap, epsilon) -> Setting:
    one = 1 + 0 * alpha
    displacement = printed_displacement(alpha, one)
    constants = Constants(one, one, 0 * one, 0 * one)
    return Setting.of(
        "HF-MAML", family, alpha, w, 10**6, NO_SAMPLES, gap, epsilon, sigma, constants, displacement=displacement
    )


def _upper_root(square):
    """√square in floats, a fraction just above it in fractions; the mean tilt is left out, which only enlarges σ."""
    if not isinstance(square, Q):
        return np.sqrt(square)
    return Q(int(float(square) ** 0.5 * 10**6) + 1, 10**6)


def one_ramp(displacement=Q(1)) -> Setting:
    """f'' = min(|w|, 1), f'(0) = 3 at w = 0, where probes that move by r ≤ 1 see the curvature r/2 instead of 0."""
    family = TaskFamily.of([EvenRamp(Q(1), Q(1), Q(3))])
    return replace(_of(family, Q(1, 6), Q(0), Q(0), Q(5), Q(1, 40)), displacement=displacement)
