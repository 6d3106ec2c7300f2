"""Which inner steps each statement allows, for the largest curvature met on a reader's tasks."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from mamllib import validation
from mamllib.formatting import number
from mamllib.report import Table
from mamllib.tasks.family import TaskFamily
from mamllib.yours.measure import measure_path

ROUNDS = 8
WORTH = 1.01  # rounds go on while the curvature met grows by more than a hundredth


class Rule(NamedTuple):
    """αL ≤ ``most``(N), as it is written, the statement that asks for it, and what it is good for."""

    written: str
    most: Callable[[int], float]
    statement: str
    buys: str


RULES = (
    Rule("1/L", lambda N: 1.0, "fallah2020/lemma_4_8", "F is smooth with 4L + 2ραE‖∇f_i‖ (one step)"),
    Rule("1/L", lambda N: 1.0, "fallah2020/first_order_floor", "FO-MAML rests within (1 + αL)αLσ (one step)"),
    Rule("(√2 − 1)/L", lambda N: math.sqrt(2) - 1, "fallah2020/auxiliary_inequality", "‖∇f‖ is bounded by ‖∇F‖ and σ"),
    Rule("1/(6L)", lambda N: 1 / 6, "fallah2020/theorem_4_12", "MAML converges, at the stated rate"),
    Rule("1/(10L)", lambda N: 1 / 10, "fallah2020/theorem_4_15", "FO-MAML converges to its floor"),
    Rule("1/(6L)", lambda N: 1 / 6, "fallah2020/theorem_4_17_repair", "HF-MAML converges, with the repaired probe"),
    Rule("(2^{1/(2N)} − 1)/L", lambda N: 2 ** (1 / (2 * N)) - 1, "ji2022/task_gradient", "N steps: ‖∇l_i‖ is bounded"),
    Rule(
        "(ln 2)/(2NL)", lambda N: math.log(2) / (2 * N), "ji2022/convergence", "N-step MAML converges; a simpler form"
    ),
    Rule("sin(π/(2N))/L", lambda N: math.sin(math.pi / (2 * N)), "ji2022/threshold", "N steps: nothing hides; exact"),
)


class Threshold(NamedTuple):
    """The largest α that ``statement`` allows, how it is written, and what it is good for."""

    alpha: float
    written: str
    statement: str
    buys: str


@dataclass(frozen=True)
class AllowedSteps:
    """A threshold a rule, for the curvature ``L`` and ``steps`` inner steps; ``places`` is where L was met, 0 if given.

    An L that is a lower bound makes every threshold an upper bound of what is allowed.
    """

    L: float
    steps: int
    places: int
    thresholds: tuple[Threshold, ...]

    def __repr__(self) -> str:
        """A row a threshold, the strictest last."""
        return f"{self._of}\n{self.table()!r}"

    def _repr_html_(self) -> str:
        return f"<p>{self._of}</p>\n{self.table().to_html()}"

    def table(self) -> Table:
        """A row a threshold, the strictest last."""
        rows = [(number(t.alpha), t.written, t.statement.split("/")[-1], t.buys) for t in self.thresholds]
        return Table(("α ≤", "that is", "asked by", "for"), rows)

    def record(self) -> dict:
        """The same for machines."""
        return {"L": self.L, "steps": self.steps, "places": self.places} | {
            "thresholds": [threshold._asdict() for threshold in self.thresholds]
        }

    @property
    def _of(self) -> str:
        where = f"met at {self.places} places, a lower bound" if self.places else "as given"
        return f"L = {number(self.L)}, {where}; N = {self.steps}"


def step_sizes_allowed(family: TaskFamily, w, steps: int = 1, L: float | None = None) -> AllowedSteps:
    """The largest α that each statement allows for N = ``steps`` inner steps.

    Args:
        family: the tasks.
        w: meta-parameters, any tree of arrays.
        steps: N ≥ 1.
        L: a smoothness constant that holds; where none is given, the largest that is met at w and along the inner
            steps of the longest α so allowed: measured again until it grows no more.

    Raises:
        ValueError: ``steps`` no integer ≥ 1, an L that is not positive, tasks without curvature where they are met. And
            as ``ask``.
    """
    validation.require_count("steps", steps)
    places = 0
    if L is None:
        L, places = _largest_curvature(family, w, steps)
    validation.require_positive("L", L)
    found = [Threshold(rule.most(steps) / L, rule.written, rule.statement, rule.buys) for rule in RULES]
    return AllowedSteps(float(L), steps, places, tuple(sorted(found, key=lambda each: -each.alpha)))


def _largest_curvature(family: TaskFamily, w, steps: int) -> tuple[float, int]:
    met = measure_path(family, 0.0, w, steps)
    L, places = met.values["L"], met.places
    for _ in range(ROUNDS):
        if L == 0:
            raise ValueError(
                "L = 0: no curvature was met at w (a loss with kinks shows none between them); give L, or another w"
            )
        met = measure_path(family, 1 / L, w, steps)
        places += met.places
        if met.values["L"] <= WORTH * L:
            break
        L = met.values["L"]
    return max(L, met.values["L"]), places
