"""Logistic regression with ridge, all constants proved."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int, PyTree

from mamllib import arithmetic
from mamllib.arithmetic import AnyArray, Scalar, plain
from mamllib.errors import ShapeError
from mamllib.tasks.rows import Rows
from mamllib.tasks.task import Constants, register

LARGEST_THIRD_DERIVATIVE = 1 / (6 * math.sqrt(3))


@register
class Logistic(Rows):
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
    rows: PyTree = None

    @property
    def constants(self) -> Constants:
        """L, ρ, σ̃, σ_H of the class docstring."""
        known = np if not arithmetic.is_traced(self) else jnp
        x, ridge, top = known.asarray(self.x), plain(self.ridge), self.top_eigenvalue()
        squared_norms = (x**2).sum(axis=1)
        rho = top * known.sqrt(squared_norms.max()) * LARGEST_THIRD_DERIVATIVE
        sigma_tilde, sigma_H = known.sqrt(self.mean(squared_norms)), known.sqrt(self.mean(squared_norms**2)) / 4
        return Constants(*map(plain, (top / 4 + ridge, rho, sigma_tilde, sigma_H)))

    def certificate(self) -> Constants | None:
        """L, ρ, σ̃, σ_H of the class docstring, for labels ±1 and λ ≥ 0."""
        labelled = np.all(np.abs(self.y) == 1)
        return self.constants if labelled and plain(self.ridge) >= 0 else None

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """σ² = Σ_i p_i λ_max(S_i), of tasks with one ridge λ: see ``logistic_sigma``."""
        if len({plain(task.ridge) for task in tasks}) > 1 or any(task.certificate() is None for task in tasks):
            return None
        return math.sqrt(sum(p * task.top_eigenvalue() for p, task in zip(probabilities, tasks, strict=True)))

    def check_data(self) -> None:
        """``ShapeError`` unless ``x`` is (n, d) and ``y`` (n,) with n ≥ 1, ``ValueError`` unless labels are ±1."""
        if np.ndim(self.x) != 2 or np.shape(self.y) != np.shape(self.x)[:1] or not np.size(self.y):
            raise ShapeError(f"data x has shape {np.shape(self.x)}, y {np.shape(self.y)}; they must be (n, d) and (n,)")
        if not arithmetic.is_traced(self.y) and not np.all(np.abs(self.y) == 1):
            raise ValueError(f"data y holds the labels {np.unique(self.y)[:4]}; labels are −1 and 1")

    def row_data(self):
        """x and y."""
        return {"x": self.x, "y": self.y}

    def top_eigenvalue(self) -> Scalar:
        """λ_max(S), S = (1/n) Σ x_jx_jᵀ."""
        if arithmetic.is_traced(self):
            scaled = self.x if self.rows is None else self.x * jnp.sqrt(self.chances() * self.rows)[:, None]
            return jnp.linalg.norm(scaled, 2) ** 2 / self.row_count()
        counted = np.asarray(self.x)[: plain(self.row_count())]
        return float(np.linalg.norm(counted, 2)) ** 2 / len(counted)

    def loss(self, w: Float[AnyArray, " d"]) -> Float[AnyArray, ""]:
        """(1/n) Σ_j log(1 + exp(−y_j x_jᵀw)) + (λ/2)‖w‖²."""
        return self.mean(jax.nn.softplus(-self.y * (self.x @ w))) + self.ridge / 2 * jnp.sum(w**2)

    def gradient(self, w: Float[AnyArray, " d"]) -> Float[AnyArray, " d"]:
        """−(1/n) Σ_j y_j s(−z_j) x_j + λw, s the logistic function, z_j = y_j x_jᵀw."""
        residual = -self.y * jax.nn.sigmoid(-self.y * (self.x @ w))
        return self._mean_row(residual) + self.ridge * w

    def hessian_vector_product(self, w: Float[AnyArray, " d"], v: Float[AnyArray, " d"]) -> Float[AnyArray, " d"]:
        """(1/n) Σ_j s'(z_j) x_j(x_jᵀv) + λv."""
        s = jax.nn.sigmoid(self.x @ w)
        return self._mean_row(s * (1 - s) * (self.x @ v)) + self.ridge * v

    def _mean_row(self, factors):
        """(1/n) Σ_j factor_j x_j."""
        return factors @ self.x / self.size if self.rows is None else (factors * self.chances()) @ self.x

    def sample_loss(self, w: Float[AnyArray, " d"], theta: Int[AnyArray, ""]) -> Float[AnyArray, ""]:
        """The loss of row θ."""
        x, y = self._row(theta)
        return jax.nn.softplus(-y * (x @ w)) + self.ridge / 2 * jnp.sum(w**2)

    def sample_gradient(self, w: Float[AnyArray, " d"], theta: Int[AnyArray, ""]) -> Float[AnyArray, " d"]:
        """The gradient of row θ."""
        x, y = self._row(theta)
        return -y * jax.nn.sigmoid(-y * (x @ w)) * x + self.ridge * w

    def sample_hessian_vector_product(
        self, w: Float[AnyArray, " d"], theta: Int[AnyArray, ""], v: Float[AnyArray, " d"]
    ) -> Float[AnyArray, " d"]:
        """The Hessian of row θ times v."""
        x, _ = self._row(theta)
        s = jax.nn.sigmoid(x @ w)
        return s * (1 - s) * (x @ v) * x + self.ridge * v

    def _row(self, theta):
        return arithmetic.as_array(self.x)[theta], arithmetic.as_array(self.y)[theta]


def logistic_sigma(tasks) -> float:
    """A proved σ for equally likely logistic tasks with one ridge: σ² = mean_i λ_max(S_i).

    The ridge gradient λw is common to all tasks. What is left of ∇f_i is g_i = (1/n) Σ_j r_j x_j with |r_j| ≤ 1, so
    ‖g_i‖² = sup_u ((1/n) Σ_j r_j x_jᵀu)² ≤ λ_max(S_i) by Cauchy–Schwarz, and a variance is at most a second moment.
    """
    return math.sqrt(np.mean([task.top_eigenvalue() for task in tasks]))


def gaussian_logistic(key, d: int, n: int, ridge: Scalar = 0.01) -> Logistic:
    """A synthetic task: x ~ N(0, I_d), labels from a random logistic model of unit-norm weights scaled by 2."""
    key_x, key_w, key_y = jax.random.split(key, 3)
    x = jax.random.normal(key_x, (n, d))
    w = jax.random.normal(key_w, (d,))
    p = jax.nn.sigmoid(x @ (2 * w / jnp.linalg.norm(w)))
    y = jnp.where(jax.random.uniform(key_y, (n,)) < p, 1.0, -1.0)
    return Logistic(x, y, arithmetic.as_array(ridge))
