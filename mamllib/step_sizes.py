"""How large an outer step may be: the local smoothness L(w) of Lemma 4.8 of Fallah et al. (2020)."""

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree

from mamllib import tree
from mamllib.objectives import meta_hessian_vector_product
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import batch_gradient, draw


def mean_gradient_norm(family: TaskFamily, w):
    """E_{i∼p} ‖∇f_i(w)‖."""
    return family.expect(lambda task: tree.norm(task.gradient(w)))


def local_smoothness(family: TaskFamily, L, rho, alpha, w):
    """L(w) = 4L + 2ρα E_i‖∇f_i(w)‖, which bounds the Lipschitz constant of ∇F at w when α ≤ 1/L."""
    return 4 * L + 2 * rho * alpha * mean_gradient_norm(family, w)


def estimated_smoothness(family: TaskFamily, L, rho, alpha, w, key, B: int, D_beta: int):
    """L̃(w) = 4L + (2ρα/B') Σ_{j∈ℬ'} ‖∇̃f_j(w, 𝒟_β^j)‖, equation (16), for a fresh task batch of size ``B`` = B'."""
    key_tasks, key_samples = jax.random.split(key)
    chosen = jax.random.choice(key_tasks, len(family), (B,), p=family.probabilities)

    def gradient_norm(index, key):
        return family.apply(index, lambda task: tree.norm(batch_gradient(task, w, draw(task, key, D_beta))))

    norms = jax.vmap(gradient_norm)(chosen, jax.random.split(key_samples, B))
    return 4 * L + 2 * rho * alpha * jnp.mean(norms)


def steepest_direction(family: TaskFamily, alpha, w, key, iterations: int = 30):
    """A unit vector v that nearly maximises ‖∇²F(w) v‖, by power iteration from a random start.

    Pairs (w, w + tv) with small t are where Lemma 4.8 is most nearly violated around w; random pairs flatter it.
    """
    start, unravel = ravel_pytree(w)

    def iterate(_, v):
        product = tree.ravel(meta_hessian_vector_product(family, alpha, w, unravel(v)))
        return product / jnp.linalg.norm(product)

    return unravel(jax.lax.fori_loop(0, iterations, iterate, jax.random.normal(key, start.shape)))
