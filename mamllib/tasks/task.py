"""What a task is: a loss f, its derivatives, the samples ∇f(·, θ) it is learned from, and its constants."""

import functools
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic, tree
from mamllib.arithmetic import Scalar
from mamllib.tasks.samples import Samples, samples_from

Parameters = PyTree
Task_ = TypeVar("Task_", bound=type)
ONE_SAMPLE = np.zeros(1)


class Constants(NamedTuple):
    """The constants of Assumptions 4.3, 4.4 and 4.6 of Fallah et al. (2020), for one task or the worst of several.

    ``L``: Lipschitz constant of ∇f. ``rho``: Lipschitz constant of ∇²f (operator norm).
    ``sigma_tilde``: E‖∇f(w, θ) − ∇f(w)‖² ≤ σ̃² at every w. ``sigma_H``: E‖∇²f(w, θ) − ∇²f(w)‖² ≤ σ_H² at every w
    (Frobenius norm, so in operator norm as well). A constant that does not exist is ``inf``.
    """

    L: Scalar
    rho: Scalar
    sigma_tilde: Scalar
    sigma_H: Scalar


class Batch(NamedTuple):
    """Samples ``theta`` (leading axis n) with weights (n,) that sum to 1; a drawn batch has weights 1/n."""

    theta: PyTree
    weights: PyTree


class Task(Samples):
    """A twice differentiable loss f: R^d → R together with a distribution of samples f(·, θ), E f(w, θ) = f(w).

    A subclass gives ``loss`` and ``constants``; derivatives default to automatic differentiation, and samples to
    the noiseless f(w, θ) = f(w). A family that also writes ``gradient`` and ``hessian_vector_product`` with plain
    arithmetic can be evaluated on fractions.
    """

    constants: Constants

    def certificate(self) -> Constants | None:
        """Constants that are proved to hold at every w; ``None``: nothing is proved.

        In floats each is right up to the rounding of the few operations that give it.
        """

    def knots(self):
        """Where f'' bends (fractions, in order), of a loss in fractions and one dimension whose f'' is linear between
        knots and constant beyond the outermost; ``None``: this is no such loss.
        """

    def without_noise(self) -> "Task":
        """The loss itself, whose samples do not matter."""
        return self

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """A proved σ for ``tasks`` of this class, E_i‖∇f_i(w) − ∇f(w)‖² ≤ σ² at every w; ``None``: none is proved."""

    def loss(self, w):
        """f(w)."""
        raise NotImplementedError

    def check_data(self) -> None:
        """Raise where the data of the task do not fit together; called before a family or a probe is made of it."""

    def gradient(self, w):
        """∇f(w), with the structure of ``w``."""
        return jax.grad(self.loss)(w)

    def hessian_vector_product(self, w, v):
        """∇²f(w) v, forward over reverse: no d×d array is formed."""
        return jax.jvp(self.gradient, (w,), (v,))[1]

    def sample_loss(self, w, theta):
        """f(w, θ)."""
        return self.loss(w)

    def sample_gradient(self, w, theta):
        """∇f(w, θ)."""
        return self.gradient(w)

    def sample_hessian_vector_product(self, w, theta, v):
        """∇²f(w, θ) v."""
        return self.hessian_vector_product(w, v)

    def batch_gradient(self, w, batch: Batch):
        """∇̃f(w, 𝒟) = Σ_k weight_k ∇f(w, θ_k); a family whose batch is cheaper in one pass overrides it."""
        return _weighted_sum(lambda theta: self.sample_gradient(w, theta), batch)

    def batch_hessian_vector_product(self, w, batch: Batch, v):
        """∇̃²f(w, 𝒟) v = Σ_k weight_k ∇²f(w, θ_k) v."""
        return _weighted_sum(lambda theta: self.sample_hessian_vector_product(w, theta, v), batch)

    def support(self):
        """All θ along a leading axis where they are finitely many, else ``None``."""
        return (Fraction(0),) if arithmetic.is_exact(self) else arithmetic.as_array(ONE_SAMPLE)

    def row_count(self):
        """How many rows of data the task holds; ``None``: it holds none."""

    def padded(self, rows: int) -> "Task":
        """The same task with rows added up to ``rows``, of chance 0, so that it stacks with a larger one."""
        raise NotImplementedError

    def trimmed(self) -> "Task":
        """The same task without the rows of chance 0."""
        return self


def register(cls: Task_) -> Task_:
    """Make a task a frozen dataclass and a pytree, so that tasks can be stacked, mapped and jitted over."""
    cls = dataclass(frozen=True)(cls)
    static = [field.name for field in fields(cls) if field.name in getattr(cls, "__static__", ())]
    data = [field.name for field in fields(cls) if field.name not in static]
    return jax.tree_util.register_dataclass(cls, data_fields=data, meta_fields=static)


def draw(task: Task, source, size: int) -> Batch:
    """A batch of ``size`` independent samples from a key, or from ``samples_read(task, size)`` uniform numbers."""
    return Batch(samples_from(task, source, size), jnp.full(size, 1.0 / size))


def batch_gradient(task: Task, w, batch: Batch):
    """∇̃f(w, 𝒟) = Σ_k weight_k ∇f(w, θ_k)."""
    return task.batch_gradient(w, batch)


def batch_hessian_vector_product(task: Task, w, batch: Batch, v):
    """∇̃²f(w, 𝒟) v = Σ_k weight_k ∇²f(w, θ_k) v."""
    return task.batch_hessian_vector_product(w, batch, v)


def _weighted_sum(sample_value, batch: Batch):
    if arithmetic.is_exact(batch):
        terms = [tree.scale(p, sample_value(t)) for t, p in zip(batch.theta, batch.weights, strict=True) if p]
        return functools.reduce(tree.add, terms)
    values = jax.vmap(sample_value)(batch.theta)
    return jax.tree.map(lambda leaf: jnp.tensordot(batch.weights, leaf, axes=1), values)
