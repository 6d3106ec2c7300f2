"""The law of β̃ and its moments relative to 1/L(w), enumerated or sampled."""

import math
from dataclasses import dataclass

from mamllib import arithmetic, tree
from mamllib.batches import MOST_TERMS, NotEnumerableError, all_batches, draws, outcomes
from mamllib.checking.statistics import Mean
from mamllib.monte_carlo import stream
from mamllib.statements.fallah2020.lemma_4_9.step import Step, smoothness
from mamllib.step_sizes import estimated_smoothness
from mamllib.tasks.task import batch_gradient


def moment(step: Step, power: int):
    """E [L(w) β̃]^power, dimensionless; a ``Mean`` where the instance is sampled."""
    if step.samples:
        return Mean(stream(RelativeStepDraw(step.B, step.D_beta, power), step, step.key, step.samples).blocks[:, 0])
    return _enumerated_moment(step, power)


def first_moment(step: Step):
    """L(w) E β̃."""
    return moment(step, 1)


def second_moment(step: Step):
    """L(w)² E β̃²."""
    return moment(step, 2)


@dataclass(frozen=True)
class RelativeStepDraw:
    """One draw of [L(w) β̃]^power."""

    B: int
    D_beta: int
    power: int

    def __call__(self, step: Step, key):
        """The draw for ``step``."""
        estimate = estimated_smoothness(
            step.family, step.constants.L, step.constants.rho, step.alpha, step.w, key, self.B, self.D_beta
        )
        return (smoothness(step) / estimate) ** self.power


def _enumerated_moment(step: Step, power: int):
    _require_enumerable(step)
    norms, chances = _single_draws(step)
    c, total = step.constants, 0
    for counts, chance in draws(chances, step.B):
        mean = sum(k * norm for k, norm in zip(counts, norms, strict=True)) / step.B
        total += chance / (4 * c.L + 2 * c.rho * step.alpha * mean) ** power
    return total * smoothness(step) ** power


def _require_enumerable(step: Step) -> None:
    single = sum(outcomes(task, step.D_beta) for task in step.family)
    many = math.inf if single == math.inf else math.comb(int(single) + step.B - 1, step.B)
    if many > MOST_TERMS:
        raise NotEnumerableError(
            f"the step estimated from B = {step.B} tasks and D_beta = {step.D_beta} samples has more than the"
            f" {MOST_TERMS:,} outcomes that can be listed: give samples=, for example samples=40_000"
        )


def _single_draws(step: Step):
    """All values of ‖∇̃f_j(w, 𝒟_β)‖ and their probabilities."""
    pairs = [
        (tree.norm(batch_gradient(task, step.w, batch)), p * chance)
        for task, p in zip(step.family, step.family.probabilities, strict=True)
        for batch, chance in all_batches(task, step.D_beta)
    ]
    number = (lambda x: x) if arithmetic.is_exact(pairs) else float
    return tuple(tuple(map(number, column)) for column in zip(*pairs, strict=True))
