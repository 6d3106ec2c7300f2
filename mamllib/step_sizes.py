"""How large an outer step may be: the local smoothness L(w) of Lemma 4.8 of Fallah et al. (2020)."""

from mamllib import tree
from mamllib.tasks.family import TaskFamily


def mean_gradient_norm(family: TaskFamily, w):
    """E_{i∼p} ‖∇f_i(w)‖."""
    return family.expect(lambda task: tree.norm(task.gradient(w)))


def local_smoothness(family: TaskFamily, L, rho, alpha, w):
    """L(w) = 4L + 2ρα E_i‖∇f_i(w)‖, which bounds the Lipschitz constant of ∇F at w when α ≤ 1/L."""
    return 4 * L + 2 * rho * alpha * mean_gradient_norm(family, w)
