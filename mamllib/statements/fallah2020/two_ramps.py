"""Two tasks of unequal curvature at 0, within every assumption of the paper: the smallest instance with a floor.

    f₁' = G + 3 with G' = min(|x|, 1), G(0) = 0;   f₂' = x − c;   L = ρ = 1, σ = (c + 7/2)/2, attained for w ≤ −1

At α = 1/6 and c = 759/200 this is Instance A of the chapter on Theorem 4.17.
"""

from mamllib.arithmetic import where
from mamllib.statements.fallah2020.convergence.instances import NO_SAMPLES, start_loss
from mamllib.statements.fallah2020.convergence.large_batch import stationary_point
from mamllib.statements.fallah2020.convergence.run import Run, run
from mamllib.statements.fallah2020.convergence.setting import Setting, printed_displacement
from mamllib.statements.kit import Constants, Q, TaskFamily, is_exact, replace
from mamllib.tasks import EvenRamp, Quadratic

TILT = Q(3)
CENTRE = Q(759, 200)


def two_ramps(centre=CENTRE) -> TaskFamily:
    """The two tasks, equally likely, in fractions where ``centre`` is one; constants by ``two_ramps_constants``."""
    one, tilt = (Q(1), TILT) if is_exact(centre) else (1.0, float(TILT))
    return TaskFamily.of([EvenRamp(one, one, tilt), Quadratic(one, centre)], sigma=(centre + tilt + one / 2) / 2)


def two_ramps_constants(centre=CENTRE) -> Constants:
    """L = ρ = 1, σ̃ = σ_H = 0."""
    one = Q(1) if is_exact(centre) else 1.0
    return Constants(one, one, 0 * one, 0 * one)


def balancing_centre(alpha, displacement=None):
    """The c at which HF-MAML's expected direction vanishes at w = 0: c = g₁(1 − αH̄)/(1 − α)².

    At w = 0 task 1 has g₁ = 3 − (3α)²/2 (for 3α ≤ 1), and probes that move by r see the curvature H̄ = r/2, or
    1 − 1/(2r) where r ≥ 1. The printed δ has r = 1/(6α).
    """
    r = 1 / (6 * alpha) if displacement is None else displacement
    seen = where(bool(r <= 1), r / 2, 1 - 1 / (2 * r))
    return (3 - (3 * alpha) ** 2 / 2) * (1 - alpha * seen) / (1 - alpha) ** 2


def gap_bound(centre, alpha, w):
    """Δ ≤ F(w) − ½(min f₁ + min f₂) = F(w) + 143/48, since min f₂ = 0 and f₁ is least at −7/2, where it is −143/24."""
    reach = Q(143, 48) if is_exact(w) else 143 / 48
    return start_loss(two_ramps(centre), alpha, w) + reach


def two_ramps_setting(algorithm: str, alpha, B: int, epsilon, w=0.0, gap=None, **options) -> Setting:
    """The two ramps at α with the centre that balances HF-MAML, from ``w``; Δ by ``gap_bound`` unless given."""
    centre = balancing_centre(alpha, options.get("displacement"))
    gap = gap_bound(centre, alpha, w) if gap is None else gap
    options = {"constants": two_ramps_constants(centre)} | options
    return Setting.of(algorithm, two_ramps(centre), alpha, w, B, NO_SAMPLES, gap, epsilon, **options)


def from_stationarity(
    seed: int, algorithm: str, alpha: float, B: int, epsilon: float, iterations: int, displacement: float | None = None
) -> Run:
    """``algorithm`` on the two ramps from where its expected direction vanishes, HF-MAML's with the printed δ.

    F has one stationary point on [−1, 1]. Δ is F's descent to it, enlarged by 1 % for round-off.
    """
    printed = two_ramps_setting(algorithm, alpha, B, epsilon, displacement=printed_displacement(alpha, 1.0))
    ends = [stationary_point(replace(printed, algorithm=name), -1.0, 1.0) for name in (algorithm, "MAML")]
    high, low = (start_loss(printed.family, alpha, w) for w in ends)
    gap = 1.01 * float(high - low)
    setting = two_ramps_setting(algorithm, alpha, B, epsilon, ends[0], gap, displacement=displacement)
    return run(setting, iterations, 16, seed)
