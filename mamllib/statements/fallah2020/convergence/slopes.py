"""Long slopes, on which a convergence theorem can come out false: every step gains what a step can, and no more.

Tasks are ``Saturating`` losses φ with L = h = 1 and tilts ±σ, which cancel in F. Beyond b + α(s + σ) every task is
straight, so ∇F = ±s exactly whatever is sampled, until the run has come down. F is even and least at 0: for w > 0
2F'(w) = (1 − αφ''(w))(φ'(v − ασ) + φ'(v + ασ)) with v = w − αφ'(w) ≥ 0, and φ' is odd and does not
fall. So Δ = F(w) − F(0).
"""

from mamllib.statements.fallah2020.convergence.instances import NO_SAMPLES, start_loss
from mamllib.statements.fallah2020.convergence.run import Run, run
from mamllib.statements.fallah2020.convergence.setting import Setting, printed_displacement
from mamllib.statements.kit import Q, TaskFamily
from mamllib.tasks import Noisy, RademacherNoise, Saturating

SPARE = Q(1, 10**9)  # of Δ, for round-off


def tilted_slopes(
    seed: int,
    algorithm: str,
    slope: float,
    iterations: int,
    *,
    reach: float = 30.0,
    inverse_step: int = 6,
    epsilon: float = 1e-3,
    B: int = 20,
    seeds: int = 16,
    printed_probe: bool = False,
) -> Run:
    """Two slopes s = ``slope`` with tilts ±1, so that σ = 1, from ``reach``·s beyond the valley; exact gradients."""
    tasks = [Saturating(1.0, slope, tilt) for tilt in (1.0, -1.0)]
    setting = _setting(algorithm, tasks, slope, reach, 1 / inverse_step, epsilon, B, NO_SAMPLES, printed_probe)
    return run(setting, iterations, seeds, seed)


def noisy_slope(
    seed: int, algorithm: str, slope: float, iterations: int, sizes, *, reach=8.0, inverse_step=6, seeds=8
) -> Run:
    """One slope s = ``slope`` with sample gradients ±1, so that σ = 0 and σ̃ = 1, and B = 20."""
    task = Noisy(Saturating(1.0, slope, 0.0), RademacherNoise(1.0))
    setting = _setting(algorithm, [task], slope, reach, 1 / inverse_step, 1e-3, 20, sizes)
    return run(setting, iterations, seeds, seed)


def one_slope(algorithm: str, epsilon, iterations: int, alpha=Q(1, 6), printed_probe: bool = False) -> Run:
    """One slope s = 1 without noise in fractions, so that T = ε; from 10 beyond the valley."""
    one = Q(1)
    task = Saturating(one, one, 0 * one)
    return run(_setting(algorithm, [task], one, 10, alpha, epsilon, 25, NO_SAMPLES, printed_probe), iterations)


def _setting(algorithm, tasks, slope, reach, alpha, epsilon, B, sizes, printed_probe=False) -> Setting:
    family = TaskFamily.of(tasks, sigma=tasks[0].without_noise().tilt)  # the tilts are ±σ, or 0
    w = tasks[0].without_noise().reach + reach * slope
    gap = (start_loss(family, alpha, w) - start_loss(family, alpha, 0 * w)) * type(w)(1 + SPARE)
    displacement = printed_displacement(alpha, family.constants.rho) if printed_probe else None
    return Setting.of(algorithm, family, alpha, w, B, sizes, gap, epsilon, displacement=displacement)
