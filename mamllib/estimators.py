"""The stochastic meta-gradients of Fallah et al. (2020): MAML (5), FO-MAML (8), HF-MAML (10)–(11).

Each is a pure function of a task, a point and three independent batches 𝒟_in, 𝒟_o, 𝒟_h. They share
g = ∇̃f(w − α∇̃f(w, 𝒟_in), 𝒟_o) and differ in what stands for (I − α∇²f(w)) g.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from mamllib import tree, validation
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Batch, Task, batch_gradient, batch_hessian_vector_product, draw


class Batches(NamedTuple):
    """The independent batches of one task: inner step, outer gradient, Hessian."""

    inner: Batch
    outer: Batch
    hessian: Batch


class BatchSizes(NamedTuple):
    """D_in, D_o, D_h."""

    D_in: int
    D_o: int
    D_h: int


def draw_batches(task: Task, key, sizes: BatchSizes) -> Batches:
    """Three independent batches of the given sizes.

    Raises:
        ValueError: a size that is not an integer ≥ 1.
    """
    for name, size in zip(sizes._fields, sizes, strict=True):
        validation.require_batch_size(name, size)
    return Batches(*(draw(task, k, size) for k, size in zip(jax.random.split(key, 3), sizes, strict=True)))


def adapted_gradient(task: Task, alpha, w, inner: Batch, outer: Batch):
    """g = ∇̃f(w − α∇̃f(w, 𝒟_in), 𝒟_o).

    Raises:
        ValueError: α < 0 or not finite, ``w`` not finite. PrecisionError: ``w`` is not float64.
    """
    validation.require_point(alpha, w)
    return batch_gradient(task, tree.step(w, alpha, batch_gradient(task, w, inner)), outer)


def maml(task: Task, alpha, w, batches: Batches):
    """(I − α∇̃²f(w, 𝒟_h)) g, equation (5)."""
    g = adapted_gradient(task, alpha, w, batches.inner, batches.outer)
    return tree.step(g, alpha, batch_hessian_vector_product(task, w, batches.hessian, g))


def fo_maml(task: Task, alpha, w, batches: Batches):
    """g, equation (8): the Hessian factor dropped."""
    return adapted_gradient(task, alpha, w, batches.inner, batches.outer)


def hf_maml(task: Task, alpha, w, batches: Batches, delta):
    """g − α d with d = [∇̃f(w + δg, 𝒟_h) − ∇̃f(w − δg, 𝒟_h)]/(2δ), equations (10)–(11).

    ``delta`` is δ itself or a rule ‖g‖ ↦ δ, such as the 1/(6ρα‖g‖) of Theorem 4.17.

    Raises:
        ValueError: δ ≤ 0 or not finite.
    """
    g = adapted_gradient(task, alpha, w, batches.inner, batches.outer)
    probe = delta(tree.norm(g)) if callable(delta) else delta
    return tree.step(g, alpha, central_difference(lambda u: batch_gradient(task, u, batches.hessian), w, g, probe))


def central_difference(gradient: Callable, w, v, delta):
    """[∇φ(w + δv) − ∇φ(w − δv)]/(2δ) ≈ ∇²φ(w)v, equation (9).

    Raises:
        ValueError: δ ≤ 0 or not finite.
    """
    validation.require_positive("delta", delta)
    ahead, behind = gradient(tree.step(w, -delta, v)), gradient(tree.step(w, delta, v))
    return tree.scale(1 / (2 * delta), tree.subtract(ahead, behind))


def task_batch_direction(estimator: Callable, family: TaskFamily, alpha, w, key, B: int, sizes: BatchSizes):
    """(1/B) Σ_{i∈ℬ} estimator(f_i, α, w, fresh batches), over B tasks drawn independently from p.

    Raises:
        ValueError: a batch size that is not an integer ≥ 1.
    """
    validation.require_point(alpha, w)
    validation.require_batch_size("B", B)
    key_tasks, key_samples = jax.random.split(key)
    chosen = jax.random.choice(key_tasks, len(family), (B,), p=family.probabilities)

    def one(index, key):
        return family.apply(index, lambda task: estimator(task, alpha, w, draw_batches(task, key, sizes)))

    directions = jax.vmap(one)(chosen, jax.random.split(key_samples, B))
    return jax.tree.map(lambda leaf: jnp.mean(leaf, axis=0), directions)
