"""The instance of Theorem 4.17 as printed: what is left of a run when the task batches grow without bound."""

import math
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax

from mamllib.checking.hypothesis import PROVED, Hypothesis
from mamllib.inner_loop import inner_step
from mamllib.objectives import meta_gradient, meta_loss
from mamllib.statements.assumptions import measure_places
from mamllib.statements.fallah2020.convergence.hypotheses import algorithm_hypotheses, equality
from mamllib.statements.fallah2020.convergence.large_batch import large_batch_direction, large_batch_path
from mamllib.statements.fallah2020.convergence.rate import HF_MAML
from mamllib.statements.fallah2020.convergence.setting import SIDES, Setting, printed_displacement, probe_end
from mamllib.statements.kit import (
    Answer,
    Parameters,
    Places,
    Question,
    columns,
    each,
    evaluate,
    holds_if,
    is_exact,
    join,
    join_segments,
    margin,
    relative_roundoff,
    replace,
    tree,
)


class PathParts(NamedTuple):
    """‖∇F‖ and F at every iterate, and ‖E G‖² at the last."""

    gradient_norms: Parameters
    losses: Parameters
    last_direction: Parameters


@partial(jax.tree_util.register_dataclass, data_fields=["setting"], meta_fields=["iterations"])
@dataclass(frozen=True)
class LargeBatchRun(Question):
    """The path w_0, …, w_N that runs with N = ⌈1 + c₂ΔL/ε²⌉ approach as B, B' → ∞, where every task is noiseless.

    For fixed N the iterates depend continuously on the shares of the tasks in the batches, and these tend to p. Made by
    ``large_batch_run``; the path follows from the setting.
    """

    setting: Setting
    iterations: int

    recipe = "large_batch_run(setting, c_2=1)"

    @cached_property
    def answer(self) -> Answer:
        """The path, and what is measured along it, by one program."""
        return evaluate(_follow, self)

    @property
    def gradient_norms(self):
        """‖∇F(w_k)‖."""
        return self.answer.parts.gradient_norms

    @property
    def constants(self):
        """Those of the setting."""
        return self.setting.constants

    @property
    def sigma(self):
        """That of the setting."""
        return self.setting.sigma

    @property
    def certificate(self):
        """What is proved of the setting's tasks."""
        return self.setting.certificate

    @property
    def trials(self):
        """What came out when the functions of the setting's tasks were tried."""
        return self.setting.trials


@dataclass(frozen=True)
class Along(Question):
    """A setting and a stack of iterates: L, σ and the samples at each, ρ along both arms of each probe."""

    setting: Setting
    path: Any

    @property
    def family(self):
        """That of the setting."""
        return self.setting.family

    def places(self, task) -> Places:
        """Every iterate, its inner step, and both ends of the probe there."""
        alpha, path, displacement = self.setting.alpha, self.path, self.setting.displacement
        adapted = each(lambda w: inner_step(task, alpha, w), path)

        def ends(side):
            return each(lambda w, after: probe_end(w, task.gradient(after), displacement, side), path, adapted)

        ahead, behind = map(ends, SIDES)
        return Places(
            points=path,
            tangents=join_segments((path, ahead), (path, behind)),
            draws=join(path, adapted),
            hessian_draws=path,
            shakes=(ahead, behind),
        )

    def common_places(self):
        """Every iterate."""
        return self.path


def large_batch_run(setting: Setting, c_2=1) -> LargeBatchRun:
    """Follow the limit of the runs of ``setting`` for N = ⌈1 + c₂ΔL/ε²⌉ steps; ``setting.B`` plays no part.

    A path that starts where the direction vanishes stays there. Only such a path is followed in fractions.

    Raises:
        ValueError: in fractions, a start where the direction does not vanish.
    """
    if is_exact(setting.w) and tree.norm_squared(direction := large_batch_direction(setting)) != 0:
        raise ValueError(f"in fractions the start must be stationary for {setting.algorithm}; E G = {direction} there")
    return LargeBatchRun(setting, iterations_of(setting, c_2))


def followed(make, *arguments, c_2=1, **options) -> LargeBatchRun:
    """The large-batch run of the setting ``make(*arguments)``."""
    return large_batch_run(make(*arguments, **options), c_2)


def iterations_of(setting: Setting, c_2) -> int:
    """N = ⌈1 + c₂ΔL/ε²⌉, with Δ bounded from above."""
    return math.ceil(1 + c_2 * setting.gap * setting.constants.L / setting.epsilon**2)


def hypotheses(run: LargeBatchRun) -> dict:
    """Those of the printed theorem; D_h ≥ 36(αρσ̃)² is met by every D_h, since σ̃ = 0."""
    setting, c = run.setting, run.setting.constants
    return algorithm_hypotheses(setting, HF_MAML) | {
        "δ = 1/(6ρα‖g‖)": equality(setting.displacement, printed_displacement(setting.alpha, c.rho)),
        "D_h ≥ 36(αρσ̃)²": margin(setting.sizes.D_h, 36 * (setting.alpha * c.rho * c.sigma_tilde) ** 2),
        "σ̃ = σ_H = 0": holds_if(c.sigma_tilde == c.sigma_H == 0),
        "F(w₀) − min F ≤ Δ": _fall(run),
    }


def _fall(run: LargeBatchRun) -> Hypothesis:
    """In fractions the path never leaves w₀, where E G = 0, and Δ plays no part."""
    setting, parts = run.setting, run.answer.parts
    if is_exact(setting.w):
        return Hypothesis(holds_if(parts.last_direction == 0), places=PROVED)
    start, lowest = parts.losses[0], parts.losses.min()
    noise = relative_roundoff(setting) * (abs(start) + abs(lowest))
    return Hypothesis(margin(setting.gap, max(start - lowest - noise, 0.0)), places=run.iterations)


def _follow(run: LargeBatchRun) -> Answer:
    setting = run.setting
    path = (setting.w,) if is_exact(setting.w) else large_batch_path(setting, run.iterations)

    def of_iterate(w):
        slope = meta_gradient(setting.family, setting.alpha, w)
        return tree.norm(slope), meta_loss(setting.family, setting.alpha, w)

    norms, losses = columns(each(of_iterate, path), 2)
    last = replace(setting, w=path[-1] if is_exact(path) else jax.tree.map(lambda leaf: leaf[-1], path))
    return Answer(
        measure_places(Along(setting, path)), PathParts(norms, losses, tree.norm_squared(last.expected_direction()))
    )
