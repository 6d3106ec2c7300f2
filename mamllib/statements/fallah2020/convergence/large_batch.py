"""What an algorithm does as B → ∞: its expected direction, and where that vanishes."""

from dataclasses import replace

import jax
import jax.numpy as jnp
from scipy.optimize import brentq

from mamllib import tree
from mamllib.arithmetic import jit_unless_exact
from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.step_sizes import local_smoothness


@jit_unless_exact
def large_batch_direction(setting: Setting):
    """E G(w), the mean over tasks and batches of what one task contributes to the outer step at the setting's w."""
    return setting.expected_direction()


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
        smoothness = local_smoothness(setting.family, c.L, c.rho, setting.alpha, w)
        return tree.step(w, setting.fraction / smoothness, replace(setting, w=w).expected_direction()), w

    start = jax.tree.map(lambda leaf: jnp.asarray(leaf, float), setting.w)
    return jax.lax.scan(iterate, start, length=iterations)[1]
