"""The instance of Theorem 4.17 as printed: what is left of a run when the task batches grow without bound."""

import math

import jax
import numpy as np

from mamllib import tree
from mamllib.arithmetic import is_exact
from mamllib.checking.margins import margin
from mamllib.objectives import meta_gradient
from mamllib.statements.fallah2020.convergence.hypotheses import algorithm_hypotheses, equality, measured_constants
from mamllib.statements.fallah2020.convergence.large_batch import large_batch_direction, large_batch_path
from mamllib.statements.fallah2020.convergence.rate import HF_MAML
from mamllib.statements.fallah2020.convergence.run import Run
from mamllib.statements.fallah2020.convergence.setting import Setting, printed_displacement
from mamllib.statements.instance import instance


@instance()
class LargeBatchRun(Run):
    """The path w_0, …, w_N that runs with N = ⌈1 + c₂ΔL/ε²⌉ approach as B, B' → ∞, where every task is noiseless.

    For fixed N the iterates depend continuously on the shares of the tasks in the batches, and these tend to p.
    """


def large_batch_run(setting: Setting, c_2=1) -> LargeBatchRun:
    """Follow the limit of the runs of ``setting`` for N = ⌈1 + c₂ΔL/ε²⌉ steps; ``setting.B`` plays no part.

    A path that starts where the direction vanishes stays there. Only such a path is followed in fractions.

    Raises:
        ValueError: in fractions, a start where the direction does not vanish.
    """
    iterations = math.ceil(1 + c_2 * setting.gap * setting.constants.L / setting.epsilon**2)
    if not is_exact(setting.w):
        path = large_batch_path(setting, iterations)
        norms = np.asarray(jax.jit(jax.vmap(lambda w: _norm(setting, w)))(path))
        return LargeBatchRun(setting, norms[None], jax.tree.map(lambda leaf: leaf[:: max(1, iterations // 4)], path))
    direction = large_batch_direction(setting)
    if tree.norm_squared(direction) != 0:
        raise ValueError(f"in fractions the start must be stationary for {setting.algorithm}; E G = {direction} there")
    return LargeBatchRun(setting, np.array([[_norm(setting, setting.w)]], dtype=object), (setting.w,))


def hypotheses(run: LargeBatchRun) -> dict:
    """Those of the printed theorem; D_h ≥ 36(αρσ̃)² is met by every D_h, since σ̃ = 0."""
    setting, c = run.setting, run.setting.constants
    printed = printed_displacement(setting.alpha, c.rho)
    return (
        algorithm_hypotheses(setting, HF_MAML)
        | {
            "δ = 1/(6ρα‖g‖)": equality(setting.displacement, printed),
            "D_h ≥ 36(αρσ̃)²": margin(setting.sizes.D_h, 36 * (setting.alpha * c.rho * c.sigma_tilde) ** 2),
            "σ̃ = σ_H = 0": 1 if c.sigma_tilde == c.sigma_H == 0 else -1,
        }
        | measured_constants(run)
    )


def _norm(setting: Setting, w):
    return tree.norm(meta_gradient(setting.family, setting.alpha, w))
