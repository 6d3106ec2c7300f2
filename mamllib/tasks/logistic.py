"""Logistic regression with ridge, all constants proved."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from mamllib.arithmetic import Scalar
from mamllib.tasks.task import Constants, Task, register

LARGEST_THIRD_DERIVATIVE = 1 / (6 * math.sqrt(3))


@register
class Logistic(Task):
    """f(w) = (1/n) Σ_j log(1 + exp(−y_j x_jᵀw)) + (λ/2)‖w‖²; x (n, d), y ∈ {−1, 1}^n, λ ≥ 0; w (d,).

    Write ψ(z) = log(1 + e^{−z}), so |ψ'| ≤ 1, 0 ≤ ψ'' ≤ 1/4, |ψ'''| ≤ 1/(6√3), and S = (1/n) Σ x_jx_jᵀ. With rows
    drawn uniformly:

    * L = λ_max(S)/4 + λ, attained at w = 0 by the Hessian S/4 + λI;
    * ρ = λ_max(S) max_j‖x_j‖/(6√3): |uᵀ(∇²f(w) − ∇²f(w'))u| ≤ (1/n) Σ (x_jᵀu)² |ψ''(z_j) − ψ''(z'_j)|, and the
      last factor is at most ‖x_j‖‖w − w'‖/(6√3);
    * σ̃² = (1/n) Σ ‖x_j‖²: ∇f(w, j) − λw = −y_jψ'(z_j)·(−x_j) has norm at most ‖x_j‖, and a variance is at most a
      second moment (the ridge term is common to all samples);
    * σ_H² = (1/n) Σ ‖x_j‖⁴/16: in Frobenius norm ‖ψ''x_jx_jᵀ‖ ≤ ‖x_j‖²/4, and again variance ≤ second moment.
    """

    x: PyTree
    y: PyTree
    ridge: PyTree

    @property
    def constants(self) -> Constants:
        """L, ρ, σ̃, σ_H of the class docstring."""
        squared_norms = jnp.sum(self.x**2, axis=1)
        top = self.top_eigenvalue()
        rho = top * jnp.sqrt(jnp.max(squared_norms)) * LARGEST_THIRD_DERIVATIVE
        sigma_H = jnp.sqrt(jnp.mean(squared_norms**2)) / 4
        return Constants(top / 4 + self.ridge, rho, jnp.sqrt(jnp.mean(squared_norms)), sigma_H)

    def top_eigenvalue(self) -> Float[Array, ""]:
        """λ_max(S), S = (1/n) Σ x_jx_jᵀ."""
        return jnp.linalg.norm(self.x, 2) ** 2 / len(self.y)

    def loss(self, w: Float[Array, " d"]) -> Float[Array, ""]:
        """(1/n) Σ_j log(1 + exp(−y_j x_jᵀw)) + (λ/2)‖w‖²."""
        return jnp.mean(jax.nn.softplus(-self.y * (self.x @ w))) + self.ridge / 2 * jnp.sum(w**2)

    def gradient(self, w: Float[Array, " d"]) -> Float[Array, " d"]:
        """−(1/n) Σ_j y_j s(−z_j) x_j + λw, s the logistic function, z_j = y_j x_jᵀw."""
        residual = -self.y * jax.nn.sigmoid(-self.y * (self.x @ w))
        return residual @ self.x / len(self.y) + self.ridge * w

    def hessian_vector_product(self, w: Float[Array, " d"], v: Float[Array, " d"]) -> Float[Array, " d"]:
        """(1/n) Σ_j s'(z_j) x_j(x_jᵀv) + λv."""
        s = jax.nn.sigmoid(self.x @ w)
        return (s * (1 - s) * (self.x @ v)) @ self.x / len(self.y) + self.ridge * v

    def sample_loss(self, w: Float[Array, " d"], theta: Int[Array, ""]) -> Float[Array, ""]:
        """The loss of row θ."""
        return jax.nn.softplus(-self.y[theta] * (self.x[theta] @ w)) + self.ridge / 2 * jnp.sum(w**2)

    def sample_gradient(self, w: Float[Array, " d"], theta: Int[Array, ""]) -> Float[Array, " d"]:
        """The gradient of row θ."""
        x, y = self.x[theta], self.y[theta]
        return -y * jax.nn.sigmoid(-y * (x @ w)) * x + self.ridge * w

    def sample_hessian_vector_product(
        self, w: Float[Array, " d"], theta: Int[Array, ""], v: Float[Array, " d"]
    ) -> Float[Array, " d"]:
        """The Hessian of row θ times v."""
        x = self.x[theta]
        s = jax.nn.sigmoid(x @ w)
        return s * (1 - s) * (x @ v) * x + self.ridge * v

    def sample(self, key, size: int) -> Int[Array, " size"]:
        """``size`` row numbers drawn with replacement."""
        return jax.random.randint(key, (size,), 0, self.y.shape[0])

    def support(self) -> Int[Array, " n"]:
        """Every row number."""
        return jnp.arange(self.y.shape[0])


def logistic_sigma(tasks) -> Float[Array, ""]:
    """A proved σ for equally likely logistic tasks with one ridge: σ² = mean_i λ_max(S_i).

    The ridge gradient λw is common to all tasks. What is left of ∇f_i is g_i = (1/n) Σ_j r_j x_j with |r_j| ≤ 1, so
    ‖g_i‖² = sup_u ((1/n) Σ_j r_j x_jᵀu)² ≤ λ_max(S_i) by Cauchy–Schwarz, and a variance is at most a second moment.
    """
    return jnp.sqrt(jnp.mean(jnp.stack([task.top_eigenvalue() for task in tasks])))


def gaussian_logistic(key, d: int, n: int, ridge: Scalar = 0.01) -> Logistic:
    """A synthetic task: x ~ N(0, I_d), labels from a random logistic model of unit-norm weights scaled by 2."""
    key_x, key_w, key_y = jax.random.split(key, 3)
    x = jax.random.normal(key_x, (n, d))
    w = jax.random.normal(key_w, (d,))
    p = jax.nn.sigmoid(x @ (2 * w / jnp.linalg.norm(w)))
    y = jnp.where(jax.random.uniform(key_y, (n,)) < p, 1.0, -1.0)
    return Logistic(x, y, jnp.asarray(ridge))
