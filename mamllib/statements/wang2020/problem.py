"""Meta-supervised learning on finitely many inputs, in function space: h is a vector of values at N points.

h_i = h − η E_{D_i}[ℓ'(h, y) K(x, ·)],     𝓛 = F(h) = (1/n) Σ_i E_{D_i} ℓ(h_i, y)
"""

import inspect
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from mamllib import validation
from mamllib.checking.hypothesis import Hypothesis, holds_if
from mamllib.statements.wang2020.loss import LOGISTIC, SMOOTH, UNCHANGED, Loss, require_usable, smoothness, traced
from mamllib.tasks.task import Parameters


def instance(*static: str):
    """Class decorator: a frozen dataclass and pytree whose fields named in ``static`` are compile-time constants."""

    def decorate(cls):
        cls = dataclass(frozen=True)(cls)
        cls.recipe = f"{cls.__name__}.of({', '.join(inspect.signature(cls.of).parameters)})"
        fields = [name for name in cls.__dataclass_fields__ if name not in static]
        return jax.tree_util.register_dataclass(cls, fields, list(static))

    return decorate


@instance("loss", "trace")
class Problem:
    """n tasks on N shared points: weights ``shares`` (n, N) with rows summing to 1, labels (n, N), kernel (N, N), η.

    ``trace`` tells one state of the loss from another: it may read what has changed since.
    """

    shares: Parameters
    labels: Parameters
    kernel: Parameters
    eta: Parameters
    loss: Loss
    trace: str = ""

    @classmethod
    def of(cls, shares, labels, kernel, eta, loss) -> "Problem":
        """Check the input.

        Raises:
            ValueError: η < 0, a number that is not finite, shares that are not probabilities, logistic labels other
                than ±1, a kernel that is not symmetric, a loss that raises. ShapeError: shares and labels of different
                shapes, a kernel that is not (N, N). TypeError: a loss that is not a ``Loss``. PrecisionError: float32.
            ChangingFunctionError: a loss that is another one each time.
        """
        if not isinstance(loss, Loss):
            raise TypeError(f"loss is a {type(loss).__name__}; give LOGISTIC, SQUARED or another Loss")
        require_usable(loss)
        validation.require_nonnegative("eta", eta)
        shares, labels, kernel = (
            finite(*named) for named in (("shares", shares), ("labels", labels), ("kernel", kernel))
        )
        validation.require_same_shape("shares", shares, "labels", labels)
        if shares.ndim != 2:
            raise validation.ShapeError(f"shares have shape {shares.shape}; n tasks on N points need (n, N)")
        for share in shares:
            validation.require_probabilities("shares", share)
        _require_kernel(kernel, shares.shape[1])
        if loss is LOGISTIC and not np.all(np.abs(labels) == 1):
            raise ValueError("the logistic loss takes labels 1 and −1")
        return cls(shares, labels, kernel, float(eta), loss, traced(loss))

    @property
    def mixture(self) -> Float[Array | np.ndarray, " N"]:
        """M = (1/n) Σ_i D_i."""
        return self.shares.mean(axis=0)

    def now(self) -> "Problem":
        """The problem with its loss as it is now."""
        return replace(self, trace=traced(self.loss))


def finite(name: str, values) -> np.ndarray:
    """The values as an array of float64.

    Raises:
        ValueError: one is not finite. PrecisionError: they are float32.
    """
    array = np.asarray(values)
    array = array.astype(float) if array.dtype.kind in "biu" else array
    validation.require_parameters(name, array)
    return array


def _require_kernel(kernel, N: int) -> None:
    if kernel.shape != (N, N):
        raise validation.ShapeError(f"kernel has shape {kernel.shape}; with {N} inputs it is ({N}, {N})")
    lopsided = float(np.abs(kernel - kernel.T).max())
    if lopsided > 1e-9 * float(np.abs(kernel).max()):
        raise ValueError(f"kernel is not symmetric: K(x, z) and K(z, x) differ by up to {lopsided:.3g}")


def adapted(problem: Problem, h: Float[Array | np.ndarray, " N"]) -> Float[Array, "n N"]:
    """h_i = h − η K (D_i ∘ ℓ'(h, y_i)), a row for each task."""
    pull = problem.shares * problem.loss.slope(h[None], problem.labels)
    return h - problem.eta * pull @ problem.kernel.T


def risk(problem: Problem, h: Float[Array | np.ndarray, " N"]):
    """F(h)."""
    losses = problem.loss.values(adapted(problem, h), problem.labels)
    return jnp.mean(jnp.sum(problem.shares * losses, axis=1))


def functional_gradient(problem: Problem, h: Float[Array | np.ndarray, " N"]) -> Float[Array, " N"]:
    """g = δF/δh in L²(M): F'(h)[u] = Σ_x M(x) g(x) u(x); 0 where M is."""
    slope, mass = jax.grad(risk, argnums=1)(problem, h), problem.mixture
    return jnp.where(mass > 0, slope / jnp.where(mass > 0, mass, 1.0), 0.0)


def mean_square(weights, u):
    """E u² under the weights, along the last axis."""
    return (weights * u**2).sum(axis=-1)


def on_host(measured: dict) -> SimpleNamespace:
    """What a compiled function measured, as NumPy arrays under their names."""
    return SimpleNamespace(**jax.device_get(measured))


drawing = partial(
    jax.jit, compiler_options={"xla_backend_optimization_level": 0}
)  # runs once: compiled in half the time
quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")  # what is not finite is found by ``room``


def room(excess, budget=0.0, statistical: bool = False) -> Hypothesis:
    """Room 0 where ``excess`` ≥ −``budget`` at every place, else the least excess in its own units; NaN where one is
    not finite."""
    excess, budget = np.broadcast_arrays(np.asarray(excess, float), np.asarray(budget, float))
    finite = np.all(np.isfinite(excess) & np.isfinite(budget))
    least = 0.0 if np.all(excess >= -budget) else float(excess.min())
    room = least if finite else float("nan")
    return Hypothesis(room, places=excess.size, statistical=statistical, equality=True)


@quiet
def trials(case) -> dict[str, Hypothesis]:
    """What is found of the loss where the instance reads it: whether it is C², and what it was."""
    loss = case.problem.loss
    return {
        SMOOTH: room(smoothness(case.measured)),
        UNCHANGED: Hypothesis(holds_if(traced(loss) == case.problem.trace), places=1),
    }
