"""Meta-supervised learning on finitely many inputs, in function space: h is a vector of values at N points.

h_i = h − η E_{D_i}[ℓ'(h, y) K(x, ·)],     𝓛 = F(h) = (1/n) Σ_i E_{D_i} ℓ(h_i, y)
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from mamllib import validation
from mamllib.statements.instance import instance
from mamllib.tasks.task import Parameters


class Loss(NamedTuple):
    """ℓ(t, y), and whether it is convex in t."""

    value: Callable
    convex: bool

    def slope(self, t, y):
        """ℓ'(t, y), elementwise."""
        return jnp.vectorize(jax.grad(self.value))(t, y)

    def curvature(self, t, y):
        """ℓ''(t, y), elementwise."""
        return jnp.vectorize(jax.grad(jax.grad(self.value)))(t, y)


def _squared(t, y):
    return (t - y) ** 2 / 2


def _logistic(t, y):
    return jax.nn.softplus(-y * t)


def _double_well(t, y):
    return (t**2 - 1) ** 2 + 0.3 * t + 0 * y


SQUARED, LOGISTIC, DOUBLE_WELL = Loss(_squared, True), Loss(_logistic, True), Loss(_double_well, False)


@instance("loss")
class Problem:
    """n tasks on N shared points: weights ``shares`` (n, N) with rows summing to 1, labels (n, N), kernel (N, N), η."""

    shares: Parameters
    labels: Parameters
    kernel: Parameters
    eta: Parameters
    loss: Loss

    @classmethod
    def of(cls, shares, labels, kernel, eta, loss) -> "Problem":
        """Check the input.

        Raises:
            ValueError: η < 0, shares that are not probabilities, logistic labels other than ±1, a kernel that is not
                symmetric. ShapeError: shares and labels of different shapes, a kernel that is not (N, N).
            TypeError: a loss that is not a ``Loss``.
        """
        if not isinstance(loss, Loss):
            raise TypeError(f"loss is a {type(loss).__name__}; give LOGISTIC, SQUARED or another Loss")
        validation.require_nonnegative("eta", eta)
        validation.require_same_shape("shares", shares, "labels", labels)
        for share in shares:
            validation.require_probabilities("shares", share)
        shares, labels, kernel = (jnp.asarray(each) for each in (shares, labels, kernel))
        _require_kernel(kernel, shares.shape[1])
        if loss is LOGISTIC and not bool(jnp.all(jnp.abs(labels) == 1)):
            raise ValueError("the logistic loss takes labels 1 and −1")
        return cls(shares, labels, kernel, eta, loss)

    @property
    def mixture(self) -> Float[Array, " N"]:
        """M = (1/n) Σ_i D_i."""
        return self.shares.mean(axis=0)


def _require_kernel(kernel, N: int) -> None:
    if kernel.shape != (N, N):
        raise validation.ShapeError(f"kernel has shape {kernel.shape}; with {N} inputs it is ({N}, {N})")
    lopsided = float(jnp.abs(kernel - kernel.T).max())
    if lopsided > 1e-9 * float(jnp.abs(kernel).max()):
        raise ValueError(f"kernel is not symmetric: K(x, z) and K(z, x) differ by up to {lopsided:.3g}")


def adapted(problem: Problem, h: Float[Array, " N"]) -> Float[Array, "n N"]:
    """h_i = h − η K (D_i ∘ ℓ'(h, y_i)), a row for each task."""
    pull = problem.shares * problem.loss.slope(h[None], problem.labels)
    return h - problem.eta * pull @ problem.kernel.T


def risk(problem: Problem, h: Float[Array, " N"]):
    """F(h)."""
    losses = jnp.vectorize(problem.loss.value)(adapted(problem, h), problem.labels)
    return jnp.mean(jnp.sum(problem.shares * losses, axis=1))


def functional_gradient(problem: Problem, h: Float[Array, " N"]) -> Float[Array, " N"]:
    """g = δF/δh in L²(M): F'(h)[u] = Σ_x M(x) g(x) u(x); 0 where M is."""
    slope, mass = jax.grad(risk, argnums=1)(problem, h), problem.mixture
    return jnp.where(mass > 0, slope / jnp.where(mass > 0, mass, 1.0), 0.0)


def mean_square(weights, u):
    """E u² under the weights, along the last axis."""
    return jnp.sum(weights * u**2, axis=-1)
