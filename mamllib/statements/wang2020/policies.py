"""Meta-policies on finite MDPs: energies, an inner step of policy improvement, and the meta-gradient both ways.

    π_θ ∝ exp(f_θ/τ),   π_{i,θ} ∝ exp(f_θ/τ + ηQ_i^{π_θ}),   f_θ = φᵀθ,   𝓛(θ) = (1/n) Σ_i J_i(π_{i,θ})

The inner step is the KL-proximal one: it maximises E_π Q_i − KL(π‖π_θ)/η in every state. In fractions e^{θ_k/τ} and e^η
are given in place of θ_k and η, as ``Log``, exponents have to be whole numbers, and slopes are numbers a + bη.
"""

from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, validation
from mamllib.errors import ShapeError
from mamllib.statements.kit import OfNumbers, Parameters, Q, question
from mamllib.statements.wang2020.dual import duals, read
from mamllib.tasks import mdp as tabular
from mamllib.tasks.mdp import MDP

ASCENT_STEPS, ASCENT_SIZE = 4000, 0.05


class Log(NamedTuple):
    """ln of a fraction, which is no fraction itself."""

    of: Q


class Measured(NamedTuple):
    """For each task the policy π_{i,θ} (n, S, A), its advantages A_i, its visitation σ_i, and ψ_i = ``psi`` +
    η ``psi_eta`` (n, S, A, d); and ∇𝓛 = ``slope`` + η ``slope_eta`` (d,), differentiated without the theorem that gives
    ψ.
    """

    policies: np.ndarray
    advantages: np.ndarray
    visitations: np.ndarray
    psi: np.ndarray
    psi_eta: np.ndarray
    slope: np.ndarray
    slope_eta: np.ndarray


@question
class MetaPolicy(OfNumbers):
    """MDPs on shared states and actions, features φ (S, A, d), θ (d,), the inner step η and the temperature τ."""

    mdps: tuple[MDP, ...]
    features: Parameters
    theta: Parameters
    eta: Parameters
    tau: Parameters

    def require(self) -> None:
        """Raise where shapes do not fit, or where fractions and floats are mixed."""
        require_shapes(self)

    @property
    def is_exact(self) -> bool:
        """Whether everything is in fractions."""
        return isinstance(self.eta, Log)

    @cached_property
    def measured(self) -> Measured:
        """What statements on this meta-policy are made of."""
        return _in_fractions(self) if self.is_exact else _in_floats(self)

    @cached_property
    def objective(self):
        """𝓛(θ)."""
        found = zip(self.mdps, self.measured.policies, strict=True)
        return sum(tabular.performance(mdp, policy) for mdp, policy in found) / len(self.mdps)


def require_shapes(asked) -> None:
    """Raise ``ShapeError`` unless all MDPs share states and actions, and φ and θ fit them."""
    shape = asked.mdps[0].rewards.shape
    for index, mdp in enumerate(asked.mdps):
        validation.require_a(MDP, f"mdps[{index}]", mdp, "MDP.of(transitions, rewards, discount, start)")
        if mdp.rewards.shape != shape:
            raise ShapeError(f"mdps[{index}] has rewards {mdp.rewards.shape}, mdps[0] {shape}; all share S and A")
    wanted = (*shape, len(asked.theta))
    if np.shape(asked.features) != wanted:
        raise ShapeError(f"features have shape {np.shape(asked.features)}; these MDPs and this θ need {wanted}")
    if asked.is_exact and not all(isinstance(each, Log) for each in asked.theta):
        raise validation.PrecisionError("theta has a number where eta is a Log: give Log(Fraction) for each")


def softmax(energies):
    """∝ e^energies in every state, floats."""
    weights = jnp.exp(energies - jnp.max(energies, axis=1, keepdims=True))
    return weights / jnp.sum(weights, axis=1, keepdims=True)


def adapted(mdp: MDP, features, theta, eta, tau):
    """π_{i,θ}, floats."""
    energies = features @ theta / tau
    return softmax(energies + eta * tabular.action_values(mdp, softmax(energies)))


@jax.jit
def _policies_and_slopes(mdps, features, theta, eta, tau):
    """For each task π_θ, π_{i,θ} and ∇J_i(π_{i,θ})."""
    base = softmax(features @ theta / tau)
    ends = [adapted(mdp, features, theta, eta, tau) for mdp in mdps]

    def objective(theta, mdp):
        return tabular.performance(mdp, adapted(mdp, features, theta, eta, tau))

    return base, ends, [jax.grad(objective)(theta, mdp) for mdp in mdps]


@jax.jit
def _ascended(mdps, features, theta, eta, tau):
    """θ after ``ASCENT_STEPS`` of gradient ascent."""

    def objective(theta):
        return sum(tabular.performance(mdp, adapted(mdp, features, theta, eta, tau)) for mdp in mdps) / len(mdps)

    def climb(step, theta):
        return theta + ASCENT_SIZE * jax.grad(objective)(theta)

    return jax.lax.fori_loop(0, ASCENT_STEPS, climb, theta)


def ascended(asked: MetaPolicy) -> MetaPolicy:
    """The meta-policy at the end of gradient ascent on 𝓛."""
    given = (asked.mdps, asked.features, jnp.asarray(asked.theta), asked.eta, asked.tau)
    return replace(asked, theta=jax.device_get(_ascended(*given)))


def _in_floats(asked: MetaPolicy) -> Measured:
    given = (asked.mdps, asked.features, jnp.asarray(asked.theta), asked.eta, asked.tau)
    base, ends, slopes = jax.device_get(_policies_and_slopes(*given))
    psi = np.broadcast_to(asked.features / asked.tau, (len(ends), *asked.features.shape))
    psi_eta = np.stack([_moved_values(mdp, base, asked.features / asked.tau) for mdp in asked.mdps])
    slope = np.mean(slopes, axis=0)
    return _measured(asked.mdps, ends, psi, psi_eta, slope, 0 * slope)


def _measured(mdps, policies, psi, psi_eta, slope, slope_eta) -> Measured:
    pairs = list(zip(mdps, policies, strict=True))
    advantages, visitations = (
        np.stack([of(*pair) for pair in pairs]) for of in (tabular.advantages, tabular.visitation)
    )
    return Measured(np.stack(policies), advantages, visitations, psi, psi_eta, slope, slope_eta)


def _moved_values(mdp: MDP, policy, psi):
    """∇Q^{π_θ} = Tφ/τ: (Tu)(s, a) = Σ_t visits after (s, a) of t Σ_c π(c|t) A(t, c) u(t, c), (S, A, d)."""
    weighed = ((policy * tabular.advantages(mdp, policy))[..., None] * psi).sum(axis=1)
    return (tabular.next_visits(mdp, policy)[..., None] * weighed).sum(axis=2)


def _in_fractions(asked: MetaPolicy) -> Measured:
    exponents = np.asarray(asked.features) / asked.tau
    weights = np.prod([_power(log.of, exponents[..., k]) for k, log in enumerate(asked.theta)], axis=0)
    base = _normal(weights)
    each = [_adapted_duals(mdp, weights, exponents, k, asked.eta.of) for mdp in asked.mdps for k in range(_d(asked))]
    ends = [read(policies, "value") for policies, _ in each[:: _d(asked)]]
    slopes = np.array([performance for _, performance in each]).reshape(len(asked.mdps), _d(asked))
    slope, slope_eta = (read(slopes, name).sum(axis=0) / len(asked.mdps) for name in ("rational", "with_eta"))
    psi = np.stack([exponents] * len(asked.mdps))
    psi_eta = np.stack([_moved_values(mdp, base, exponents) for mdp in asked.mdps])
    return _measured(asked.mdps, ends, psi, psi_eta, slope, slope_eta)


def _adapted_duals(mdp: MDP, weights, exponents, k: int, growth: Q):
    """π_{i,θ} and J_i of it, with their slopes along θ_k."""
    start = duals(weights, weights * exponents[..., k], 0 * weights)
    improved = tabular.action_values(mdp, _normal(start))
    gained = improved - improved[:, :1]  # a state's common part does not move its policy
    factors, rises = _power(growth, read(gained, "value")), read(gained, "rational")
    ends = _normal(start * duals(factors, 0 * factors, factors * rises))
    return ends, tabular.performance(mdp, ends)


def _d(asked: MetaPolicy) -> int:
    return len(asked.theta)


def _normal(weights):
    return weights / weights.sum(axis=1)[:, None]


def _power(base: Q, exponents):
    """base^exponents for whole exponents.

    Raises:
        IrrationalError: an exponent is no whole number.
    """
    if base != 1 and any(Q(each).denominator != 1 for each in np.ravel(exponents)):
        raise arithmetic.IrrationalError(f"a power of {base} with an exponent that is no whole number is irrational")
    return np.frompyfunc(lambda each: base ** int(each), 1, 1)(exponents)


def matrix(rows) -> np.ndarray:
    """An array of fractions."""
    return np.array(rows, dtype=object) + Q(0)
