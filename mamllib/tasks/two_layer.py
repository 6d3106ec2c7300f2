"""Two-layer ReLU networks in the NTK parametrisation, their tangent features, and inputs on the unit sphere."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from mamllib import validation
from mamllib.arithmetic import AnyArray
from mamllib.tasks.digits import handwritten_digits


class TwoLayer(NamedTuple):
    """f_W(x) = m^{-1/2} Σ_r b_r relu(W_rᵀx): signs b (m,) stay fixed, W (m, d) starts at ``start`` ~ N(0, I/d)."""

    signs: Float[AnyArray, " m"]
    start: Float[AnyArray, "m d"]

    @property
    def width(self) -> int:
        """m."""
        return len(self.signs)


def two_layer(key, m: int, d: int) -> TwoLayer:
    """Random signs and initial weights.

    Raises:
        ValueError: a width or dimension that is not an integer ≥ 1.
    """
    validation.require_batch_size("m", m)
    validation.require_batch_size("d", d)
    key_b, key_w = jax.random.split(key)
    signs = jax.random.rademacher(key_b, (m,), dtype=float)
    return TwoLayer(signs, jax.random.normal(key_w, (m, d)) / jnp.sqrt(d))


def network(net: TwoLayer, W: Float[AnyArray, "m d"], x: Float[AnyArray, "N d"]) -> Float[AnyArray, " N"]:
    """f_W at N points."""
    return jax.nn.relu(x @ W.T) @ net.signs / jnp.sqrt(net.width)


def activity(net: TwoLayer, W: Float[AnyArray, "m d"], x: Float[AnyArray, "N d"]) -> Float[AnyArray, "N m"]:
    """m^{-1/2} b_r 1[W_rᵀx > 0]: the tangent feature φ_W(x) of neuron r is this number times x."""
    return (x @ W.T > 0) * net.signs / jnp.sqrt(net.width)


def tangent_product(
    net: TwoLayer, W: Float[AnyArray, "m d"], V: Float[AnyArray, "m d"], x: Float[AnyArray, "N d"]
) -> Float[AnyArray, " N"]:
    """φ_W(x)ᵀV = m^{-1/2} Σ_r b_r 1[W_rᵀx > 0] V_rᵀx; V = W gives f_W itself, since relu is homogeneous."""
    return jnp.sum(activity(net, W, x) * (x @ V.T), axis=1)


def tangent_adjoint(
    net: TwoLayer, W: Float[AnyArray, "m d"], a: Float[AnyArray, " N"], x: Float[AnyArray, "N d"]
) -> Float[AnyArray, "m d"]:
    """Σ_j a_j φ_W(x_j), the transpose of ``tangent_product``."""
    return (activity(net, W, x) * a[:, None]).T @ x


def tangent_kernel(net: TwoLayer, W: Float[AnyArray, "m d"], x: Float[AnyArray, "N d"]) -> Float[AnyArray, "N N"]:
    """φ_W(x)ᵀφ_W(x') at all pairs."""
    active = activity(net, W, x)
    return (active @ active.T) * (x @ x.T)


def arc_cosine_kernel(x: Float[AnyArray, "N d"]) -> Float[AnyArray, "N N"]:
    """Its limit m → ∞ at the start: xᵀx' (π − ∠(x, x'))/(2π) (Cho and Saul, 2009, degree 0)."""
    norms = jnp.linalg.norm(x, axis=1)
    cosines = jnp.clip(x @ x.T / jnp.outer(norms, norms), -1.0, 1.0)
    return (x @ x.T) * (jnp.pi - jnp.arccos(cosines)) / (2 * jnp.pi)


def sphere(key, points: int, d: int) -> Float[AnyArray, "N d"]:
    """Uniform points on the unit sphere of R^d."""
    x = jax.random.normal(key, (points, d))
    return x / jnp.linalg.norm(x, axis=1, keepdims=True)


def digits_on_sphere(points: int) -> tuple[Float[AnyArray, "N d"], np.ndarray]:
    """The first 8×8 handwritten digits, scaled to norm 1 (N, 64), and their classes."""
    data = handwritten_digits()
    x = data.data[:points]
    return jnp.asarray(x / np.linalg.norm(x, axis=1, keepdims=True)), data.target[:points]
