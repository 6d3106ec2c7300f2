"""R4, what features at the start cost a neural policy: in every task, for every ω that has no neuron at its kink,

    sup_{‖v‖≤R_v} ‖(ψ_i − ψ_i⁰)ᵀv‖_{σ_i} ≤ (Λ/τ)(1 + ηγ_iĀ_i/(1 − γ_i)),
    Λ = R_v max_x ‖x‖(k(x)/m)^{1/2} = sup_{‖v‖≤R_v} max_x |(φ_ω − φ_{W₀})(x)ᵀv|                     (derived here)

with k(x) the number of neurons whose sign at x differs between W₀ and ω, and Ā_i the largest norm of the advantages of
π_ω among what is visited after a pair.

Proof. With u = (φ_ω − φ_{W₀})ᵀv, (ψ_i − ψ_i⁰)ᵀv = (I + ηT_i)u/τ. At x only neurons that changed count, by ±v_rᵀx/√m:
|u| ≤ Λ. (T_iu)(s, a) is γ_i/(1 − γ_i) times the mean of A^{π_ω}u over what is visited after (s, a), by Cauchy and
Schwarz at most γ_iĀ_i/(1 − γ_i) max|u|. Both hold at every pair, so in every norm of L²(σ_i). ∎ ``flips`` bounds k over
the ball.

Equality where u is the same everywhere and η = 0. The second term is attained, too, as ηγĀ/(1 − γ) grows: in one state
with two actions A is ±Ā under a fair π_ω, and one neuron whose border turns from one side of two near inputs to the
other gives u opposite signs there.
"""

import numpy as np

from mamllib.statements.kit import Source, Statement, case, holds_if, mutant, relative_roundoff
from mamllib.statements.wang2020.neural_policies import NeuralPolicy, turned
from mamllib.tasks.mdp import MDP
from mamllib.tasks.two_layer import TwoLayer

NO_KINK = "W_{0,r}ᵀx ≠ 0 and ω_rᵀx ≠ 0"


def change(asked: NeuralPolicy) -> np.ndarray:
    """sup_{‖v‖≤R_v} ‖(ψ_i − ψ_i⁰)ᵀv‖_{σ_i}, (n,): the largest singular value."""
    m = asked.measured
    moved = m.paths * np.sqrt(m.laws)[..., None]
    values = np.linalg.eigvalsh(np.einsum("ijk,kl,iml->ijm", moved, m.change, moved))
    return asked.radius * np.sqrt(np.maximum(values[:, -1], 0.0))


def feature_change(asked: NeuralPolicy) -> float:
    """Λ = R_v max_x ‖x‖(k(x)/m)^{1/2}."""
    lengths = np.linalg.norm(asked.flat, axis=1)
    return float(asked.radius * np.max(lengths * np.sqrt(asked.measured.changed / asked.net.width)))


def growth(asked: NeuralPolicy) -> np.ndarray:
    """ηγ_iĀ_i/(1 − γ_i), (n,): what the values that move add."""
    return asked.eta * asked.discounts * asked.measured.seen / (1 - asked.discounts)


def bound(asked: NeuralPolicy) -> np.ndarray:
    """(Λ/τ)(1 + ηγ_iĀ_i/(1 − γ_i)), (n,)."""
    return feature_change(asked) / asked.tau * (1 + growth(asked))


def small_balls(asked: NeuralPolicy) -> np.ndarray:
    """The same with Λ² = R_v²R(d/(d − 2))^{1/2}m^{−1/2}, as S4 with c = 1 would have it."""
    distance, d = np.linalg.norm(asked.omega - asked.net.start), asked.flat.shape[1]
    wrong = asked.radius * np.sqrt(distance * np.sqrt(d / (d - 2) / asked.net.width))
    return wrong / asked.tau * (1 + growth(asked))


def no_kink(asked: NeuralPolicy) -> dict:
    """That features are what they are: no neuron at its kink, at no input."""
    return {NO_KINK: holds_if(bool(np.all(asked.measured.nearest > 0)))}


def roundoff(asked: NeuralPolicy) -> float:
    """γ of the eigenvalue, whose root is taken."""
    size = float(np.max(bound(asked)) + asked.radius / asked.tau * (1 + np.max(growth(asked))))
    return relative_roundoff(asked) * size * len(asked.flat)


def network(rng: np.random.Generator, m: int, d: int) -> TwoLayer:
    """W₀ ~ N(0, I/d), fair signs."""
    return TwoLayer(rng.choice([-1.0, 1.0], m), rng.normal(size=(m, d)) / np.sqrt(d))


def three_states(
    seed: int, m: int, eta: float = 0.0, tau: float = 1.0, gamma: float = 0.9, displacement: float = 1.0
) -> NeuralPolicy:
    """A random MDP of three states and two actions whose inputs lie in a plane; the neurons nearest to one are turned.

    ``displacement`` is R ≥ ‖ω − W₀‖.
    """
    rng = np.random.default_rng(seed)
    angles = np.pi * np.arange(6) / 6
    inputs = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    mdp = MDP.of(rng.dirichlet(np.ones(3), size=(3, 2)), rng.uniform(size=(3, 2)), gamma, rng.dirichlet(np.ones(3)))
    net = network(rng, m, 3)
    return NeuralPolicy.of((mdp,), inputs.reshape(3, 2, 3), net, turned(net, inputs[0], displacement), eta, tau, 1.0)


def same_input(tau: float = 1.0, eta: float = 0.0, m: int = 64) -> NeuralPolicy:
    """One input at every pair, at one of them a hundredth shorter: what has changed there has changed everywhere."""
    mdp = MDP.of(np.full((2, 2, 2), 0.5), np.array([[0.0, 1.0], [1.0, 0.0]]), 0.5, np.full(2, 0.5))
    net = network(np.random.default_rng(0), m, 3)
    inputs = np.array([1.0, 0.0, 0.0]) * np.array([[1.0, 1.0], [1.0, 0.99]])[..., None]
    return NeuralPolicy.of((mdp,), inputs, net, turned(net, inputs[0, 0], 1.0), eta, tau, 1.0)


def across(gamma: float = 0.999, eta: float = 4.0, tau: float = 1.0) -> NeuralPolicy:
    """One state, two actions at near inputs, and one neuron that is active at the one, and then at the other."""
    mdp = MDP.of(np.ones((1, 2, 1)), np.array([[0.0, 1.0]]), gamma, np.ones(1))
    near = 1e-3
    inputs = np.array([[[1.0, near], [1.0, -near]]]) / np.sqrt(1 + near**2)
    net = TwoLayer(np.ones(1), np.array([[0.0, 1.0]]))
    return NeuralPolicy.of((mdp,), inputs, net, -np.asarray(net.start), eta, tau, 1.0)


FROZEN_FEATURES = Statement(
    id="wang2020/frozen_features",
    title="neural policies, what features at the start cost (R4)",
    source=Source("wang2020", "features at the start, for neural policies (R4)", "D"),
    claim=r"\sup_{\|v\|\le R_v}\|(\psi_i-\psi_i^0)^\top v\|_{\sigma_i}\le\frac{R_v}\tau\max_x\|x\|\sqrt{\tfrac{k(x)}m}"
    r"\,\Big(1+\frac{\eta\gamma_i\bar A_i}{1-\gamma_i}\Big)",
    takes=NeuralPolicy,
    hypotheses=no_kink,
    lhs=change,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        case("nearly one input everywhere", same_input),
        case("nearly one input everywhere, τ = 1/10", same_input, 0.1),
        case("a neuron that turns between two inputs, γ = .999, η = 4", across),
        case("three states, m = 1024", three_states, 1024),
        case("three states, m = 16,384", three_states, 16_384),
        case("three states, m = 1024, τ = ½, η = 1", three_states, 1024, 1.0, 0.5),
        case("three states, m = 1024, τ = ½, η = 20", three_states, 1024, 20.0, 0.5),
    ),
    mutants=(
        mutant("ηT dropped", across, rhs=lambda p: feature_change(p) / p.tau),
        mutant("1/τ dropped", same_input, 0.1, rhs=lambda p: p.tau * bound(p)),
        mutant("m^{−1/4}, as for small balls with c = 1", same_input, m=16_384, rhs=small_balls),
    ),
)
