"""An estimated outer step: what Lemma 4.9 is asked about, and the law of β̃."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mamllib.batches import MOST_TERMS, NotEnumerableError, draws, listed_values, outcomes
from mamllib.checking.statistics import Mean
from mamllib.monte_carlo import every_draw
from mamllib.statements.kit import (
    Constants,
    Parameters,
    Places,
    Question,
    TaskFamily,
    holds_if,
    is_exact,
    margin,
    np,
    question,
    relative_roundoff,
    stack,
    tree,
)
from mamllib.step_sizes import estimated_smoothness, mean_gradient_norm
from mamllib.tasks.task import batch_gradient


class Law(NamedTuple):
    """E_i‖∇f_i(w)‖, and every value of ‖∇̃f_j(w, 𝒟_β)‖ with its chance (empty where the law is sampled)."""

    gradient: Parameters
    norms: Parameters
    chances: Parameters


@question
class Step(Question):
    """A task family, α, w, the sizes B' and D_β of the batches behind β̃, σ², and the constants to test.

    The law of β̃ is enumerated where ``samples`` is 0, else sampled.
    """

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    B: int
    D_beta: int
    sigma_squared: Parameters
    constants: Constants
    samples: int
    key: Parameters

    def require(self) -> None:
        """Raise ``NotEnumerableError`` where the law is to be listed and is too long."""
        if self.samples:
            return
        single = sum(outcomes(task, self.D_beta) for task in self.family)
        many = math.inf if single == math.inf else math.comb(int(single) + self.B - 1, self.B)
        if many > MOST_TERMS:
            raise NotEnumerableError(
                f"the step estimated from B = {self.B} tasks and D_beta = {self.D_beta} samples has more than the"
                f" {MOST_TERMS:,} outcomes that can be listed: give samples=, for example samples=40_000"
            )

    def places(self, task) -> Places:
        """Samples at w, where every gradient is."""
        return Places(points=stack(self.w), draws=stack(self.w))

    def common_places(self):
        """w."""
        return stack(self.w)

    def parts(self) -> Law:
        """What β̃ depends on."""
        gradient = mean_gradient_norm(self.family, self.w)
        if self.samples:
            return Law(gradient, (), ())

        def of_task(task):
            listed = listed_values(task, (self.D_beta,), lambda batch: tree.norm(batch_gradient(task, self.w, batch)))
            return tuple(np.array(each, dtype=object) for each in listed) if is_exact(listed) else listed

        norms, chances = self.family.map(of_task)
        shares = np.asarray(self.family.probabilities, dtype=object) if is_exact(norms) else self.family.probabilities
        return Law(gradient, norms.ravel(), (shares[:, None] * chances).ravel())

    @property
    def sigma(self):
        """Only σ² is asked for, which a fraction can be where σ is a root."""
        return self.sigma_squared

    @cached_property
    def smoothness(self):
        """L(w)."""
        return 4 * self.constants.L + 2 * self.constants.rho * self.alpha * self.answer.parts.gradient

    @cached_property
    def first_moment(self):
        """L(w) E β̃."""
        return self.moment(1)

    @cached_property
    def second_moment(self):
        """L(w)² E β̃²."""
        return self.moment(2)

    def moment(self, power: int):
        """E [L(w) β̃]^power, dimensionless; where it is sampled a ``Mean`` of draws in (0, (L(w)/4L)^power]."""
        if self.samples:
            drawn = every_draw(RelativeStepDraw(self.B, self.D_beta, power), self, self.key, self.samples)
            return Mean(drawn[:, 0], (0.0, float(self.smoothness / (4 * self.constants.L)) ** power))
        law, c, total = self.answer.parts, self.constants, 0
        for counts, chance in draws(tuple(law.chances), self.B):
            mean = sum(k * norm for k, norm in zip(counts, law.norms, strict=True) if k) / self.B
            total += chance * (self.smoothness / (4 * c.L + 2 * c.rho * self.alpha * mean)) ** power
        return total


@dataclass(frozen=True)
class RelativeStepDraw:
    """One draw of [L(w) β̃]^power."""

    B: int
    D_beta: int
    power: int

    def __call__(self, step: Step, key):
        """The draw for ``step``."""
        c, alpha = step.constants, step.alpha
        smoothness = 4 * c.L + 2 * c.rho * alpha * mean_gradient_norm(step.family, step.w)
        estimate = estimated_smoothness(step.family, c.L, c.rho, alpha, step.w, key, self.B, self.D_beta)
        return (smoothness / estimate) ** self.power


def first_moment(step: Step):
    """L(w) E β̃."""
    return step.first_moment


def second_moment(step: Step):
    """L(w)² E β̃²."""
    return step.second_moment


def hypotheses(step: Step) -> dict:
    """L > 0, α ≤ 1/L and both conditions of (18), free of quotients."""
    c, reach = step.constants, step.constants.rho * step.alpha
    return {
        "L > 0": holds_if(c.L > 0),
        "α ≤ 1/L": margin(1, step.alpha * c.L),
        "B' ≥ ½(ρασ/L)²": margin(step.B * c.L**2, reach**2 * step.sigma_squared / 2),
        "D_β ≥ (2ρασ̃/L)²": margin(step.D_beta * c.L**2, (2 * reach * c.sigma_tilde) ** 2),
    }


def roundoff(step: Step):
    """γ times a ratio of at most L(w)/4L, squared."""
    return relative_roundoff(step) * (1 + (step.smoothness / (4 * step.constants.L)) ** 2)
