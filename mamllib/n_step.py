"""The stochastic meta-gradient of N inner steps, Ji et al. (2022).

    w_{m+1} = w_m − α∇̃f(w_m, 𝒟_in^m),      Ĝ = [∏_{j<N}(I − α∇̃²f(w_j, 𝒟_h^j))] ∇̃f(w_N, 𝒟_o)

Unbiased statements about it ask for 2N + 1 independent batches, as ``NStep`` draws them. ``n_step_maml`` takes any: the
same batch in two places is how a claim that needs independence is tried.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from mamllib import tree, validation
from mamllib.estimators import Batches
from mamllib.inner_loop import Inner, pulled_back
from mamllib.tasks.task import Batch, Task, batch_gradient, batch_hessian_vector_product


class PathBatches(NamedTuple):
    """``inner`` and ``hessian``: N batches each, along a leading axis; ``outer``: one."""

    inner: Batch
    hessian: Batch
    outer: Batch


def n_step_maml(task: Task, alpha, w, batches: PathBatches):
    """Ĝ for these batches; N is how many there are. Memory is that of some 2√N points.

    Raises:
        ValueError: α < 0 or not finite, ``w`` not finite, or not as many batches for the Hessians as for the steps.
        PrecisionError: ``w`` is not float64.
    """
    validation.require_point(alpha, w)
    steps, factors = (each.weights.shape[0] for each in (batches.inner, batches.hessian))
    if steps != factors:
        raise ValueError(f"{factors} batches for the Hessians of {steps} inner steps; there must be one each")

    def step(point, x):
        return tree.step(point, alpha, batch_gradient(task, point, x[0]))

    def factor(point, x, v):
        return tree.transposed_step(v, alpha, partial(batch_hessian_vector_product, task, point, x[1]))

    def outer_gradient(end):
        return batch_gradient(task, end, batches.outer)

    return pulled_back(Inner(step, factor), w, steps, outer_gradient, batches[:2])


@partial(jax.tree_util.register_dataclass, data_fields=[], meta_fields=["steps"])
@dataclass(frozen=True)
class NStep:
    """``n_step_maml`` as an estimator: N D_in samples are drawn for the steps and N D_h for the Hessians, and parted.

    Raises:
        ValueError: ``steps`` is not an integer ≥ 0, or does not divide the samples.
    """

    steps: int

    def __post_init__(self):
        validation.require_count("steps", self.steps, least=0)

    def __call__(self, task: Task, alpha, w, batches: Batches):
        """Ĝ, every step and every factor with samples of its own."""
        inner, hessian = (parted(each, self.steps) for each in (batches.inner, batches.hessian))
        return n_step_maml(task, alpha, w, PathBatches(inner, hessian, batches.outer))


def parted(batch: Batch, parts: int) -> Batch:
    """A batch in ``parts`` equal ones along a leading axis; the one sample of a noiseless task serves all.

    Raises:
        ValueError: its size is no multiple of ``parts``.
    """
    size = batch.weights.shape[0]
    if size == 1:
        return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (parts, *leaf.shape)), batch)
    if parts and size % parts:
        raise ValueError(f"{size} samples cannot be parted among {parts} inner steps")
    each = size // parts if parts else 0
    theta = jax.tree.map(lambda leaf: leaf[: parts * each].reshape(parts, each, *leaf.shape[1:]), batch.theta)
    return Batch(theta, jnp.full((parts, each), 1 / max(each, 1)))
