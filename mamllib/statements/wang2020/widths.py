"""Sweeps over the width m: the terms of S3's bounds on trained networks, linearisation errors, the finite-width kernel.

    m E(φ_{W₀}(x)ᵀφ_{W₀}(x') − K_∞(x, x'))² = (xᵀx')² p(1 − p),   p = (π − ∠(x, x'))/(2π)        (derived here)

Proof. The kernel at the start is xᵀx' times the mean of m independent indicators of W_{0,r}ᵀx > 0 and W_{0,r}ᵀx' > 0,
and p is the probability of one; K_∞ = p xᵀx' is the arc-cosine kernel.
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from mamllib.statements.wang2020.linearisation import Displaced, squared_error
from mamllib.statements.wang2020.two_layer_gap import (
    Trained,
    feature_cost,
    frank_wolfe_gap,
    gap,
    projected_gradient,
    representation,
    slope_norm,
)
from mamllib.tasks.two_layer import arc_cosine_kernel, sphere, tangent_kernel, two_layer


def with_network(case: Trained, key, m: int) -> Trained:
    """The same problem, radius and comparator with a fresh, untrained network of width m."""
    net = two_layer(key, m, case.inputs.shape[1])
    return Trained.of(case.problem, case.inputs, net, net.start, case.radius, case.comparator)


def train(cases: Sequence[Trained], steps: int, size: float) -> list[Trained]:
    """``projected_gradient`` from each of the cases in one compiled program; their arrays must have the same shapes."""
    stacked = jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *cases)
    done = jax.jit(jax.vmap(lambda case: projected_gradient(case, steps, size)))(stacked)
    return [jax.tree.map(lambda leaf, k=k: leaf[k], done) for k in range(len(cases))]


def terms(case: Trained) -> dict[str, float]:
    """The gap of S3 and the terms of its bounds.

    Returns:
        gap: F(h_ω) − F(h*). epsilon: the Frank–Wolfe gap. slope: ‖g‖_M. And, each times ‖g‖_M,
        features: inf_{V∈𝓑} ‖h* − φ_ωᵀV‖_M; free: the same over all V, which bounds nothing; start: with φ_{W₀} in
        place of φ_ω; flips: 2R(E_M #{changed signs}/m)^{1/2}, the cost of the features at the start.
    """
    slope = float(slope_norm(case))
    return {
        "gap": float(gap(case)),
        "epsilon": float(frank_wolfe_gap(case)),
        "slope": slope,
        "features": slope * representation(case),
        "free": slope * representation(case, ball=False),
        "start": slope * representation(case, at=case.net.start),
        "flips": slope * feature_cost(case),
    }


def linearisation_errors(
    key, direction: Callable, m: int, draws: int, points: int = 1024, d: int = 3, radius: float = 1.0
) -> np.ndarray:
    """‖f_W − φ_{W₀}ᵀW‖²_M of ``draws`` fresh networks moved along ``direction``, each on its own uniform inputs.

    Args:
        key: a JAX random key. direction: (net, key, radius) → W, such as ``cluster_direction``.
        m: width. draws: networks. points: inputs on the sphere of R^d. radius: R.
    """

    def one(key):
        key_net, key_move, key_x = jax.random.split(key, 3)
        net = two_layer(key_net, m, d)
        return squared_error(Displaced(net, direction(net, key_move, radius), sphere(key_x, points, d), radius))

    return np.asarray(jax.jit(lambda keys: jax.lax.map(one, keys))(jax.random.split(key, draws)))


def kernel_error(key, x: Float[Array, "N d"], m: int, draws: int) -> float:
    """Root mean square over pairs of inputs and fresh networks of φ_{W₀}(x)ᵀφ_{W₀}(x') − K_∞(x, x')."""

    def one(key):
        net = two_layer(key, m, x.shape[1])
        return jnp.mean((tangent_kernel(net, net.start, x) - arc_cosine_kernel(x)) ** 2)

    return float(jnp.sqrt(jnp.mean(jax.jit(lambda keys: jax.lax.map(one, keys))(jax.random.split(key, draws)))))


def kernel_deviation(x: Float[Array, "N d"], m: int) -> float:
    """What ``kernel_error`` estimates: the root of the mean over pairs of (xᵀx')² p(1 − p)/m."""
    product = x @ x.T
    joint = arc_cosine_kernel(x)  # p xᵀx'
    return float(jnp.sqrt(jnp.mean(joint * (product - joint)) / m))
