"""Nothing true comes out violated: every statement, on its own instances and on a reader's tasks, by itself.

A verdict is earned where a constant that is too small, noise that was not declared, a kink between two points, or
weights in another container make a statement silent, and never false.
"""

import contextlib
import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import jax
import numpy as np
import pytest

import mamllib as ml
from mamllib import arithmetic
from tests.statements import questions

FACTORS = (Fraction(9, 10), Fraction(1, 10), Fraction(0))
WIGGLY = 65
FORMS = ("flat", "dict", "tuple", "named tuple", "dataclass")


def instances(statement: ml.Statement) -> Iterator[tuple[str, object]]:
    """Every recorded instance of a statement, its witnesses included, each once."""
    builds = {case.build: case.name for case in statement.cases}
    builds |= {mutant.witness: mutant.name for mutant in statement.mutants}
    yield from ((name, build(0)) for build, name in builds.items())


def holder(instance) -> str | None:
    """Which field holds tasks and constants: the instance itself (""), its setting, or nothing."""
    if hasattr(instance, "constants") and hasattr(instance, "family"):
        return ""
    return "setting" if hasattr(instance, "setting") else None


def changed(instance, **changes):
    """The instance with other constants, or another family."""
    if holder(instance) == "":
        return dataclasses.replace(instance, **changes)
    return dataclasses.replace(instance, setting=dataclasses.replace(instance.setting, **changes))


def constants_of(instance) -> ml.Constants:
    return instance.constants if holder(instance) == "" else instance.setting.constants


def scaled(instance, factor: Fraction):
    """The instance with every constant declared ``factor`` times as large."""

    def times(value):
        return value * factor if isinstance(value, Fraction) else value * float(factor)

    constants = constants_of(instance)
    return changed(instance, constants=type(constants)(*map(times, constants)))


MOST_TASKS = 6


def is_quick(instance) -> bool:
    """Whether the instance is asked again in no time: few tasks, every batch listed, no recorded run in floats."""
    if holder(instance) is None or getattr(instance, "samples", 0) or isinstance(instance, ml.Run):
        return False
    family = instance.family if holder(instance) == "" else instance.setting.family
    return len(family) <= MOST_TASKS


@pytest.mark.parametrize("statement", ml.STATEMENTS, ids=[s.id for s in ml.STATEMENTS])
def test_constants_declared_too_small_refute_nothing(statement):
    tried = [
        (name, factor, statement.check(scaled(instance, factor)))
        for name, instance in instances(statement)
        if is_quick(instance)
        for factor in FACTORS
    ]
    assert [(name, factor) for name, factor, check in tried if check.verdict == ml.Verdict.VIOLATED] == []


def with_noise(family: ml.TaskFamily, w) -> ml.TaskFamily:
    """The family with ±3 on every sample gradient, and the constants it had."""
    exact = arithmetic.is_exact(w)
    noise = ml.RademacherNoise(jax.tree.map(lambda leaf: 0 * leaf + (Fraction(3) if exact else 3.0), w))

    def noisy(task):
        if hasattr(task, "outer"):
            return ml.Split(ml.Noisy(task.inner, noise), ml.Noisy(task.outer, noise))
        return ml.Noisy(task, noise)

    tasks = [noisy(task) for task in family]
    return ml.TaskFamily.of(tasks, list(family.probabilities), family.sigma)


@pytest.mark.parametrize("statement", ml.STATEMENTS, ids=[s.id for s in ml.STATEMENTS])
def test_noise_that_was_not_declared_refutes_nothing(statement):
    refuted = []
    for name, instance in instances(statement):
        if not is_quick(instance) or holder(instance) != "" or getattr(type(instance), "many", ""):
            continue
        with contextlib.suppress(arithmetic.IrrationalError):  # where the noise leads, a fraction has no root
            verdict = statement.check(changed(instance, family=with_noise(instance.family, instance.w))).verdict
            refuted += [name] if verdict == ml.Verdict.VIOLATED else []
    assert refuted == []


def as_measured(question):
    """The question with every constant, and σ, declared exactly as it is measured on it."""
    if hasattr(question, "as_met"):
        return question.as_met()
    values = {name: float(value) for name, value in question.assumed.values.items()}
    root = {name: np.sqrt(values[name]) for name in ("sigma_tilde", "sigma_H", "sigma") if name in values}
    values |= root
    constants = question.constants._replace(**{name: values[name] for name in ml.Constants._fields if name in values})
    more = {"sigma": values["sigma"]} if "sigma" in values and hasattr(question, "sigma") else {}
    fields = {field.name for field in dataclasses.fields(question)}
    more = {name: value for name, value in more.items() if name in fields}
    if "sigma_squared" in fields:
        more["sigma_squared"] = values["sigma"] ** 2
    return dataclasses.replace(question, constants=constants, **more)


POINTWISE = {name: kind for name, kind in questions.kinds().items() if kind is not ml.Setting}


@pytest.mark.parametrize("name", POINTWISE)
def test_constants_declared_as_measured_refute_nothing(name):
    kind, refuted, spoken = POINTWISE[name], [], 0
    for seed in range(WIGGLY):
        asked = questions.asked(seed, alpha=0.05 + 0.01 * seed)
        question = as_measured(questions.make(kind, asked))
        for statement in questions.statements_on(kind):
            verdict = statement.check(question).verdict
            spoken += verdict == ml.Verdict.HOLDS
            refuted += [(seed, statement.id)] if verdict == ml.Verdict.VIOLATED else []
    assert refuted == []
    assert spoken, "the sweep must reach verdicts, or it could not have come out otherwise"


@pytest.mark.parametrize("loss", ["kinked", "bent"])
@pytest.mark.parametrize("name", questions.kinds())
def test_kinks_refute_nothing(name, loss):
    kind, refuted = questions.kinds()[name], []
    for seed in range(12):
        asked = questions.asked(seed, questions.LOSSES[loss])
        refuted += [
            (seed, statement.id)
            for statement in questions.statements_on(kind)
            if statement.check(questions.make(kind, asked)).verdict == ml.Verdict.VIOLATED
        ]
    assert refuted == []


RUN_STATEMENTS = [statement for statement in ml.STATEMENTS if statement.takes is ml.Run]


EACH_ITS_OWN = list(zip(questions.LOSSES, ("HF-MAML", "MAML", "FO-MAML"), strict=True))


@pytest.mark.parametrize(("loss", "algorithm"), EACH_ITS_OWN)
def test_runs_across_kinks_refute_nothing(loss, algorithm):
    run = questions.runs(questions.asked(0, questions.LOSSES[loss], alpha=0.1), algorithm)
    verdicts = {statement.id: statement.check(run).verdict for statement in RUN_STATEMENTS}
    assert ml.Verdict.VIOLATED not in verdicts.values(), verdicts


class Pair(NamedTuple):
    head: np.ndarray
    tail: np.ndarray


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Weights:
    head: np.ndarray
    tail: np.ndarray


def split(form: str, flat):
    """The same numbers in another container: two coordinates and one."""
    head, tail = flat[..., :2], flat[..., 2:]
    made = {"flat": flat, "dict": {"a": head, "b": tail}, "tuple": (head, tail)}
    return made | {"named tuple": Pair(head, tail), "dataclass": Weights(head, tail)}


def in_form(form: str, asked: questions.Asked, loss) -> questions.Asked:
    """The same question with weights in another container."""

    def joined(w, row):
        leaves = jax.tree.leaves(w)
        return loss(jax.numpy.concatenate(leaves) if len(leaves) > 1 else leaves[0], row)

    tasks = [ml.Empirical(task.data, task.declared, joined) for task in asked.family]
    w, u, v = (split(form, each)[form] for each in (asked.w, asked.u, asked.v))
    return questions.Asked(ml.TaskFamily.of(tasks, sigma=asked.family.sigma), asked.alpha, w, u, v)


def rooms(check: ml.Check) -> list[float]:
    return [float(room) for room in check.margins.values()]


LARGE = ml.Constants(L=20.0, rho=50.0, sigma_tilde=20.0, sigma_H=40.0)


# Each kind of question in two of the containers, in turn: another program is compiled for each.
TWO_FORMS = [
    pytest.param(name, form, id=f"{name}, {form}")
    for number, name in enumerate(questions.kinds())
    for form in (FORMS[1 + number % 4], FORMS[1 + (number + 1 + number // 4 % 3) % 4])
]


@pytest.mark.parametrize(("name", "form"), TWO_FORMS)
def test_every_container_of_weights_gets_the_same_answer(name, form):
    kind = questions.kinds()[name]
    asked = questions.asked(3, questions.wiggly, LARGE, alpha=0.04)
    flat, other = (questions.make(kind, in_form(each, asked, questions.wiggly), sigma=5.0) for each in ("flat", form))
    for statement in questions.statements_on(kind):
        there, here = statement.check(other), statement.check(flat)
        assert there.verdict == here.verdict
        np.testing.assert_allclose(rooms(there), rooms(here), rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(there.ratios, here.ratios, rtol=1e-9, atol=1e-12)


def test_runs_are_the_same_in_other_containers():
    asked = questions.asked(3, questions.wiggly, LARGE, alpha=0.004)
    forms = ("flat", "dataclass")
    found = {form: questions.runs(in_form(form, asked, questions.wiggly), "MAML", sigma=5.0) for form in forms}
    for statement in RUN_STATEMENTS:
        flat = statement.check(found["flat"])
        for form in forms[1:]:
            other = statement.check(found[form])
            assert other.verdict == flat.verdict
            np.testing.assert_allclose(rooms(other), rooms(flat), rtol=1e-6, atol=1e-9)
