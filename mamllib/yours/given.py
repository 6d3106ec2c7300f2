"""From the words that a reader gives to the questions that can be asked with them, and what is missing for others."""

import difflib
import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import numpy as np

from mamllib.checking.statement import Statement
from mamllib.copies import Copies
from mamllib.ledger import STATEMENTS, find
from mamllib.shapes import require_same_shape
from mamllib.statements.fallah2020.convergence import Run, Setting, run
from mamllib.statements.words import WORDS, word
from mamllib.tasks.family import TaskFamily, require_family

TASKS = ("family", "task")
STACKED = ("w", "u", "v", "delta")
SEEDS = 16


class Asking(NamedTuple):
    """A kind of question, the statements on it, and the words that it takes: (name → whether it must be given)."""

    kind: type
    statements: tuple[Statement, ...]
    takes: Mapping[str, bool]

    @property
    def needs(self) -> set[str]:
        """The words that must be given, beside the family."""
        return {name for name, required in self.takes.items() if required} - set(TASKS)


class Given(NamedTuple):
    """The words as given, by name; ``family`` is one of them. ``note`` is what every row has to say of them."""

    words: Mapping[str, Any]
    note: str = ""

    @property
    def family(self) -> TaskFamily:
        """The tasks."""
        return self.words["family"]

    def obstacle(self, asking: Asking) -> str:
        """Why this kind of question cannot be made: other tasks, or words that are not given; empty where it can."""
        about = getattr(asking.kind, "about", None)
        if about and not all(isinstance(task, about) for task in self.family):
            return f"is about {about.__name__} tasks alone"
        missing = [described(name) for name in asking.takes if name in asking.needs - set(self.words)]
        return f"needs {'; '.join(missing)}" if missing else ""

    def questions(self, asking: Asking) -> list:
        """The questions of this kind: one, or one a task where it is about one task alone."""
        if asking.kind is Run:
            more = {"seeds": self.words.get("runs", SEEDS), "seed": self.words.get("seed", 0)}
            return [run(self._made(Setting, _takes(Setting)), self.words["iterations"], **more)]
        tasks = [{"task": task} for task in self.family] if "task" in asking.takes else [{}]
        return [self._made(asking.kind, asking.takes, **task) for task in tasks]

    def _made(self, kind: type, takes: Mapping[str, bool], **more):
        words = {name: value for name, value in (self.words | more).items() if name in takes}
        if getattr(kind, "many", ""):
            words |= {name: _stacked(words[name]) for name in STACKED if name in words}
        return kind.of(**words)


def given(family, alpha, w, more: Mapping[str, Any]) -> Given:
    """Check the names of ``more``, each value as its word says, and the shapes of u and v.

    Raises:
        TypeError: a word that there is not; the message gives the nearest ones. And whatever a word's check raises.
    """
    require_family(family)
    for name in more:
        if name not in WORDS:
            nearest = difflib.get_close_matches(name, WORDS, n=3, cutoff=0.5) or sorted(WORDS)
            raise TypeError(f"no question takes {name!r}; the nearest words are {', '.join(nearest)}")
    w, note = (w.w, w.note) if isinstance(w, Copies) else (w, "")
    words = {"family": family, "alpha": alpha, "w": w} | dict(more)
    for name, value in words.items():
        word(name).check(name, value)
    for name in ("u", "v"):
        if name in words:
            require_same_shape("w", w, name, words[name])
    return Given(words, note)


def askings(*ids: str) -> list[Asking]:
    """Every kind of question about a reader's tasks, with the statements on it; those named, or all."""
    kinds: dict[type, list[Statement]] = {}
    for statement in find(ids, STATEMENTS):
        kinds.setdefault(statement.takes, []).append(statement)
    found = (Asking(kind, tuple(on), _takes(kind)) for kind, on in kinds.items())
    return [asking for asking in found if set(TASKS) & set(asking.takes)]


def described(name: str) -> str:
    """A word with its symbol and what it stands for."""
    known = word(name)
    return f"{name} ({', '.join(filter(None, (known.symbol, known.meaning)))})"


def _takes(kind: type) -> dict[str, bool]:
    if kind is Run:
        return _takes(Setting) | {"iterations": True, "runs": False, "seed": False}
    if not hasattr(kind, "of"):
        return {}
    parameters = inspect.signature(kind.of).parameters.values()
    return {each.name: each.default is inspect.Parameter.empty for each in parameters}


def _stacked(value):
    return jax.tree.map(lambda leaf: np.asarray(leaf)[None], value)
