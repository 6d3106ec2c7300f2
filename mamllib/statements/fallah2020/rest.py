"""Where an algorithm comes to rest, E G(w) = 0, and how large ∇F is there: what Table 1 and the floors are asked."""

from mamllib.statements.fallah2020.convergence.large_batch import stationary_point
from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.statements.kit import Q, equal, holds_if, is_exact, margin, relative_roundoff, replace, sqrt

STATIONARY = 1e-10


def accuracy(setting: Setting):
    """‖∇F(w)‖."""
    return setting.answer.parts.accuracy


def relative_step(setting: Setting):
    """αL."""
    return setting.alpha * setting.constants.L


def inner_bias(setting: Setting, power: int = 1):
    """αLσ̃/√K^power, K = D_in; in fractions K must be a perfect square."""
    K = setting.sizes.D_in**power
    return relative_step(setting) * setting.constants.sigma_tilde / sqrt(Q(K) if is_exact(setting.w) else 1.0 * K)


def hypotheses(setting: Setting, algorithm: str) -> dict:
    """The algorithm, a short step, and that the expected direction vanishes at w."""
    parts = setting.answer.parts
    still = 0 if is_exact(parts.direction) else STATIONARY * parts.sampled
    return {
        f"the algorithm is {algorithm}": holds_if(setting.algorithm == algorithm),
        "α ≤ 1/L": margin(1, relative_step(setting)),
        "E G(w) = 0": equal(margin(still, parts.direction)),
    }


def exact_gradients(setting: Setting) -> dict:
    """σ̃ = 0."""
    return {"σ̃ = 0": holds_if(setting.constants.sigma_tilde == 0)}


def roundoff(setting: Setting):
    """γ of E‖g‖, and the direction that is not quite zero."""
    return (relative_roundoff(setting) + STATIONARY) * 4 * setting.answer.parts.sampled


def at_rest(setting: Setting, low: float = -1.0, high: float = 1.0) -> Setting:
    """The setting where its expected direction vanishes, in one dimension between ``low`` and ``high``."""
    return replace(setting, w=stationary_point(setting, low, high))
