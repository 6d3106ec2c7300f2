"""The stochastic meta-gradients of Fallah et al. (2020): MAML (5), FO-MAML (8), HF-MAML (10)–(11).

An *estimator* is a callable ``estimator(task, α, w, batches)`` → direction that knows its own parameters: a plain
function such as ``maml``, or a frozen dataclass made with ``register_estimator`` such as ``HessianFree(δ)``: its
numbers are leaves of a pytree, so that another δ compiles nothing new.

They share g = ∇̃f(w − α∇̃f(w, 𝒟_in), 𝒟_o) and differ in what stands for (I − ∇²f(w)α) g. α is one number, or a rate a
coordinate; the Jacobian of w − α∘∇f(w) then has diag(α) on the right of ∇²f, so its transpose takes g to g − ∇²f(α∘g).
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, TypeVar

import jax
from jaxtyping import PyTree

from mamllib import arithmetic, tree, validation
from mamllib.batches import expectation
from mamllib.task_batches import draw_each, task_batch_mean
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Batch, Task, batch_gradient, batch_hessian_vector_product

Class_ = TypeVar("Class_", bound=type)


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
    validation.require_sizes(sizes)
    return Batches(*draw_each(task, key, sizes))


def adapted_gradient(task: Task, alpha, w, inner: Batch, outer: Batch):
    """g = ∇̃f(w − α∇̃f(w, 𝒟_in), 𝒟_o).

    Raises:
        ValueError: α < 0 or not finite, ``w`` not finite. PrecisionError: ``w`` is not float64.
        ShapeError: α is neither one number nor shaped like ``w``.
    """
    validation.require_point(alpha, w)
    return batch_gradient(task, tree.step(w, alpha, batch_gradient(task, w, inner)), outer)


def maml(task: Task, alpha, w, batches: Batches):
    """(I − ∇̃²f(w, 𝒟_h)α) g, equation (5)."""
    g = adapted_gradient(task, alpha, w, batches.inner, batches.outer)
    return tree.transposed_step(g, alpha, lambda v: batch_hessian_vector_product(task, w, batches.hessian, v))


def fo_maml(task: Task, alpha, w, batches: Batches):
    """g, equation (8): the Hessian factor dropped."""
    return adapted_gradient(task, alpha, w, batches.inner, batches.outer)


def hf_maml(task: Task, alpha, w, batches: Batches, delta):
    """g − α d with d = [∇̃f(w + δg, 𝒟_h) − ∇̃f(w − δg, 𝒟_h)]/(2δ), equations (10)–(11).

    ``delta`` is δ itself or a rule ‖g‖ ↦ δ, such as the 1/(6ρα‖g‖) of Theorem 4.17. With a rate a coordinate the probes
    move along α∘g, as far as δ‖g‖, and d stands for ∇²f(w)(α∘g).

    Raises:
        ValueError: δ ≤ 0 or not finite.
    """
    g = adapted_gradient(task, alpha, w, batches.inner, batches.outer)
    probe = delta(tree.norm(g)) if callable(delta) else delta

    def product(v, delta):
        return central_difference(lambda u: batch_gradient(task, u, batches.hessian), w, v, delta)

    if tree.is_number(alpha):
        return tree.step(g, alpha, product(g, probe))
    v = tree.times(alpha, g)
    return tree.subtract(g, product(v, equally_far(probe, tree.norm(g), tree.norm(v))))


def equally_far(delta, norm, other):
    """δ' with δ'·other = δ·norm, and δ itself where other = 0."""
    return arithmetic.where(other > 0, delta * norm / arithmetic.where(other > 0, other, 1 + 0 * other), delta)


def register_estimator(cls: Class_) -> Class_:
    """Make a class with ``__call__(task, α, w, batches)`` a frozen dataclass and a pytree, its fields the leaves."""
    cls = dataclass(frozen=True)(cls)
    return jax.tree_util.register_dataclass(cls, data_fields=[field.name for field in fields(cls)], meta_fields=[])


@register_estimator
class HessianFree:
    """HF-MAML as an estimator: ``delta`` is δ, or a rule ‖g‖ ↦ δ such as ``Displacement``."""

    delta: Any

    def __call__(self, task: Task, alpha, w, batches: Batches):
        """``hf_maml`` with this δ."""
        return hf_maml(task, alpha, w, batches, self.delta)


@register_estimator
class Displacement:
    """The rule ‖g‖ ↦ δ that moves the probes of HF-MAML by ``distance`` = δ‖g‖; where g = 0 any δ serves."""

    distance: PyTree

    def __call__(self, norm):
        """distance/‖g‖."""
        return self.distance / arithmetic.where(norm > 0, norm, 1 + 0 * norm)


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
        ValueError: α < 0 or not finite, ``w`` not finite, a batch size that is not an integer ≥ 1.
    """
    validation.require_point(alpha, w)
    validation.require_sizes(sizes)

    def direction(task, w, *batches):
        return estimator(task, alpha, w, Batches(*batches))

    return task_batch_mean(direction, family, w, key, B, sizes)


def expected_direction(estimator: Callable, family: TaskFamily, alpha, w, sizes: BatchSizes):
    """E_i E estimator(f_i, α, w, 𝒟_in, 𝒟_o, 𝒟_h) over i ∼ p and all batches, by enumeration; floats or fractions.

    This is what ``task_batch_direction`` has as its mean at every B. A noiseless task costs one evaluation.

    Raises:
        ValueError: α < 0 or not finite, ``w`` not finite, a batch size that is not an integer ≥ 1.
        NotEnumerableError: the samples have no finite support, or too many batches.
    """
    validation.require_point(alpha, w)
    validation.require_sizes(sizes)

    def mean(task):
        return expectation(task, sizes, lambda *batches: estimator(task, alpha, w, Batches(*batches)))

    return family.expect(mean)
