"""R3: how far from any other family of policies a stationary point of a meta-policy can be.

    (1/n) Σ_i J_i(π_i*) − 𝓛(ω) ≤ Rε + inf_{‖v‖≤R, b_i} (1/n) Σ_i (1 − γ_i)⁻¹ ‖A_i‖ ‖dσ_i*/dσ_i − b_i − ψ_iᵀv‖
                                                                                                  (derived here)

in the norms of L²(σ_i), with ε = ‖∇𝓛(ω)‖, b_i any functions of the state, and any comparators that visit only what
π_{i,ω} visits, which has full support wherever it goes. Nothing is convex. Without b_i (``policy_gap_uncentred``) the
bound is weaker.

Proof. By R2 J_i(π_i*) − J_i = (1 − γ_i)⁻¹E_{σ_i}[A_i dσ_i*/dσ_i], and E_{σ_i}[A_ib_i] = 0. Subtract and add vᵀ∇𝓛, which
is (1/n)Σ(1 − γ_i)⁻¹E_{σ_i}[A_iψ_iᵀv] by R1 and at most Rε; Cauchy and Schwarz. ∎ The best b_i is the mean of the rest
over π_{i,ω} in each state, so everything is centred. Equality for n = 1, |S| = |A| = 2, d = 1 at every stationary
point at which both states are visited, ψ less its mean is not 0, R is large enough and the comparator is not worse:
centred functions form a plane there, and both A and the residual are perpendicular to ψ. (A φ that is not constant is
not enough for η > 0: η∇Q can cancel it.)

So a stationary point need not be optimal, and the bound can be exact: at the smallest spurious maxima it is, in
fractions.
"""

from functools import cached_property

from mamllib.checking.quantity import Quantity
from mamllib.statements.kit import (
    Grade,
    OfNumbers,
    Parameters,
    Q,
    Source,
    Statement,
    arithmetic,
    case,
    holds_if,
    mutant,
    np,
    question,
    relative_roundoff,
    validation,
)
from mamllib.statements.wang2020.meta_policy_gradient import random
from mamllib.statements.wang2020.policies import Log, MetaPolicy, ascended, matrix
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
        parts = tuple(part - _mean(found.policies, part) for part in parts)
    return _rational(*parts, asked)


def density(asked: PolicyGap, centred: bool = True):
    """dσ_i*/dσ_i, likewise; 0 where neither goes."""
    found, visited = asked.point.measured, asked.point.measured.visitations
    share = np.where(visited > 0, asked.comparison / np.where(visited > 0, visited, 1), 0 * visited)
    return share - _mean(found.policies, share[..., None])[..., 0] if centred else share


def _mean(policies, values):
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


def one_state_law(p, gamma, gains, z, growth, comparator=((0, 1), (0, 1)), radius=Q(4)) -> PolicyGap:
    """Two states that come up with probabilities p whatever is done; action 1 wins Δ₀ in one, loses Δ₁ in the other.

    φ(0, 1) = 1, φ(1, 1) = 3, so that e^θ = z has to serve both. The comparator takes action 1, where θ → ∞ leads.
    """
    law = matrix(p)
    mdp = MDP.of(matrix([[p, p], [p, p]]), matrix([[0, gains[0]], [0, -gains[1]]]), gamma, law)
    features = matrix([[[0], [1]], [[0], [3]]])
    return PolicyGap.of((mdp,), features, (Log(z),), Log(growth), Q(1), matrix([comparator]), radius)


def spurious_a(**more) -> PolicyGap:
    """A: no inner step, γ = ½, Δ = (1, 49/108): a strict local maximum at z = ⅔, whose gap is ¼."""
    return one_state_law((Q(1, 2), Q(1, 2)), Q(1, 2), (Q(1), Q(49, 108)), Q(2, 3), Q(1), **more)


def spurious_b(**more) -> PolicyGap:
    """B: e^η = 5/4, stationary at θ = 0: gap 725/4041."""
    return one_state_law((Q(400, 449), Q(49, 449)), Q(0), (Q(1), Q(3)), Q(1), Q(5, 4), **more)


def spurious_c(**more) -> PolicyGap:
    """C: η = ln 2, θ = ln 2: gap 21/241."""
    return one_state_law((Q(225, 241), Q(16, 241)), Q(0), (Q(1), Q(3)), Q(2), Q(2), **more)


BEST = ((0, 1), (1, 0))


def one_state() -> PolicyGap:
    """One state, two actions, θ = 0: everything can be represented, and nothing is stationary."""
    mdp = MDP.of(matrix([[[1], [1]]]), matrix([[0, 1]]), Q(1, 2), matrix([1]))
    return PolicyGap.of((mdp,), matrix([[[0], [1]]]), (Log(Q(1)),), Log(Q(1)), Q(1), matrix([[[0, 1]]]), Q(2))


def against_the_best(asked: MetaPolicy, radius: float = 50.0) -> PolicyGap:
    """A meta-policy against an optimal policy of every task."""
    best = np.stack([tabular.optimal(mdp) for mdp in asked.mdps])
    return PolicyGap.of(asked.mdps, asked.features, asked.theta, asked.eta, asked.tau, best, radius)


def random_gap(seed: int, eta: float = 0.7) -> PolicyGap:
    """Two random MDPs of three states at a random θ."""
    return against_the_best(random(seed, eta=eta))


def climbed(draw: int = 6, eta: float = 3.0) -> PolicyGap:
    """One random MDP of two states and two actions, one parameter, at the maximum that gradient ascent ends in."""
    return against_the_best(ascended(random(draw, states=2, d=1, n=1, eta=eta, tau=1.0)))


POLICY_GAP = Statement(
    id="wang2020/policy_gap",
    title="the optimality gap of a meta-policy (R3)",
    source=Source("wang2020", "the optimality gap in reinforcement learning (R3)", "D"),
    claim=r"\tfrac1n\sum_iJ_i(\pi_i^*)-\mathcal L(\omega)\le R\epsilon+\inf_{\|v\|\le R,\,b_i}\tfrac1n\sum_i"
    r"\tfrac{\|A_i\|_{\sigma_i}}{1-\gamma_i}\Big\|\frac{d\sigma_i^*}{d\sigma_i}-b_i-\psi_i^\top v\Big\|_{\sigma_i}",
    takes=PolicyGap,
    hypotheses=hypotheses,
    lhs=gap,
    rhs=bound,
    roundoff=roundoff,
    rests_on=("wang2020/meta_policy_gradient", "wang2020/performance_difference"),
    cases=(
        case("spurious maximum A: ¼", spurious_a, predicted=Q(1)),
        case("the same against the best policy: 19/27", spurious_a, comparator=BEST, predicted=Q(1)),
        case("spurious maximum B, e^η = 5/4: 725/4041", spurious_b, predicted=Q(1)),
        case("spurious maximum C, η = ln 2: 21/241", spurious_c, predicted=Q(1)),
        case("one state, two actions, θ = 0", one_state),
        case("two random MDPs, random θ", random_gap),
        case("one random MDP where ascent ends, η = 3", climbed),
        case("another, η = 3", climbed, 13),
    ),
    mutants=(
        mutant("(1 − γ)⁻¹ dropped", spurious_a, rhs=lambda p: bound(p, horizon=False)),
        mutant("stationary, so optimal", spurious_a, rhs=lambda p: p.radius * stationarity(p)),
        mutant("Rε dropped", one_state, rhs=lambda p: bound(p, stationary=False)),
        mutant("η∇Q dropped from ψ", climbed, rhs=lambda p: bound(p, moved=False)),
    ),
    spared={"radius": "true: the proof holds for every R ≥ 0"},
)

UNCENTRED = POLICY_GAP.variant(
    id="wang2020/policy_gap_uncentred",
    title="the optimality gap of a meta-policy, without b (R3)",
    source=Source("wang2020", "the same, not centred (R3)", "D"),
    claim=r"\tfrac1n\sum_iJ_i(\pi_i^*)-\mathcal L(\omega)\le R\epsilon+\inf_{\|v\|\le R}\tfrac1n\sum_i"
    r"\tfrac{\|A_i\|_{\sigma_i}}{1-\gamma_i}\Big\|\frac{d\sigma_i^*}{d\sigma_i}-\psi_i^\top v\Big\|_{\sigma_i}",
    rhs=lambda asked: bound(asked, centred=False),
    rests_on=("wang2020/policy_gap",),
    cases=(
        case("spurious maximum A: ¼ under √(1865/18576)", spurious_a),
        case("spurious maximum C: 21/241 under √1260/241", spurious_c),
        case("two random MDPs, random θ", random_gap),
    ),
    mutants=(
        mutant("(1 − γ)⁻¹ dropped", spurious_a, rhs=lambda p: bound(p, centred=False, horizon=False)),
        mutant("stationary, so optimal", spurious_a, rhs=lambda p: p.radius * stationarity(p)),
    ),
    spared={"radius": "true: the proof holds for every R ≥ 0"},
)
