"""The N-step meta-gradient is a product of N factors, the first inner step leftmost.

    ∇𝓛_i(w) = [∏_{j<N}(I − α∇²l_i(w̃_j))] ∇l_i(w̃_N)                                                (derived here)

for every α and every N, if l_i is C². Proof. w̃_{j+1} = w̃_j − α∇l_i(w̃_j) has the derivative I − α∇²l_i(w̃_j), so
∂w̃_N/∂w is the product with the *last* step leftmost; the chain rule transposes it, and the factors are symmetric. ∎

What is compared: the product as the library computes it, from the last factor to the first, with the derivative of
𝓛_i along every direction v, carried forward step by step, v_{j+1} = (I − α∇²l_i(w̃_j))v_j, to ⟨∇l_i(w̃_N), v_N⟩.
Neither order nor end can hide: the loss w_1²w_2/2 + w_2 has Hessians that do not commute.
"""

import math

from jaxtyping import PyTree

from mamllib.statements.ji2022.task_gradient import Path
from mamllib.statements.kit import (
    Q,
    Source,
    Statement,
    TaskFamily,
    case,
    evaluate,
    inner,
    is_exact,
    jax,
    jnp,
    measure,
    mutant,
    np,
    objectives,
    relative_roundoff,
    tree,
)
from mamllib.tasks import Quadratic
from mamllib.tasks.task import Constants, Task, register


@register
class Saddle(Task):
    """l = w_1²w_2/2 + w_2, in the plane and in fractions: ∇l = (w_1w_2, w_1²/2 + 1). It has no Lipschitz gradient."""

    scale: PyTree

    @property
    def constants(self) -> Constants:
        """None exist."""
        return Constants(*(4 * (float("inf"),)))

    def loss(self, w):
        """s(w_1²w_2/2 + w_2)."""
        return self.scale * (w[0] * w[0] * w[1] / 2 + w[1])

    def gradient(self, w):
        """s(w_1w_2, w_1²/2 + 1)."""
        return self.scale * _pair(w, w[0] * w[1], w[0] * w[0] / 2 + 1)

    def hessian_vector_product(self, w, v):
        """s(w_2v_1 + w_1v_2, w_1v_1)."""
        return self.scale * _pair(w, w[1] * v[0] + w[0] * v[1], w[0] * v[0])


def _pair(w, first, second):
    return np.array([first, second], dtype=object) if is_exact(w) else jnp.stack([first, second])


def compared(path: Path, formula):
    """The largest difference, over tasks and coordinates, between ``formula`` and the derivative carried forward."""
    return path.family.map(lambda task: _largest(tree.subtract(_flat(formula(task, path)), derivative(task, path))))


def product(task, path: Path):
    """The gradient as the library computes it."""
    return objectives.task_meta_gradient(task, path.alpha, path.w, path.steps)


def derivative(task, path: Path):
    """The derivative of 𝓛_i along every coordinate: ⟨∇l_i(w̃_N), v_N⟩."""
    points = objectives.inner_path(task, path.alpha, path.w, path.steps)
    end = task.gradient(points[-1])

    def along(v):
        for point in points[:-1]:
            v = tree.step(v, path.alpha, task.hessian_vector_product(point, v))
        return inner(end, v)

    if isinstance(path.w, Q):
        return along(Q(1))
    if is_exact(path.w):
        return np.array([along(v) for v in np.identity(path.w.size, dtype=int) + Q(0)])
    return jax.vmap(along)(tree.basis(path.w))


def size(path: Path):
    """For each task ∏(1 + α‖∇²l_i(w̃_j)‖)² (‖∇l_i(w̃_N)‖ + ‖∇²l_i(w̃_N)‖‖w̃_N‖): what rounding is relative to."""
    return evaluate(_size, path)


def _size(path: Path):
    def of_task(task):
        *points, end = objectives.inner_path(task, path.alpha, path.w, path.steps)
        stretched = math.prod(1 + path.alpha * measure.hessian_norm(task, point) for point in points)
        return stretched**2 * (tree.norm(task.gradient(end)) + measure.hessian_norm(task, end) * tree.norm(end))

    return path.family.map(of_task)


def difference(path: Path):
    """The largest difference for each task."""
    return evaluate(_difference, path)


def _difference(path: Path):
    return compared(path, product)


def _flat(gradient):
    return gradient if is_exact(gradient) else tree.ravel(gradient)


def _largest(x):
    return max(map(abs, np.ravel(x))) if is_exact(x) else jnp.max(jnp.abs(x))


def factors(task, path: Path, gradient, points):
    """The factors I − α∇²l_i at ``points`` applied to ``gradient``, in this order."""
    for point in points:
        gradient = tree.step(gradient, path.alpha, task.hessian_vector_product(point, gradient))
    return gradient


def reversed_product(task, path: Path):
    """The last step leftmost."""
    *points, end = objectives.inner_path(task, path.alpha, path.w, path.steps)
    return factors(task, path, task.gradient(end), points)


def first_order(task, path: Path):
    """∇l_i(w̃_N), no factor."""
    return task.gradient(objectives.inner_path(task, path.alpha, path.w, path.steps)[-1])


def one_step_short(task, path: Path):
    """The gradient before the last step."""
    *points, _ = objectives.inner_path(task, path.alpha, path.w, path.steps)
    return factors(task, path, task.gradient(points[-1]), points[::-1])


def wrong(name: str, formula):
    """A wrong product, at the saddle."""
    return mutant(name, saddle, lhs=lambda path: compared(path, formula))


def saddle(w=(Q(1), Q(1)), alpha=Q(1, 2), N: int = 2) -> Path:
    """w_1²w_2/2 + w_2 from (1, 1): the path is (1, 1), (½, ¼), (7/16, −5/16) and ∇𝓛 = (−195/256, 2717/2048)."""
    return Path.of(TaskFamily.of([Saddle(Q(1))]), alpha, np.array(w), N, Q(0))


def parabola(N: int = 5) -> Path:
    """w²/2, where the factors commute."""
    return Path.of(TaskFamily.of([Quadratic(Q(1), Q(0))]), Q(1, 3), Q(2), N, Q(0))


META_GRADIENT = Statement(
    id="ji2022/meta_gradient",
    title="N inner steps, the meta-gradient is a product (J1)",
    source=Source("ji2022", "the meta-gradient of N inner steps (J1)", "D"),
    claim=r"\nabla\mathcal L_i(w)=\prod_{j=0}^{N-1}\big(I-\alpha\nabla^2l_i(\tilde w_j)\big)\,\nabla l_i(\tilde w_N),"
    r"\quad j=0\text{ leftmost}",
    takes=Path,
    lhs=difference,
    rhs=lambda path: 0 * difference(path),
    roundoff=lambda path: relative_roundoff(path) * size(path),
    cases=(
        case("w₁²w₂/2 + w₂ from (1, 1), N = 2", saddle),
        case("the same from (1, −1), α = ⅓, N = 4", saddle, (Q(1), Q(-1)), Q(1, 3), 4),
        case("w²/2, N = 5", parabola),
    ),
    mutants=(
        wrong("the last step leftmost", reversed_product),
        wrong("first order: ∇l_i(w̃_N) alone", first_order),
        wrong("∇l_i before the last step", one_step_short),
    ),
)
