"""What a statement is asked about: a frozen pytree made from named words, with the places at which it is measured."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, replace
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, ClassVar, NamedTuple, dataclass_transform

import jax
import numpy as np

from mamllib import arithmetic, validation
from mamllib.checking.hypothesis import Hypothesis
from mamllib.precision import gamma
from mamllib.statements.assumptions import Measured, measure_places
from mamllib.statements.deviations import SAMPLES_WITHOUT_SUPPORT
from mamllib.statements.measure import CHAIN
from mamllib.statements.places import Places
from mamllib.statements.rescaled import in_other_units
from mamllib.statements.words import REQUIRED, plain, word
from mamllib.tasks.task import Task
from mamllib.trials import examine, fingerprint, fresh, try_family


class Answer(NamedTuple):
    """What one compiled program says of a question: every assumption at its places, and what both sides are made of."""

    assumed: Measured
    parts: Any


class Question:
    """What every question can do. A subclass decorated with ``@question`` declares fields that are words
    (``words.py``), says at which ``places`` it evaluates a task, and computes the ``parts`` of its sides.
    """

    many = ""  # what several points along a leading axis are called, where there are several
    samples_without_support = SAMPLES_WITHOUT_SUPPORT

    @classmethod
    def complete(cls, given: dict[str, Any]) -> dict[str, Any]:
        """What was given, with defaults that depend on one another."""
        return given

    def places(self, task: Task) -> Places:
        """Where the two sides evaluate this task."""
        return Places()

    def pieces(self, task: Task):
        """(loss, where the two sides evaluate it) for each loss that a task is made of: itself, unless it is split."""
        return ((task, self.places(task)),)

    def common_places(self):
        """Where all tasks are compared with their mean, stacked; ``None`` where σ is not used."""
        return None

    def parts(self):
        """The numbers that both sides, and every wrong version of them, are plain arithmetic on."""
        return ()

    def over_tasks(self, function: Callable):
        """``function`` of every task, stacked."""
        return self.family.map(function)

    def require(self) -> None:
        """Raise where what was given does not fit together; called before the question is handed out."""

    def rescaled(self, mu: Fraction, nu: Fraction) -> "Question":
        """The same question about losses μf(·/ν)."""
        return in_other_units(self, mu, nu)

    @cached_property
    def answer(self) -> Answer:
        """What is measured on this question, measured once."""
        return evaluate(_answer, self)

    @property
    def assumed(self) -> Measured:
        """The largest value met of what each assumption bounds."""
        return self.answer.assumed

    @cached_property
    def certificate(self) -> dict[str, Any]:
        """The constants proved to hold everywhere, by name."""
        known = self.family.certificate()
        named = {} if known is None else known._asdict()
        sigma = self.family.certified_sigma
        return named if sigma is None else named | {"sigma": sigma}

    @property
    def is_proved(self) -> bool:
        """Whether every task is of a family whose functions and constants are proved."""
        return "L" in self.certificate

    @cached_property
    def trials(self) -> dict[str, Hypothesis]:
        """What came out when the functions that a user wrote were tried; nothing where all tasks are proved."""
        if _is_traced(self) or self.is_proved:
            return {}
        rooms = try_family(self.family, self.point, fingerprint(self.family, self.point))
        return {name: Hypothesis(min(room, 0.0) or 1.0, places=1) for name, room in rooms.items()}

    @property
    def point(self):
        """w, or the first of several."""
        if not self.many or arithmetic.is_exact(self.w):
            return self.w
        return jax.tree.map(lambda leaf: leaf[0], self.w)


class OfNumbers(Question):
    """A question about numbers alone: no function of anybody's is asked, and nothing is assumed of one."""

    trials: ClassVar[dict] = {}
    certificate: ClassVar[dict] = {}
    is_proved = True


def evaluate(function: Callable, asked):
    """``function(asked)`` as NumPy arrays, by one compiled program; in fractions, or under a trace, as it is."""
    if arithmetic.is_exact(asked):
        return function(asked)
    if _is_traced(asked):
        return function(asked)
    return jax.device_get(_compiled(function)(asked))


def _is_traced(asked) -> bool:
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(asked))


@cache
def _compiled(function: Callable):
    return jax.jit(function)


def _answer(asked: Question) -> Answer:
    return Answer(measure_places(asked), asked.parts())


@dataclass_transform(frozen_default=True)
def question(cls):
    """Class decorator: a frozen dataclass and pytree with ``of``, which checks each field as its word says."""
    cls = dataclass(frozen=True)(cls)
    names = [field.name for field in fields(cls)]
    static = [name for name in names if name != "key" and word(name).static]
    signature = _signature(cls)
    cls.of = classmethod(_maker(cls, signature))
    cls.recipe = f"{cls.__name__}.of{signature}"
    return jax.tree_util.register_dataclass(cls, [name for name in names if name not in static], static)


def _signature(cls) -> inspect.Signature:
    """What ``of`` takes: the fields in their order, with the default of the field or of its word; a seed for a key."""
    given = {"seed" if field.name == "key" else field.name: field.default for field in fields(cls)}
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    defaults = {name: word(name).default if own is MISSING else own for name, own in given.items()}
    defaults = {name: inspect.Parameter.empty if value is REQUIRED else value for name, value in defaults.items()}
    return inspect.Signature([inspect.Parameter(name, kind, default=value) for name, value in defaults.items()])


def _maker(cls, signature: inspect.Signature):
    def of(cls, *arguments, **named):
        bound = signature.bind(*arguments, **named)
        bound.apply_defaults()
        made = cls(**cls.complete(_completed(_checked(bound.arguments, cls.many))))
        made.require()
        return _current(made)

    first = inspect.Parameter("cls", inspect.Parameter.POSITIONAL_ONLY)
    of.__signature__ = signature.replace(
        parameters=[first, *(p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in signature.parameters.values())]
    )
    of.__doc__ = _documentation(cls, signature.parameters)
    return of


def _current(made: Question) -> Question:
    """The question, as one that no program is served for whose functions read other globals than they read now.

    Raises:
        PrecisionError: a function that the user wrote computes in less than float64. ChangingFunctionError: it draws
            random numbers.
    """
    if _is_traced(made) or made.is_proved:
        return made
    marked = fresh(made.family, made.point, examine(made.family, made.point))
    return replace(made, task=marked[0]) if hasattr(made, "task") else replace(made, family=marked)


def _documentation(cls, names) -> str:
    lines = [f"    {name}: {' — '.join(filter(None, (word(name).symbol, word(name).meaning)))}." for name in names]
    return "\n".join([f"Check what is given and make a ``{cls.__name__}``.", "", "Args:", *lines])


def _checked(given: dict[str, Any], many: str) -> dict[str, Any]:
    for name, value in given.items():
        word(name).check(name, value)
    given = {name: _normal(name, value) for name, value in given.items()}
    tasks = given["family"].kinds if "family" in given else [given[name] for name in ("task",) if name in given]
    validation.require_one_arithmetic(**{name: given[name] for name in ("family", "task", *NUMBERS) if name in given})
    for name in POINTS & given.keys():
        _require_point(name, given, tasks, many)
    return given


def _normal(name, value):
    """Equal questions are equal programs: arrays for points, Python floats for numbers."""
    if name in POINTS:
        return _as_array(value)
    return value if word(name).static else plain(value)


POINTS = {"w", "u", "v"}
NUMBERS = ("alpha", "w", "u", "v", "delta")


def _require_point(name, given, tasks, many):
    if name != "w":
        validation.require_same_shape("w", given["w"], name, given[name])
        return
    if many and any(np.shape(leaf)[:1] == (0,) for leaf in jax.tree.leaves(given["w"])):
        raise ValueError(f"w holds no {many}")
    validation.require_fits("w", given["w"], tasks, points=bool(many))


def _completed(given: dict[str, Any]) -> dict[str, Any]:
    family = given.get("family", given.get("task"))
    if given.get("constants", ()) is None:
        given["constants"] = family.constants
    if "constants" in given:
        given["constants"] = type(given["constants"])(*map(plain, given["constants"]))
    if given.get("sigma", ()) is None:
        given["sigma"] = plain(family.sigma)
    if given.get("sigma_squared", ()) is None:
        given["sigma_squared"] = plain(family.sigma**2)
    if "seed" in given:
        given["key"] = jax.random.key(given.pop("seed"))
    return given


def _as_array(tree):
    """Arrays for the numbers of a point, fractions and what is traced as they are."""
    return jax.tree.map(
        lambda leaf: np.asarray(leaf, float) if isinstance(leaf, float) else leaf,
        tree,
    )


def relative_roundoff(problem) -> float:
    """γ_n for the longest chain of operations: 1000 and the largest extent of any array of the question.

    Multiplied by the size of what is computed, it bounds the error of a backward stable evaluation. The measured
    hypotheses allow for the same.
    """
    longest = max((extent for leaf in jax.tree.leaves(problem) for extent in np.shape(leaf)), default=0)
    return gamma(CHAIN + longest)
