"""What an algorithm does as B → ∞: its expected direction, and where that vanishes."""

from dataclasses import replace

import jax
import jax.numpy as jnp
from scipy.optimize import brentq

from mamllib.arithmetic import jit_unless_exact
from mamllib.estimators import expected_direction
from mamllib.statements.fallah2020.convergence.run import ESTIMATORS, known
from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.step_sizes import local_smoothness


@jit_unless_exact
def large_batch_direction(setting: Setting):
    """E G(w), the mean over tasks and batches of what one task contributes to the outer step at the setting's w."""
    parameters = known(setting)

    def estimator(task, alpha, w, batches):
        return ESTIMATORS[setting.algorithm](task, alpha, w, batches, parameters)

    return expected_direction(estimator, setting.family, setting.alpha, setting.w, setting.sizes)


def stationary_point(setting: Setting, low: float, high: float) -> float:
    """The w in [low, high] where E G(w) = 0, in one dimension.

    Raises:
        ValueError: E G has the same sign at both ends.
    """
    return brentq(lambda w: float(large_batch_direction(replace(setting, w=w))), low, high, xtol=1e-15)


def large_batch_path(setting: Setting, iterations: int):
    """w_0, …, w_K of the deterministic run w ← w − fraction/L(w) · E G(w), which B → ∞ approaches."""
    c = setting.constants

    def iterate(w, _):
        at_w = replace(setting, w=w)
        smoothness = local_smoothness(setting.family, c.L, c.rho, setting.alpha, w)
        direction = large_batch_direction(at_w)
        return jax.tree.map(lambda a, g: a - setting.fraction / smoothness * g, w, direction), w

    start = jax.tree.map(jnp.asarray, setting.w)
    return jax.jit(lambda w: jax.lax.scan(iterate, w, length=iterations)[1])(start)
