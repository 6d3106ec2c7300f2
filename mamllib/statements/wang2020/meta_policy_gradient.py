"""R1: the gradient of a meta-policy's return, and the term that is easily forgotten.

    ∇𝓛(θ) = (1/n) Σ_i (1 − γ_i)⁻¹ E_{σ_i}[ψ_iA_i],   ψ_i = φ/τ + η∇Q_i^{π_θ},   A_i = A_i^{π_{i,θ}}     (derived here)
    ∇Q_i^{π_θ}(s, a) = Σ_t (discounted visits of t after (s, a)) Σ_c π_θ(c|t) A_i^{π_θ}(t, c) φ(t, c)/τ

with σ_i the visitation law of π_{i,θ}. The inner step improves π_θ by its own values, and these move with θ.

Proof. ∇log π_{i,θ} = ψ_i − E_{π_{i,θ}}ψ_i. Differentiate V = Σ_a π(r + γPV): ∇V = (I − γP_π)⁻¹Σ_a πQ∇log π, and
E_π[V∇log π] = 0, so ∇J = (1 − γ)⁻¹E_σ[A∇log π], where E_πA = 0 removes E_πψ. The same for π_θ gives ∇V^{π_θ}, and
∇Q = γP∇V. ∎ What is compared: slopes carried through the linear solves, in fractions as numbers a + bη, with the
formula.
"""

from mamllib.statements.kit import Q, Source, Statement, case, mutant, np, relative_roundoff
from mamllib.statements.wang2020.policies import Log, MetaPolicy, matrix
from mamllib.tasks import mdp as tabular
from mamllib.tasks.mdp import MDP


def assembled(asked: MetaPolicy, psi) -> np.ndarray:
    """(1/n) Σ_i (1 − γ_i)⁻¹ E_{σ_i}[ψ_iA_i], (d,)."""
    found = asked.measured
    each = zip(asked.mdps, found.visitations * found.advantages, psi, strict=True)
    return sum((weights[..., None] * psi).sum(axis=(0, 1)) / (1 - mdp.discount) for mdp, weights, psi in each) / len(
        asked.mdps
    )


def formula(asked: MetaPolicy, moved=None) -> np.ndarray:
    """∇𝓛: its rational part and its part with η, (2, d); in floats the sum and 0."""
    found = asked.measured
    moved = found.psi_eta if moved is None else moved
    parts = np.stack([assembled(asked, found.psi), assembled(asked, moved)])
    return parts if asked.is_exact else np.stack([parts[0] + asked.eta * parts[1], 0 * parts[1]])


def departure(asked: MetaPolicy, moved=None):
    """By how much each part of the formula differs from the slope."""
    slopes = np.stack([asked.measured.slope, asked.measured.slope_eta])
    return abs(formula(asked, moved) - slopes)


def without_moving(asked: MetaPolicy):
    """Q taken for a constant: η∇Q dropped."""
    return 0 * asked.measured.psi_eta


def started_at_the_pair(asked: MetaPolicy):
    """∇Q with visits that begin at the pair (s, a) itself, not after it."""
    own = [mdp.discount * tabular.advantages(mdp, base)[..., None] * psi for mdp, base, psi in _bases(asked)]
    discounts = np.array([mdp.discount for mdp in asked.mdps])[:, None, None, None]
    return discounts * asked.measured.psi_eta + np.stack(own)


def _bases(asked: MetaPolicy):
    """(MDP, π_θ, φ/τ) of every task; π_θ is what the inner step of η = 0 leaves."""
    still = MetaPolicy.of(asked.mdps, asked.features, asked.theta, Log(Q(1)) if asked.is_exact else 0.0, asked.tau)
    return zip(asked.mdps, still.measured.policies, asked.measured.psi, strict=True)


def two_states() -> MetaPolicy:
    """Two tasks on two states; action a leads to state a. γ = ½, η = ln 2, θ = 0."""
    moves = matrix([[[1, 0], [0, 1]], [[1, 0], [0, 1]]])
    rewards = matrix([[0, 2], [4, 2]]), matrix([[0, 0], [0, -4]])
    mdps = tuple(MDP.of(moves, each, Q(1, 2), matrix([Q(1, 2), Q(1, 2)])) for each in rewards)
    features = matrix([[[0], [1]], [[0], [-1]]])
    return MetaPolicy.of(mdps, features, (Log(Q(1)),), Log(Q(2)), Q(1))


def random(seed: int, states: int = 3, actions: int = 2, d: int = 2, n: int = 2, eta: float = 0.7, tau: float = 0.8):
    """Random MDPs, features and θ."""
    rng = np.random.default_rng(seed)
    mdps = tuple(
        MDP.of(
            rng.dirichlet(np.ones(states), size=(states, actions)),
            rng.normal(size=(states, actions)),
            rng.uniform(0.3, 0.9),
            rng.dirichlet(np.ones(states)),
        )
        for _ in range(n)
    )
    return MetaPolicy.of(mdps, rng.normal(size=(states, actions, d)), rng.normal(size=d), eta, tau)


META_POLICY_GRADIENT = Statement(
    id="wang2020/meta_policy_gradient",
    title="the gradient of a meta-policy (R1)",
    source=Source("wang2020", "the meta-gradient in reinforcement learning (R1)", "D"),
    claim=r"\nabla\mathcal L(\theta)=\tfrac1n\sum_i\tfrac1{1-\gamma_i}\mathbb E_{\sigma_i}"
    r"\big[(\tfrac{\phi}\tau+\eta\nabla Q_i^{\pi_\theta})A_i^{\pi_{i,\theta}}\big]",
    takes=MetaPolicy,
    lhs=departure,
    rhs=lambda asked: 0 * departure(asked),
    roundoff=lambda asked: relative_roundoff(asked) * np.max(np.abs(formula(asked))),
    cases=(case("two tasks on two states, η = ln 2", two_states),),
    mutants=(
        mutant("η∇Q dropped", two_states, lhs=lambda p: departure(p, without_moving(p))),
        mutant("visits begin at (s, a)", two_states, lhs=lambda p: departure(p, started_at_the_pair(p))),
    ),
)
