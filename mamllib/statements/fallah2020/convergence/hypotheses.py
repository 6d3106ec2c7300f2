"""The hypotheses that the convergence theorems share: the algorithm as printed, and its constants where it went."""

import math

import numpy as np

from mamllib import objectives, tree
from mamllib.arithmetic import is_exact, jit_unless_exact
from mamllib.checking.margins import margin
from mamllib.statements.fallah2020 import measure
from mamllib.statements.fallah2020.convergence.rate import Rate
from mamllib.statements.fallah2020.convergence.run import Run
from mamllib.statements.fallah2020.convergence.setting import STEP_DIVISORS, Setting


def hypotheses(run: Run, rate: Rate) -> dict:
    """Those of Theorems 4.12, 4.15 and 4.17: algorithm, step sizes, batch sizes, Δ, and the constants as measured."""
    needs_hessian = {} if rate.algorithm == "FO-MAML" else hessian_batch(run.setting)
    gap = {"F(w₀) − min F ≤ Δ": _gap_margin(run)}
    return algorithm_hypotheses(run.setting, rate) | needs_hessian | gap | measured_constants(run)


def algorithm_hypotheses(setting: Setting, rate: Rate) -> dict:
    """What can be read off a setting."""
    c, inverse = setting.constants, rate.smallest_inverse_step
    return {
        f"the algorithm is {rate.algorithm}": 1 if setting.algorithm == rate.algorithm else -1,
        f"α ≤ 1/({inverse}L)": margin(1, inverse * setting.alpha * c.L),
        f"β_k = β̃/{STEP_DIVISORS[rate.algorithm]}": equality(setting.fraction * STEP_DIVISORS[rate.algorithm], 1),
        "B ≥ 20": margin(setting.B, 20),
        "σ, σ̃ and σ_H are finite": 1 if math.isfinite(setting.sigma + c.sigma_tilde + c.sigma_H) else -math.inf,
    }


def hessian_batch(setting: Setting) -> dict:
    """D_h ≥ 2α²σ_H², a hypothesis wherever a sampled Hessian is used."""
    return {"D_h ≥ 2α²σ_H²": margin(setting.sizes.D_h, 2 * (setting.alpha * setting.constants.sigma_H) ** 2)}


def equality(value, wanted):
    """0 where two numbers agree (floats within 1e-12 relative), −their relative distance otherwise."""
    distance = abs(value / wanted - 1)
    return 0 if distance <= (0 if is_exact((value, wanted)) else 1e-12) else -float(distance)


def measured_constants(run: Run) -> dict:
    """L, ρ, σ, σ̃, σ_H against what is measured at the points visited; ρ between opposite ones of them."""
    c, family, points = run.setting.constants, run.setting.family, list(run.visited)
    return curvature_constants(run.setting, points, list(zip(points, points[::-1], strict=True))) | {
        "task deviation ≤ σ": margin(run.setting.sigma**2, _all(task_deviation, family, points)),
        "sample deviation ≤ σ̃": margin(c.sigma_tilde**2, _all(_gradient_variances, family, points)),
        "sample Hessian deviation ≤ σ_H": margin(c.sigma_H**2, _all(_hessian_variances, family, points)),
    }


def curvature_constants(setting: Setting, points, pairs) -> dict:
    """L as measured at ``points`` and ρ between the two of each of ``pairs``."""
    c, family = setting.constants, setting.family
    return {
        "f_i is L-smooth": margin(c.L, _all(_smoothness, family, points)),
        "Hessian is ρ-Lipschitz": margin(c.rho, _all(_hessian_quotients, family, *zip(*pairs, strict=True))),
    }


@jit_unless_exact
def task_deviation(family, w):
    """E_i‖∇f_i(w) − ∇f(w)‖²."""
    mean = family.expect(lambda task: task.gradient(w))
    return family.expect(lambda task: tree.norm_squared(tree.subtract(task.gradient(w), mean)))


@jit_unless_exact
def _smoothness(family, w):
    return family.map(lambda task: measure.hessian_norm(task, w))


@jit_unless_exact
def _hessian_quotients(family, w, u):
    return family.map(lambda task: measure.hessian_quotient(task, w, u))


@jit_unless_exact
def _gradient_variances(family, w):
    return family.map(lambda task: measure.gradient_variance(task, w))


@jit_unless_exact
def _hessian_variances(family, w):
    return family.map(lambda task: measure.hessian_variance(task, w))


def _all(function, family, *points):
    return np.concatenate([np.ravel(np.asarray(function(family, *each))) for each in zip(*points, strict=True)])


def _gap_margin(run: Run):
    setting = run.setting
    losses = [objectives.meta_loss(setting.family, setting.alpha, w) for w in run.visited]
    descent = losses[0] - min(losses)
    return margin(setting.gap, descent if is_exact(losses) else float(descent))
