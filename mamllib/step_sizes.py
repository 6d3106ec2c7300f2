"""How large an outer step may be: the local smoothness L(w) of Lemma 4.8 of Fallah et al. (2020)."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from mamllib import tree
from mamllib.objectives import meta_hessian_vector_product
from mamllib.task_batches import numbers_read, task_batch_mean
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import batch_gradient


def mean_gradient_norm(family: TaskFamily, w):
    """E_{i∼p} ‖∇f_i(w)‖."""
    return family.expect(lambda task: tree.norm(task.gradient(w)))


def local_smoothness(family: TaskFamily, L, rho, alpha, w):
    """L(w) = 4L + 2ρα E_i‖∇f_i(w)‖, which bounds the Lipschitz constant of ∇F at w when α ≤ 1/L.

    With a rate a coordinate the largest stands for α: it is the norm of diag(α).
    """
    return 4 * L + 2 * rho * tree.largest(alpha) * mean_gradient_norm(family, w)


def estimated_smoothness(family: TaskFamily, L, rho, alpha, w, source, B: int, D_beta: int):
    """L̃(w) = 4L + (2ρα/B') Σ_{j∈ℬ'} ‖∇̃f_j(w, 𝒟_β^j)‖, equation (16), for a fresh task batch of size ``B`` = B'.

    ``source`` is a key, or as many uniform numbers as ``task_batch_mean`` reads.
    """

    def gradient_norm(task, w, batch):
        return tree.norm(batch_gradient(task, w, batch))

    mean = task_batch_mean(gradient_norm, family, w, source, B, (D_beta,))
    return 4 * L + 2 * rho * tree.largest(alpha) * mean


@partial(jax.tree_util.register_dataclass, data_fields=["fraction"], meta_fields=["B", "D_beta"])
@dataclass(frozen=True)
class EstimatedStep:
    """β_k = ``fraction`` · β̃(w_k) with β̃ = 1/L̃ of (17), L̃ estimated from ``B`` = B' tasks and ``D_beta`` samples.

    The rule of Theorems 4.12 (fraction 1/12), 4.15 (1/18) and 4.17 (1/25), for ``descent``. L and ρ are read from
    ``problem.parameters``, which is a ``Constants``.
    """

    fraction: Any
    B: int
    D_beta: int

    def numbers_read(self, problem) -> int:
        """How many uniform numbers the tasks and samples are made of."""
        return numbers_read(problem.family, self.B, (self.D_beta,))

    def __call__(self, problem, w, source):
        """β_k at ``w``, from fresh tasks and samples."""
        constants = problem.parameters
        return self.fraction / estimated_smoothness(
            problem.family, constants.L, constants.rho, problem.alpha, w, source, self.B, self.D_beta
        )


def steepest_direction(family: TaskFamily, alpha, w, key, iterations: int = 30):
    """A unit vector v that nearly maximises ‖∇²F(w) v‖, by power iteration from a random start.

    Pairs (w, w + tv) with small t are where Lemma 4.8 is most nearly violated around w; random pairs flatter it.
    """
    start, unravel = ravel_pytree(w)

    def iterate(_, v):
        product = tree.ravel(meta_hessian_vector_product(family, alpha, w, unravel(v)))
        return product / jnp.linalg.norm(product)

    return unravel(jax.lax.fori_loop(0, iterations, iterate, jax.random.normal(key, start.shape)))
