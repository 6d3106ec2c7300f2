"""The three algorithms as the paper prints them, by name."""

from collections.abc import Callable

from mamllib import estimators, tree
from mamllib.estimators import Displacement, HessianFree
from mamllib.tasks.task import Task, batch_gradient


def printed_estimator(algorithm: str, displacement) -> Callable:
    """(5), (8), or (10)–(11) with probes that move by ``displacement`` = δ‖g‖."""
    return {
        "MAML": estimators.maml,
        "FO-MAML": estimators.fo_maml,
        "HF-MAML": HessianFree(Displacement(displacement)),
    }[algorithm]


def adapted(task: Task, alpha, w, inner, outer) -> tuple:
    """(w̃, g) = (w − α∇̃f(w, 𝒟_in), ∇̃f(w̃, 𝒟_o))."""
    reached = tree.step(w, alpha, batch_gradient(task, w, inner))
    return reached, batch_gradient(task, reached, outer)
