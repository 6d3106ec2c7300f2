"""Meta-policies whose energies are a two-layer network's, and what is measured of them: the question of R4.

f_W(x) = m^{−1/2} Σ_r b_r relu(W_rᵀx) at x = x(s, a). A policy depends on ω through the S·A numbers f_ω(x) alone, so
with P_i = (I + ηT_i)/τ as an (S·A, S·A) matrix ψ_i = P_iφ_ω and ψ_i⁰ = P_iφ_{W₀}, and norms of features come from
their products at all pairs of inputs: nothing here has m·d columns.
"""

from functools import cached_property
from types import SimpleNamespace

import numpy as np

from mamllib import validation
from mamllib.statements.kit import Parameters
from mamllib.statements.wang2020.policies import MetaPolicy
from mamllib.statements.wang2020.problem import instance
from mamllib.statements.wang2020.trained import fitting
from mamllib.tasks import mdp as tabular
from mamllib.tasks import two_layer as layers
from mamllib.tasks.mdp import MDP
from mamllib.tasks.two_layer import TwoLayer


@instance()
class NeuralPolicy:
    """MDPs on shared states and actions, inputs x(s, a) (S, A, d), a network at ω (m, d), η, τ, and R_v for v."""

    mdps: tuple[MDP, ...]
    inputs: Parameters
    net: TwoLayer
    omega: Parameters
    eta: Parameters
    tau: Parameters
    radius: Parameters

    @classmethod
    def of(cls, mdps, inputs, net: TwoLayer, omega, eta, tau, radius) -> "NeuralPolicy":
        """Check the input.

        Raises:
            ValueError: η < 0, τ ≤ 0, R_v ≤ 0, a number that is not finite, signs of neurons other than ±1. ShapeError:
                ω of another shape than the network's weights, inputs that do not fit. PrecisionError: float32.
        """
        validation.require_nonnegative("eta", eta)
        for name, value in (("tau", tau), ("radius", radius)):
            validation.require_positive(name, value)
        if np.ndim(inputs) != 3 or np.shape(inputs)[:2] != mdps[0].rewards.shape:
            shape = (*mdps[0].rewards.shape, "d")
            raise validation.ShapeError(f"inputs have shape {np.shape(inputs)}; these MDPs need {shape}")
        net, flat, omega = fitting(net, np.reshape(inputs, (-1, np.shape(inputs)[-1])), "omega", omega)
        made = cls(tuple(mdps), flat.reshape(np.shape(inputs)), net, omega, float(eta), float(tau), float(radius))
        _ = made.policy  # MDPs that do not fit each other are refused here
        return made

    @property
    def flat(self) -> np.ndarray:
        """Inputs, (S·A, d)."""
        return np.asarray(self.inputs).reshape(-1, self.inputs.shape[-1])

    @cached_property
    def policy(self) -> MetaPolicy:
        """The same policy with every energy a parameter of its own: φ = I, θ = f_ω."""
        shape, count = self.mdps[0].rewards.shape, len(self.flat)
        energies = np.asarray(layers.network(self.net, self.omega, self.flat))
        return MetaPolicy.of(self.mdps, np.eye(count).reshape(*shape, count), energies, self.eta, self.tau)

    @cached_property
    def measured(self) -> SimpleNamespace:
        """All that statements need: ``paths`` P_i (n, S·A, S·A), ``laws`` σ_i (n, S·A), Grams of features (S·A, S·A).

        ``seen`` is Ā_i, ``advantages`` (1 − γ_i)⁻¹‖A_i‖_{σ_i}, ``stationarity`` ‖∇𝓛(ω)‖, ``changed`` k(x) (S·A,), and
        ``nearest`` the least |W_rᵀx| of any neuron at ω and at W₀ (S·A,).
        """
        found, x = self.policy.measured, self.flat
        laws = found.visitations.reshape(len(self.mdps), -1)
        paths = (found.psi + self.eta * found.psi_eta).reshape(len(self.mdps), len(x), len(x))
        active = [np.asarray(layers.activity(self.net, W, x)) for W in (self.net.start, self.omega)]
        at_start, at_omega, change = (_gram(each, x) for each in (*active, active[1] - active[0]))
        slope = found.slope + self.eta * found.slope_eta
        horizons = np.array([1 / (1 - mdp.discount) for mdp in self.mdps])
        return SimpleNamespace(
            paths=paths,
            laws=laws,
            at_start=at_start,
            at_omega=at_omega,
            change=change,
            changed=np.count_nonzero(active[1] - active[0], axis=1),
            nearest=np.minimum(*(np.abs(x @ np.asarray(W).T).min(axis=1) for W in (self.net.start, self.omega))),
            advantages=horizons * np.sqrt((found.visitations * found.advantages**2).sum(axis=(1, 2))),
            seen=np.array([_seen(mdp, _base(self)) for mdp in self.mdps]),
            stationarity=float(np.sqrt(max(0.0, slope @ at_omega @ slope))),
        )

    @property
    def discounts(self) -> np.ndarray:
        """γ_i, (n,)."""
        return np.array([float(mdp.discount) for mdp in self.mdps])


def _gram(activity, x) -> np.ndarray:
    return (activity @ activity.T) * (x @ x.T)


def _base(asked: NeuralPolicy) -> np.ndarray:
    """π_ω, before the inner step."""
    energies = np.asarray(asked.policy.theta).reshape(asked.mdps[0].rewards.shape) / asked.tau
    weights = np.exp(energies - energies.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def _seen(mdp: MDP, policy) -> float:
    """Ā = max over (s, a) of ‖A^{π_ω}‖ in the law of what π_ω visits after (s, a)."""
    squares = (policy * tabular.advantages(mdp, policy) ** 2).sum(axis=1)
    after = np.einsum("sat,tu->sau", mdp.transitions, tabular.visits_from(mdp, policy))
    return float(np.sqrt(((1 - mdp.discount) * after @ squares).max()))


def turned(net: TwoLayer, point: np.ndarray, radius: float) -> np.ndarray:
    """ω within ``radius`` of W₀ at which most neurons have changed sign at ``point``: the nearest are turned first."""
    start, unit = np.asarray(net.start), point / np.linalg.norm(point)
    distances = start @ unit
    order = np.argsort(np.abs(distances))
    count = int((np.cumsum((distances[order] * (1 + 1e-9)) ** 2) <= radius**2).sum())
    steps = np.zeros(len(start))
    steps[order[:count]] = -distances[order[:count]] * (1 + 1e-9)
    return start + steps[:, None] * unit
