"""What is on record of a statement: instances with their verdict, wrong versions with their witness, searches."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mamllib.checking.verdict import Verdict


@dataclass(frozen=True)
class Build:
    """How an instance is made: ``function(*arguments)``, with the seed first where the function's first parameter is
    called ``seed``. Equal builds give one and the same instance, so that what is measured on it is measured once.
    """

    function: Callable
    arguments: tuple = ()
    options: tuple = ()

    def __call__(self, seed: int = 0):
        """The instance of this seed."""
        return _built(self, seed if self.takes_seed else 0)

    @property
    def takes_seed(self) -> bool:
        """Whether another seed gives another instance."""
        return next(iter(inspect.signature(self.function).parameters), None) == "seed"


@functools.cache
def _built(build: Build, seed: int):
    arguments = (seed, *build.arguments) if build.takes_seed else build.arguments
    return build.function(*arguments, **dict(build.options))


def build(function: Callable, *arguments, **options) -> Build:
    """``function`` with these arguments, to be called later."""
    return Build(function, arguments, tuple(sorted(options.items())))


def case(name: str, function: Callable, *arguments, expected=Verdict.HOLDS, predicted=None, sampled=0, **options):
    """A ``Case`` on the instance ``function(*arguments)``."""
    return Case(name, build(function, *arguments, **options), expected, predicted, sampled)


def mutant(name: str, function: Callable, *arguments, lhs=None, rhs=None, drops=(), survives="", **options):
    """A ``Mutant`` with the witness ``function(*arguments)``."""
    drops = (drops,) if isinstance(drops, str) else tuple(drops)
    return Mutant(name, build(function, *arguments, **options), lhs, rhs, drops, survives)


@dataclass(frozen=True)
class Case:
    """A named instance of a statement, built from a seed, with the verdict on record.

    ``predicted`` is the ratio lhs/rhs where it is known in closed form; ``sampled`` counts the comparisons that rest
    on random samples (0 where both sides are computed).
    """

    name: str
    build: Callable[[int], Any]
    expected: Verdict = Verdict.HOLDS
    predicted: Any = None
    sampled: int = 0


@dataclass(frozen=True)
class Mutant:
    """A wrong version of a statement and the witness on which it is caught.

    What is given of ``lhs``, ``rhs`` replaces the statement's own; the hypotheses named in ``drops`` are deleted. A
    mutant that is not caught is a finding, and ``survives`` gives the reason.
    """

    name: str
    witness: Callable[[int], Any]
    lhs: Callable | None = None
    rhs: Callable | None = None
    drops: tuple[str, ...] = ()
    survives: str = ""


@dataclass(frozen=True)
class Adversary:
    """A family of instances to search for the largest lhs/rhs: ``build`` maps parameters (k,) in ``bounds`` (k, 2).

    ``known`` is the largest ratio known in closed form over these bounds.
    """

    name: str
    build: Callable[[Any], Any]
    bounds: tuple[tuple[float, float], ...]
    known: Any
