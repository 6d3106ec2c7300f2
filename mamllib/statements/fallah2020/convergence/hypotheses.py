"""The hypotheses of the convergence theorems that are their own: the algorithm as printed, its batches, and Δ."""

import math
from dataclasses import replace

from mamllib.arithmetic import is_exact
from mamllib.checking.hypothesis import holds_if
from mamllib.checking.margins import margin
from mamllib.statements.assumptions import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SAMPLE_HESSIAN,
    SMOOTH,
    TASK_DEVIATION,
    UNBIASED,
)
from mamllib.statements.fallah2020.convergence.rate import Rate
from mamllib.statements.fallah2020.convergence.run import Run
from mamllib.statements.fallah2020.convergence.setting import STEP_DIVISORS, Setting

ASSUMES = (SMOOTH, HESSIAN_LIPSCHITZ, TASK_DEVIATION, SAMPLE_DEVIATION, SAMPLE_HESSIAN, UNBIASED)


def hypotheses(run: Run, rate: Rate) -> dict:
    """Those of Theorems 4.12, 4.15 and 4.17 besides what they assume of the tasks."""
    needs_hessian = {} if rate.algorithm == "FO-MAML" else hessian_batch(run.setting)
    algorithm, step = algorithm_name(rate), step_name(rate)
    read = algorithm_hypotheses(run.setting, rate) | needs_hessian
    measured = {
        algorithm: run.departure("estimator") if read[algorithm] > 0 else read[algorithm],
        step: replace(run.departure("step"), room=min(read[step], run.departure("step").room), equality=True),
        "F(w₀) − min F ≤ Δ": run.fall(),
    }
    return {"it was run as set": holds_if(run.is_as_set)} | read | measured


def algorithm_name(rate: Rate) -> str:
    """What the hypothesis on the estimator is called."""
    return f"the algorithm is {rate.algorithm}"


def step_name(rate: Rate) -> str:
    """What the hypothesis on the outer step is called."""
    return f"β_k = β̃/{STEP_DIVISORS[rate.algorithm]}"


def algorithm_hypotheses(setting: Setting, rate: Rate) -> dict:
    """What can be read off a setting, as plain margins."""
    c, inverse = setting.constants, rate.smallest_inverse_step
    return {
        algorithm_name(rate): holds_if(setting.algorithm == rate.algorithm),
        f"α ≤ 1/({inverse}L)": margin(1, inverse * setting.alpha * c.L),
        step_name(rate): equality(setting.fraction * STEP_DIVISORS[rate.algorithm], 1),
        "B ≥ 20": margin(setting.B, 20),
        "σ, σ̃ and σ_H are finite": 1 if math.isfinite(setting.sigma + c.sigma_tilde + c.sigma_H) else -math.inf,
    }


def hessian_batch(setting: Setting) -> dict:
    """D_h ≥ 2α²σ_H², a hypothesis wherever a sampled Hessian is used."""
    return {"D_h ≥ 2α²σ_H²": margin(setting.sizes.D_h, 2 * (setting.alpha * setting.constants.sigma_H) ** 2)}


def equality(value, wanted):
    """0 where two numbers agree (floats within 1e-12 relative), −their relative distance otherwise."""
    distance = abs(value / wanted - 1)
    return 0 if distance <= (0 if is_exact((value, wanted)) else 1e-12) else -distance
