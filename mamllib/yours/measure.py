"""Constants to begin with: the largest values met wherever the statements would evaluate a reader's tasks."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mamllib.arithmetic import larger
from mamllib.errors import LossError, PrecisionError
from mamllib.formatting import number
from mamllib.report import Table
from mamllib.statements.fallah2020.convergence import Run
from mamllib.statements.ji2022.task_gradient import Path
from mamllib.statements.question import Question
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Constants
from mamllib.yours.given import Asking, Given, askings, given

CONSTANTS = {"L": "L", "rho": "ρ", "sigma_tilde": "σ̃", "sigma_H": "σ_H", "sigma": "σ"}
SQUARED = ("sigma_tilde", "sigma_H", "sigma")
ROUNDS = 6
UNDECLARED = Constants(*[math.inf] * 4)  # of tasks whose owner does not know them yet
ABOVE = 1e-9  # a constant is declared this much above what was met, so that rounding does not refute it


@dataclass(frozen=True)
class Met:
    """The largest L, ρ, σ̃, σ_H and σ that were met at ``places`` points and segments: lower bounds of the constants.

    ``constants`` and ``sigma`` may be declared as they are; ``values`` holds what was measured by name, and nothing of
    a constant that no question which could be made uses. ``proved`` are those that the tasks' class proves for every w.
    """

    values: dict[str, float]
    places: int
    proved: dict[str, float]

    @property
    def constants(self) -> Constants:
        """L, ρ, σ̃ and σ_H, ∞ where nothing was measured."""
        return Constants(*(self._declared(name) for name in Constants._fields))

    @property
    def sigma(self) -> float:
        """σ, ∞ where nothing was measured."""
        return self._declared("sigma")

    def __repr__(self) -> str:
        """A row a constant."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table().to_html()

    def table(self) -> Table:
        """A row a constant."""
        rows = [
            (symbol, number(self.values.get(name, math.nan)), self._where(name)) for name, symbol in CONSTANTS.items()
        ]
        return Table(("constant", "largest met", "what that is"), rows)

    def record(self) -> dict:
        """The same for machines."""
        return {"values": self.values, "places": self.places, "proved": self.proved}

    def _declared(self, name: str) -> float:
        return self.values.get(name, math.inf) * (1 + ABOVE)

    def _where(self, name: str) -> str:
        if name not in self.values:
            return "not measured: nothing that was asked uses it"
        proved = f"; {number(self.proved[name])} is proved for every w" if name in self.proved else ""
        return f"at {self.places} places, a lower bound{proved}"


def measure(
    family,
    alpha,
    w,
    steps: int = 1,
    *,
    statements: Sequence[str] = (),
    progress: Callable = lambda items: items,
    **more,
) -> Met:
    """The largest of what each constant bounds, at every place that a question made of these words uses.

    ``statements`` are those whose places count, by ids or their beginnings; all by default.

    For an N-step path alone these are the points and steps of the path of every task; with ``u``, ``D_in``,
    ``D_test``, ``sizes``, … also where those questions go. Where places depend on the constants (HF-MAML's probes move
    by 1/(6ρα√B)) they are measured again with what was met, until nothing changes.

    Returns:
        What ``constants`` and ``sigma`` may start from. At n places: a lower bound of what holds everywhere.

    Raises:
        As ``ask``.
    """
    words = given(family, alpha, w, more | {"steps": steps})
    kinds = [asking for asking in askings(*statements) if asking.kind is not Run and not words.obstacle(asking)]
    found = _largest_met(words, progress(kinds))
    for _ in range(ROUNDS):
        again = _largest_met(Given(words.words | _declared(found)), kinds)
        if again.values == found.values:
            break
        found = again
    return found


def measure_path(family: TaskFamily, alpha, w, steps: int = 1) -> Met:
    """The same along the inner paths alone: L on their points and steps, σ at w."""
    return _met([Path.of(family, alpha, w, steps, math.inf, UNDECLARED)])


def _declared(found: Met) -> dict:
    return {"constants": found.constants, "sigma": found.sigma}


def _largest_met(words: Given, kinds: Iterable[Asking]) -> Met:
    return _met([question for asking in kinds for question in _made(words, asking)])


def _met(questions: Sequence[Question]) -> Met:
    values, places, proved = {}, 0, {}
    for question in questions:
        measured, proved = question.assumed, dict(question.certificate) | proved
        places += int(measured.places)
        for name, value in measured.values.items():
            values[name] = larger(values[name], value) if name in values else value
    roots = {name: _root(name, values[name]) for name in CONSTANTS if name in values}
    return Met(roots, places, {name: float(value) for name, value in proved.items()})


def _made(words: Given, asking) -> list:
    try:
        return words.questions(asking)
    except (LossError, PrecisionError):
        raise
    except (ArithmeticError, TypeError, ValueError):  # what these tasks and words do not fit is not asked either
        return []


def _root(name: str, value) -> float:
    return math.sqrt(value) if name in SQUARED else float(value)
