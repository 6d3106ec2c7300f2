"""What the papers assume of tasks: each assumption named once, and measured where a question uses it.

A finite machine cannot measure "for all w". It can measure, at every place at which the two sides of a question
evaluate a task, the consequences that the proof draws. A statement is then violated only if it is false.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from mamllib import arithmetic
from mamllib.arithmetic import larger
from mamllib.checking.hypothesis import PROVED, Hypothesis
from mamllib.checking.margins import ROUND_OFF, margin
from mamllib.statements import deviations, measure
from mamllib.statements.places import Places, count, each_place, largest, largest_of_two
from mamllib.tasks.task import Task


class Measured(NamedTuple):
    """The largest values met at all places, over all tasks, and the number of places."""

    values: dict[str, Any]
    places: Any


@dataclass(frozen=True)
class TaskAssumption:
    """An assumption that ``constant`` is at least what is measured, or its square at least a variance (``power`` 2).

    ``item`` is its number in Fallah et al. (2020).
    """

    name: str
    item: str
    constant: str
    power: int = 1

    def hypothesis(self, question) -> Hypothesis:
        """The margin of the question's constant, and where it comes from."""
        values, places = question.assumed
        bound = self.bound(question)
        room = margin(bound if self.power == 1 else bound * bound, values[self.constant])
        return Hypothesis(room, places=PROVED if self._is_proved(question, bound) else _number(places))

    def bound(self, question):
        """The constant as the question has it."""
        return question.sigma if self.constant == "sigma" else getattr(question.constants, self.constant)

    def _is_proved(self, question, bound) -> bool:
        certified = certificate(question).get(self.constant)
        return certified is not None and bool(
            certified <= bound * (1 + (0 if arithmetic.is_exact(bound) else ROUND_OFF))
        )


@dataclass(frozen=True)
class Unbiased:
    """Samples average to the loss: E∇f(w, θ) = ∇f(w), and the same of Hessians where those are sampled."""

    name: str = "samples are unbiased"
    item: str = "Assumption 4.6"
    constant: str = "bias"

    def hypothesis(self, question) -> Hypothesis:
        """Minus the relative bias: 0 where there is none."""
        values, places = question.assumed
        proved = certificate(question).get("sigma_tilde") is not None
        room = arithmetic.plain(-values["bias"])
        return Hypothesis(room, places=PROVED if proved else _number(places), equality=True)


SMOOTH = TaskAssumption("f_i is L-smooth", "Assumption 4.3", "L")
HESSIAN_LIPSCHITZ = TaskAssumption("Hessian is ρ-Lipschitz", "Assumption 4.4", "rho")
TASK_DEVIATION = TaskAssumption("task deviation ≤ σ", "Assumption 4.5", "sigma", power=2)
SAMPLE_DEVIATION = TaskAssumption("sample deviation ≤ σ̃", "Assumption 4.6", "sigma_tilde", power=2)
SAMPLE_HESSIAN = TaskAssumption("sample Hessian deviation ≤ σ_H", "Assumption 4.6", "sigma_H", power=2)
UNBIASED = Unbiased()


def measure_task(task: Task, places: Places, samples: int = deviations.SAMPLES_WITHOUT_SUPPORT) -> dict[str, Any]:
    """The largest of what each constant bounds, over all places of one task; a constant is left out where none is.

    ``samples`` is how many are drawn where they have no finite support.
    """
    met = [] if places.points is None else [("L", largest(measure.hessian_norm, task, places.points))]
    if places.chords is not None and places.chords is places.tangents:
        met += zip(("L", "rho"), largest_of_two(measure.secant_and_remainder, task, *places.chords), strict=True)
    else:
        met += _where("L", measure.gradient_secant, task, places.chords)
        met += _where("rho", measure.taylor_remainder, task, places.tangents)
    met += _where("L", measure.bow, task, places.bows) + _where("rho", measure.hessian_change, task, places.bends)
    met += _where("L", measure.push, task, places.pushes)
    for constant, moments, where in (
        ("sigma_tilde", deviations.gradient_samples, _alone(places.draws)),
        ("sigma_H", deviations.hessian_samples, _alone(places.hessian_draws)),
        ("sigma_H", deviations.swayed_samples, places.sways),
        ("sigma_H", deviations.shaken_samples, places.shakes),
    ):
        found = largest_of_two(partial(moments, count=samples), task, *where) if where is not None else ()
        met += zip((constant, "bias"), found, strict=False)
    return _largest_each(met)


def _where(constant: str, measured, task: Task, segments) -> list[tuple[str, Any]]:
    return [] if segments is None else [(constant, largest(measured, task, *segments))]


def measure_places(question) -> Measured:
    """Every assumption at every place of ``question``, in one pass over its tasks."""

    def of_task(task):
        pieces, samples = question.pieces(task), question.samples_without_support
        met = [item for loss, places in pieces for item in measure_task(loss, places, samples).items()]
        return _largest_each(met), sum(count(places) for _, places in pieces)

    values, places = question.over_tasks(of_task)
    values = {name: _most(value) for name, value in values.items()}
    if (common := question.common_places()) is not None:
        values["sigma"] = _most(each_place(lambda w: deviations.task_deviation(question.family, w), common))
    return Measured(values, places.sum())


def with_samples(measured: Measured, seen: dict[str, Any], places: int) -> Measured:
    """What was measured, and what ``seen`` says of ``places`` more where samples led."""
    values = {name: larger(value, seen.get(name, value)) for name, value in measured.values.items()}
    return Measured(seen | values, measured.places + places)


def certificate(question) -> dict[str, Any]:
    """The constants that are proved to hold everywhere for the tasks of ``question``; empty where none is."""
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(question)):
        return {}
    return question.certificate


def _alone(stacked):
    return None if stacked is None else (stacked,)


def _number(places) -> int | None:
    """How many places, where that can be looked at: a search only asks for room."""
    return None if isinstance(places, jax.core.Tracer) else int(places)


def _largest_each(met: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in met:
        values[name] = larger(values[name], value) if name in values else value
    return values


def _most(values):
    return max(values) if arithmetic.is_exact(values) else jnp.max(values)
