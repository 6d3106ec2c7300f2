"""What MAML optimises: the adapted loss of a task, its meta-gradient, and both averaged over tasks.

    F(w) = E_i f_i(w − α∇f_i(w))                      Fallah et al. (2020), eq. (2)
    F̂(w) = E_i E_𝒟 f_i(w − α∇̃f_i(w, 𝒟))               Fallah et al. (2020), eq. (3)

With ``steps`` = N > 1 inner steps, w̃_{j+1} = w̃_j − α∇f_i(w̃_j), F is the resampling objective of Ji et al. (2022).
Every function takes floats or fractions, and w may be any pytree. α is one number, or has a rate for every coordinate
of w (the same pytree): then w̃ = w − α ∘ ∇f_i(w) and ∇F = E_i (I − ∇²f_i(w) diag α) ∇f_i(w̃).
"""

from functools import partial

import jax

from mamllib import tree, validation
from mamllib.batches import expectation
from mamllib.inner_loop import exact, listed_path, pulled_back, walk
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Task, batch_gradient, batch_hessian_vector_product


def inner_path(task: Task, alpha, w, steps: int = 1) -> list:
    """[w̃_0, …, w̃_N], the N inner steps from w̃_0 = w, written out.

    Raises:
        ValueError: α < 0, not finite, or neither one number nor shaped like ``w``; ``w`` not finite; ``steps`` no
            integer ≥ 0. PrecisionError: ``w`` is not float64, or a float stands among fractions.
    """
    _require(task, alpha, w, steps)
    return listed_path(task, alpha, w, steps)


def _require(task: Task, alpha, w, steps: int) -> None:
    validation.require_point(alpha, w)
    validation.require_one_arithmetic(alpha=alpha, w=w, task=task)
    validation.require_count("steps", steps, least=0)


def task_meta_loss(task: Task, alpha, w, steps: int = 1):
    """F_i(w) = f_i(w̃_N)."""
    _require(task, alpha, w, steps)
    return task.loss(walk(task, alpha, w, steps).end)


def task_meta_gradient(task: Task, alpha, w, steps: int = 1):
    """∇F_i(w) = [∏_{j<N} (I − ∇²f_i(w̃_j) diag α)] ∇f_i(w̃_N), the factor j = 0 leftmost.

    Only Hessian-vector products are formed, last factor first, in the memory of some 2√N points.

    Raises:
        ValueError, PrecisionError: as ``inner_path``.
    """
    _require(task, alpha, w, steps)
    return pulled_back(exact(task, alpha), w, steps, task.gradient)


def meta_loss(family: TaskFamily, alpha, w, steps: int = 1):
    """F(w) = E_i f_i(w̃_N)."""
    return family.expect(lambda task: task_meta_loss(task, alpha, w, steps))


def meta_gradient(family: TaskFamily, alpha, w, steps: int = 1):
    """∇F(w) = E_i ∇F_i(w)."""
    return family.expect(lambda task: task_meta_gradient(task, alpha, w, steps))


def meta_hessian_vector_product(family: TaskFamily, alpha, w, v, steps: int = 1):
    """∇²F(w) v, by differentiating the meta-gradient forward; floats alone."""
    return jax.jvp(lambda u: meta_gradient(family, alpha, u, steps), (w,), (v,))[1]


def sampled_meta_loss(family: TaskFamily, alpha, w, D_test: int):
    """F̂(w) = E_i E_𝒟 f_i(w − α∇̃f_i(w, 𝒟)), by enumeration of the batches of size ``D_test``.

    Raises:
        ValueError: α < 0 or not finite, ``w`` not finite. PrecisionError: ``w`` is not float64.
        NotEnumerableError: the samples have no finite support, or too many batches.
    """
    validation.require_point(alpha, w)

    def adapted_loss(task):
        return expectation(
            task, (D_test,), lambda batch: task.loss(tree.step(w, alpha, batch_gradient(task, w, batch)))
        )

    return family.expect(adapted_loss)


def sampled_meta_gradient(family: TaskFamily, alpha, w, D_test: int):
    """∇F̂(w) = E_i E_𝒟 (I − ∇̃²f_i(w, 𝒟) diag α) ∇f_i(w − α ∘ ∇̃f_i(w, 𝒟)), by enumeration; one batch for both factors.

    Raises:
        ValueError: α < 0 or not finite, ``w`` not finite. PrecisionError: ``w`` is not float64.
        NotEnumerableError: the samples have no finite support, or too many batches.
    """
    validation.require_point(alpha, w)

    def gradient(task):
        return expectation(task, (D_test,), lambda batch: sampled_task_meta_gradient(task, alpha, w, batch))

    return family.expect(gradient)


def sampled_task_meta_gradient(task: Task, alpha, w, batch):
    """(I − ∇̃²f(w, 𝒟) diag α) ∇f(w − α ∘ ∇̃f(w, 𝒟)) for one batch 𝒟."""
    adapted = task.gradient(tree.step(w, alpha, batch_gradient(task, w, batch)))
    return tree.transposed_step(adapted, alpha, partial(batch_hessian_vector_product, task, w, batch))
