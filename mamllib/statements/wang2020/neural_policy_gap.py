"""R4 as a whole: how far from any other policies a neural policy can be, read with the features at the start.

    (1/n) Σ_i J_i(π_i*) − 𝓛(ω) ≤ R_vε + inf_{‖v‖≤R_v, b_i} (1/n) Σ_i (1 − γ_i)⁻¹ ‖A_i‖ ‖dσ_i*/dσ_i − b_i − ψ_i⁰ᵀv‖
                               + (1/n) Σ_i (1 − γ_i)⁻¹ ‖A_i‖ (Λ/τ)(1 + ηγ_iĀ_i/(1 − γ_i))         (derived here)

in the norms of L²(σ_i), with ε = ‖∇𝓛(ω)‖ and Λ as in ``frozen_features``.

Proof. ``policy_gap`` with φ = φ_ω, and ψ_iᵀv = ψ_i⁰ᵀv + (ψ_i − ψ_i⁰)ᵀv, whose last part ``frozen_features`` bounds; the
triangle inequality in each L²(σ_i). ∎ In expectation over W₀ the last line is O(m^{−1/6}) by ``flips``.

The last line is needed: a network whose only neuron has died is stationary, whatever its policy, while its features at
the start represent the better policy exactly. There, the bound is √2 times the gap.
"""

from functools import cached_property

import numpy as np

from mamllib import validation
from mamllib.checking.quantity import Quantity
from mamllib.statements.kit import Grade, Parameters, Source, Statement, case, mutant, relative_roundoff
from mamllib.statements.wang2020 import frozen_features, policy_gap
from mamllib.statements.wang2020.neural_policies import NeuralPolicy
from mamllib.statements.wang2020.policy_gap import PolicyGap
from mamllib.statements.wang2020.problem import instance
from mamllib.statements.wang2020.representation import smallest_mean_of_norms
from mamllib.tasks import mdp as tabular
from mamllib.tasks.mdp import MDP
from mamllib.tasks.two_layer import TwoLayer


@instance()
class NeuralPolicyGap:
    """A neural policy, and policies π_i* (n, S, A) to compare it with."""

    neural: NeuralPolicy
    comparator: Parameters

    @classmethod
    def of(cls, neural: NeuralPolicy, comparator) -> "NeuralPolicyGap":
        """Check the input.

        Raises:
            ValueError: comparators that are no policies. ShapeError: comparators that do not fit. TypeError: what is no
                ``NeuralPolicy``.
        """
        validation.require_a(NeuralPolicy, "neural", neural, "NeuralPolicy.of(…)")
        made = cls(neural, np.asarray(comparator, float))
        _ = made.tabular
        return made

    @cached_property
    def tabular(self) -> PolicyGap:
        """The question of ``policy_gap`` with every energy a parameter of its own."""
        asked = self.neural.policy
        given = asked.mdps, asked.features, asked.theta, asked.eta, asked.tau
        return PolicyGap.of(*given, self.comparator, self.neural.radius)


def representation(asked: NeuralPolicyGap) -> Quantity:
    """The infimum over v, with ψ_i⁰."""
    neural, m = asked.neural, asked.neural.measured
    values, vectors = np.linalg.eigh(m.at_start)
    features = vectors * np.sqrt(np.maximum(values, 0.0))  # the same products as φ_{W₀}, and so the same ‖v‖
    psi = (m.paths @ features).reshape(len(m.laws), *neural.inputs.shape[:2], -1)
    psi = psi - policy_gap.mean_over_actions(neural.policy.measured.policies, psi)
    root = np.sqrt(m.laws)
    target = root * policy_gap.density(asked.tabular).reshape(m.laws.shape)
    matrices = root[..., None] * psi.reshape(*m.laws.shape, -1)
    value, lower, _ = smallest_mean_of_norms(matrices, target, m.advantages / len(m.advantages), neural.radius)
    error = relative_roundoff(asked.tabular) * (1 + value)
    return Quantity(*map(np.asarray, (value, lower - error, value + error)), Grade.FLOAT)


def cost_of_features(asked: NeuralPolicyGap) -> float:
    """The last line."""
    return float(np.mean(asked.neural.measured.advantages * frozen_features.bound(asked.neural)))


def bound(asked: NeuralPolicyGap, stationary: bool = True, cost: bool = True) -> Quantity:
    """All three terms."""
    least, m = representation(asked), asked.neural.measured
    rest = stationary * asked.neural.radius * m.stationarity + cost * cost_of_features(asked)
    return Quantity(least.value + rest, least.lower + rest, least.upper + rest, least.grade)


def hypotheses(asked: NeuralPolicyGap) -> dict:
    """No kink, and comparators that visit only what the policy does."""
    return frozen_features.no_kink(asked.neural) | policy_gap.hypotheses(asked.tabular)


def roundoff(asked: NeuralPolicyGap) -> float:
    """γ of both returns, and of the terms at the features' scale."""
    return policy_gap.roundoff(asked.tabular) + frozen_features.roundoff(asked.neural) * np.mean(
        asked.neural.measured.advantages
    )


def against_the_best(neural: NeuralPolicy) -> NeuralPolicyGap:
    """A neural policy against an optimal policy of every task."""
    return NeuralPolicyGap.of(neural, np.stack([tabular.optimal(mdp) for mdp in neural.mdps]))


def bandit(omega, radius: float, gamma: float = 0.0) -> NeuralPolicyGap:
    """One state, two actions at orthogonal inputs, one neuron that is active at both at the start."""
    mdp = MDP.of(np.ones((1, 2, 1)), np.array([[0.0, 1.0]]), gamma, np.ones(1))
    net = TwoLayer(np.ones(1), np.ones((1, 2)))
    return against_the_best(NeuralPolicy.of((mdp,), np.eye(2)[None], net, np.asarray(omega), 0.0, 1.0, radius))


def dead_neuron() -> NeuralPolicyGap:
    """The neuron is active nowhere any more: every weight near by gives the same policy."""
    return bandit([[-1.0, -1.0]], radius=np.sqrt(2.0))


def at_start() -> NeuralPolicyGap:
    """At the start features do not cost anything, and represent everything: nothing is stationary."""
    return bandit([[1.0, 1.0]], radius=2.0, gamma=0.5)


def three_states(seed: int, m: int, eta: float = 0.0, tau: float = 1.0, radius: float = 5.0) -> NeuralPolicyGap:
    """Where many features have changed at one input, three states, two actions, γ = .9."""
    neural = frozen_features.three_states(seed, m, eta, tau)
    return against_the_best(NeuralPolicy.of(neural.mdps, neural.inputs, neural.net, neural.omega, eta, tau, radius))


NEURAL_POLICY_GAP = Statement(
    id="wang2020/neural_policy_gap",
    title="the optimality gap of a neural policy (R4)",
    source=Source("wang2020", "the optimality gap of neural policies (R4)", "D"),
    claim=r"\tfrac1n\sum_iJ_i(\pi_i^*)-\mathcal L(\omega)\le R_v\epsilon+\inf_{\|v\|\le R_v,\,b_i}\tfrac1n\sum_i"
    r"\tfrac{\|A_i\|_{\sigma_i}}{1-\gamma_i}\Big\|\tfrac{d\sigma_i^*}{d\sigma_i}-b_i-\psi_i^{0\top}v\Big\|_{\sigma_i}"
    r"+\tfrac\Lambda\tau\tfrac1n\sum_i\tfrac{\|A_i\|_{\sigma_i}}{1-\gamma_i}"
    r"\Big(1+\tfrac{\eta\gamma_i\bar A_i}{1-\gamma_i}\Big)",
    takes=NeuralPolicyGap,
    hypotheses=hypotheses,
    lhs=lambda asked: policy_gap.gap(asked.tabular),
    rhs=bound,
    roundoff=roundoff,
    rests_on=("wang2020/policy_gap", "wang2020/frozen_features"),
    cases=(
        case("a dead neuron", dead_neuron),
        case("at the start, one state and two actions", at_start),
        case("three states, m = 1024", three_states, 1024),
        case("three states, m = 16,384, τ = ½, η = 1", three_states, 16_384, 1.0, 0.5),
    ),
    mutants=(
        mutant("cost of the features dropped", dead_neuron, rhs=lambda p: bound(p, cost=False)),
        mutant("stationary, so optimal", dead_neuron, rhs=lambda p: p.neural.radius * p.neural.measured.stationarity),
        mutant("R_vε dropped", at_start, rhs=lambda p: bound(p, stationary=False)),
    ),
    spared={
        "radius": "true: the proof holds for every R_v ≥ 0",
        "τ": "true where it is read as another R_v, and open elsewhere: two terms may not be tight at once",
        "η": "open: on no instance on record is the last term tight with an inner step",
        "stationarity": "open: where it is not 0, the other terms leave room",
    },
)
