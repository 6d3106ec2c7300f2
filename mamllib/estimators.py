"""The stochastic meta-gradients of Fallah et al. (2020): MAML (5), FO-MAML (8), HF-MAML (10)–(11).

Each is a pure function of a task, a point and three independent batches 𝒟_in, 𝒟_o, 𝒟_h. They share
g = ∇̃f(w − α∇̃f(w, 𝒟_in), 𝒟_o) and differ in what stands for (I − α∇²f(w)) g.
"""

from collections.abc import Callable
from typing import NamedTuple

from mamllib import tree, validation
from mamllib.batches import expectation
from mamllib.task_batches import draw_each, task_batch_mean
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Batch, Task, batch_gradient, batch_hessian_vector_product


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
    _require_sizes(sizes)
    return Batches(*draw_each(task, key, sizes))


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
        ValueError: α < 0 or not finite, ``w`` not finite, a batch size that is not an integer ≥ 1.
    """
    validation.require_point(alpha, w)
    _require_sizes(sizes)

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
    _require_sizes(sizes)

    def mean(task):
        return expectation(task, sizes, lambda *batches: estimator(task, alpha, w, Batches(*batches)))

    return family.expect(mean)


def _require_sizes(sizes: BatchSizes) -> None:
    for name, size in sizes._asdict().items():
        validation.require_batch_size(name, size)
