"""Sweeps over the width m: the terms of S3's bounds on trained networks, the finite-width kernel.

    m E(φ_{W₀}(x)ᵀφ_{W₀}(x') − K_∞(x, x'))² = (xᵀx')² p(1 − p),   p = (π − ∠(x, x'))/(2π)        (derived here)

Proof. The kernel at the start is xᵀx' times the mean of m independent indicators of W_{0,r}ᵀx > 0 and W_{0,r}ᵀx' > 0,
and p is the probability of one; K_∞ = p xᵀx' is the arc-cosine kernel.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from mamllib.statements.wang2020.trained import Trained, descended, kernel_of, untrained
from mamllib.statements.wang2020.two_layer_gap import (
    feature_cost,
    frank_wolfe_gap,
    gap,
    representation,
    slope_norm,
)
from mamllib.tasks.two_layer import arc_cosine_kernel, tangent_kernel, two_layer


def with_network(case: Trained, key, m: int) -> Trained:
    """The same problem, radius and comparator with a fresh, untrained network of width m."""
    return untrained(case.problem, case.inputs, key, m, case.radius, case.comparator)


_descended = jax.jit(jax.vmap(descended, in_axes=(0, None, None)))


def train(cases: Sequence[Trained], steps: int, size: float) -> list[Trained]:
    """``projected_gradient`` from each of the cases in one compiled program; their arrays must have the same shapes."""
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *cases)
    weights = jax.device_get(_descended(stacked, steps, size))
    return [replace(case, omega=omega) for case, omega in zip(cases, weights, strict=True)]


def terms(case: Trained) -> dict[str, float]:
    """The gap of S3 and the terms of its bounds.

    Returns:
        gap: F(h_ω) − F(h*). epsilon: the Frank–Wolfe gap. slope: ‖g‖_M. And, each times ‖g‖_M,
        features: inf_{V∈𝓑} ‖h* − φ_ωᵀV‖_M; free: the same over all V, which bounds nothing; start: with φ_{W₀} in
        place of φ_ω; flips: 2R(E_M #{changed signs}/m)^{1/2}, the cost of the features at the start.
    """
    slope = slope_norm(case)
    return {
        "gap": gap(case),
        "epsilon": frank_wolfe_gap(case),
        "slope": slope,
        "features": slope * representation(case),
        "free": slope * representation(case, ball=False),
        "start": slope * representation(case, at="start"),
        "flips": slope * feature_cost(case),
    }


def kernel_error(key, x: Float[Array | np.ndarray, "N d"], m: int, draws: int) -> float:
    """Root mean square over pairs of inputs and fresh networks of φ_{W₀}(x)ᵀφ_{W₀}(x') − K_∞(x, x')."""
    return float(np.sqrt(np.mean(_squared_kernel_errors(jax.random.split(key, draws), x, m))))


@partial(jax.jit, static_argnames="m")
def _squared_kernel_errors(keys, x, m: int):
    def one(key):
        net = two_layer(key, m, x.shape[1])
        return jnp.mean((tangent_kernel(net, net.start, x) - arc_cosine_kernel(x)) ** 2)

    return jax.lax.map(one, keys)


def kernel_deviation(x: Float[Array | np.ndarray, "N d"], m: int) -> float:
    """What ``kernel_error`` estimates: the root of the mean over pairs of (xᵀx')² p(1 − p)/m."""
    product, joint = x @ x.T, kernel_of(x)  # p xᵀx'
    return float(np.sqrt(np.mean(joint * (product - joint)) / m))
