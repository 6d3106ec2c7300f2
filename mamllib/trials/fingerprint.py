"""Whether a task computes what it computed: its functions may read globals, as functions in a notebook do."""

from typing import Any, NamedTuple

from mamllib.trials.equations import Digest
from mamllib.trials.programs import is_exact, kinds, programs

EXACT = "exact"


class ChangingFunctionError(ValueError):
    """A function of a task is another one each time it is read."""


class Reading(NamedTuple):
    """What one function of one kind of task computes: its program and the hash of that."""

    kind: str
    function: str
    program: Any
    digest: str

    @property
    def subject(self) -> str:
        """The function in a sentence: "the loss of Empirical"."""
        return f"the {self.function} of {self.kind}"


def fingerprint(tasks, w) -> str:
    """A hash of what the functions of ``tasks`` compute now, at parameters shaped like ``w``; nothing is run.

    It changes where a function, or a global that it reads, changes, and not with the numbers that a task holds.
    Fractions are never compiled: their fingerprint is always the same.
    """
    return EXACT if is_exact(tasks, w) else combined(read(tasks, w))


def require_deterministic(tasks, w) -> None:
    """Raise ``ChangingFunctionError`` unless two readings in a row of every function agree.

    Random numbers from a fixed JAX key are the same each time, and pass.
    """
    if not is_exact(tasks, w):
        require_equal(read(tasks, w), read(tasks, w))


def read(tasks, w) -> list[Reading]:
    """Every function of every kind of task, traced now."""
    digest = Digest()
    return [
        Reading(type(task).__name__, name, program, digest(program))
        for task in kinds(tasks)
        for name, program in programs(task, w).items()
    ]


def combined(readings: list[Reading]) -> str:
    """One hash for all functions."""
    return Digest.of_text(repr([(reading.subject, reading.digest) for reading in readings]))


def require_equal(first: list[Reading], second: list[Reading]) -> None:
    """Raise ``ChangingFunctionError``, naming the first function that differs, unless two readings agree."""
    for before, after in zip(first, second, strict=True):
        if before.digest != after.digest:
            raise ChangingFunctionError(
                f"{before.subject} changed between two readings in a row: it draws random numbers from numpy or "
                "Python, counts its calls, or reads a clock. Give what varies as data, or as samples."
            )
