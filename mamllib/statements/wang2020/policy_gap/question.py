"""The question of R3, and what both its sides are made of."""

from functools import cached_property

from mamllib.checking.quantity import Quantity
from mamllib.statements.kit import (
    Grade,
    OfNumbers,
    Parameters,
    arithmetic,
    holds_if,
    np,
    question,
    relative_roundoff,
    validation,
)
from mamllib.statements.wang2020.policies import MetaPolicy
from mamllib.statements.wang2020.representation import smallest_mean_of_norms
from mamllib.tasks import mdp as tabular
from mamllib.tasks.mdp import MDP


@question
class PolicyGap(OfNumbers):
    """A meta-policy at ω = θ, policies π_i* (n, S, A) to compare it with, and the radius R of the ball for v."""

    mdps: tuple[MDP, ...]
    features: Parameters
    theta: Parameters
    eta: Parameters
    tau: Parameters
    comparator: Parameters
    radius: Parameters

    def require(self) -> None:
        """Raise ``ShapeError`` where the comparators do not fit, ``ValueError`` where they are no policies."""
        wanted = (len(self.mdps), *self.mdps[0].rewards.shape)
        if np.shape(self.comparator) != wanted:
            raise validation.ShapeError(f"comparator has shape {np.shape(self.comparator)}; these MDPs need {wanted}")
        rows = np.asarray(self.comparator, float)
        if np.any(rows < 0) or np.any(np.abs(rows.sum(axis=-1) - 1) > tabular.ROUND_OFF):
            raise ValueError("comparator is no policy: its rows are ≥ 0 and sum to 1")

    @cached_property
    def point(self) -> MetaPolicy:
        """The meta-policy at ω."""
        return MetaPolicy.of(self.mdps, self.features, self.theta, self.eta, self.tau)

    @cached_property
    def comparison(self):
        """σ_i* (n, S, A)."""
        pairs = zip(self.mdps, self.comparator, strict=True)
        return np.stack([tabular.visitation(mdp, policy) for mdp, policy in pairs])


def gap(asked: PolicyGap):
    """(1/n) Σ_i J_i(π_i*) − 𝓛(ω)."""
    pairs = zip(asked.mdps, asked.comparator, strict=True)
    return sum(tabular.performance(mdp, policy) for mdp, policy in pairs) / len(asked.mdps) - asked.point.objective


def stationarity(asked: PolicyGap):
    """ε = ‖∇𝓛(ω)‖.

    Raises:
        IrrationalError: in fractions, a gradient that is none.
    """
    found = asked.point.measured
    if not asked.point.is_exact:
        return float(np.linalg.norm(found.slope))
    return arithmetic.sqrt((_rational(found.slope, found.slope_eta, asked) ** 2).sum())


def _rational(part, with_eta, asked: PolicyGap):
    """part + η with_eta, where that is a number."""
    if not asked.point.is_exact:
        return part + asked.eta * with_eta
    if asked.eta.of != 1 and np.any(with_eta != 0):
        raise arithmetic.IrrationalError("a multiple of η, a logarithm, is irrational")
    return part


def directions(asked: PolicyGap, centred: bool = True, moved: bool = True):
    """ψ_i, less its mean over π_{i,ω} in every state where ``centred``; without η∇Q unless ``moved``."""
    found = asked.point.measured
    parts = found.psi, found.psi_eta * (1 if moved else 0)
    if centred:
        parts = tuple(part - mean_over_actions(found.policies, part) for part in parts)
    return _rational(*parts, asked)


def density(asked: PolicyGap, centred: bool = True):
    """dσ_i*/dσ_i, likewise; 0 where neither goes."""
    found, visited = asked.point.measured, asked.point.measured.visitations
    share = np.where(visited > 0, asked.comparison / np.where(visited > 0, visited, 1), 0 * visited)
    return share - mean_over_actions(found.policies, share[..., None])[..., 0] if centred else share


def mean_over_actions(policies, values):
    """Σ_a π_i(a|s) values(i, s, a), (n, S, 1, …)."""
    return (policies[..., None] * values).sum(axis=2)[:, :, None]


def sizes(asked: PolicyGap, horizon: bool = True):
    """(1 − γ_i)⁻²‖A_i‖²_{σ_i} (n,)."""
    found = asked.point.measured
    squares = (found.visitations * found.advantages**2).sum(axis=(1, 2))
    return squares / np.array([(1 - mdp.discount) ** 2 if horizon else 1 for mdp in asked.mdps])


def representation(asked: PolicyGap, horizon: bool = True, **how) -> Quantity:
    """The infimum; in fractions for one task and one parameter, rounded up where the root is irrational."""
    if asked.point.is_exact:
        return Quantity.exact(_least_in_fractions(asked, horizon, **how))
    root = np.sqrt(asked.point.measured.visitations.reshape(len(asked.mdps), -1))
    psi = directions(asked, **how).reshape(*root.shape, -1)
    target = density(asked, how.get("centred", True)).reshape(root.shape)
    weights = np.sqrt(sizes(asked, horizon)) / len(asked.mdps)
    value, lower, _ = smallest_mean_of_norms(root[..., None] * psi, root * target, weights, float(asked.radius))
    error = relative_roundoff(asked) * (1 + value)
    return Quantity(*map(np.asarray, (value, lower - error, value + error)), Grade.FLOAT)


def _least_in_fractions(asked: PolicyGap, horizon: bool, **how):
    if len(asked.mdps) > 1 or len(asked.theta) > 1:
        raise arithmetic.IrrationalError("in fractions the infimum is found for one task and one parameter alone")
    (visited,), (psi,) = asked.point.measured.visitations, directions(asked, **how)[..., 0]
    (target,) = density(asked, how.get("centred", True))
    square = (visited * psi**2).sum()
    v = (visited * psi * target).sum() / square if square else 0 * square
    v = max(-asked.radius, min(asked.radius, v))
    return arithmetic.root_above(sizes(asked, horizon)[0] * (visited * (target - psi * v) ** 2).sum())


def bound(asked: PolicyGap, stationary: bool = True, **how) -> Quantity:
    """Rε + the infimum."""
    least, term = representation(asked, **how), asked.radius * stationarity(asked) if stationary else 0
    return Quantity(least.value + term, least.lower + term, least.upper + term, least.grade)


def hypotheses(asked: PolicyGap) -> dict:
    """That comparators visit only what the meta-policy does."""
    visited = asked.point.measured.visitations
    return {"σ_i charges what π_i* visits": holds_if(not np.any((visited <= 0) & (asked.comparison > 0)))}


def roundoff(asked: PolicyGap):
    """γ of both returns."""
    if asked.point.is_exact:
        return 0.0
    rewards = max(np.max(np.abs(mdp.rewards)) / (1 - mdp.discount) for mdp in asked.mdps)
    return relative_roundoff(asked) * (1 + rewards) / min(1 - mdp.discount for mdp in asked.mdps)
