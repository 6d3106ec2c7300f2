"""What first-order MAML costs on a reader's tasks: where it comes to rest, and how it points elsewhere."""

import math
from dataclasses import dataclass, fields
from typing import NamedTuple

import jax
import numpy as np

from mamllib import tree
from mamllib.formatting import number
from mamllib.inner_loop import exact, pulled_back, walk
from mamllib.report import Table
from mamllib.statements.kit import measure as quantities
from mamllib.tasks.family import TaskFamily
from mamllib.yours.given import given
from mamllib.yours.measure import measure_path


class Directions(NamedTuple):
    """E P_ig_i (the meta-gradient), E g_i (FO-MAML's direction), and E[P_ig_i] − E[P_i]E[g_i]."""

    maml: object
    fo_maml: object
    covariance: object


@dataclass(frozen=True)
class FirstOrderCost:
    """g_i = ∇f_i(w̃_N) is what FO-MAML averages, P_ig_i what MAML does, P_i = ∏_j (I − α∇²f_i(w̃_j)).

    At its rest E g_i = 0, so ∇F is the covariance alone: second derivatives matter as far as they vary *with* the
    adapted gradients from task to task.

    Args:
        meta_gradient: ‖∇F(w)‖ = ‖E P_ig_i‖.
        first_order: ‖E g_i‖.
        difference: ‖E P_ig_i − E g_i‖.
        angle: between the two, in degrees; NaN where one of them is 0.
        covariance: ‖E[P_ig_i] − E[P_i]E[g_i]‖, for one inner step α‖Cov(H_i, g_i)‖.
        floor: (1 + αL)αLσ, what ‖∇F‖ is at most where FO-MAML rests (``first_order_floor``): for one inner step and
            α ≤ 1/L, else ∞.
        L, sigma: as met at w and along the inner steps, a lower bound each.
        alpha, steps: as given.
    """

    meta_gradient: float
    first_order: float
    difference: float
    angle: float
    covariance: float
    floor: float
    L: float
    sigma: float
    alpha: float
    steps: int

    def __repr__(self) -> str:
        """A row a number."""
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table().to_html()

    def table(self) -> Table:
        """A row a number, with what it means."""
        named = MEANINGS | (OF_SEVERAL_STEPS if self.steps > 1 else {})
        rows = [(name, number(getattr(self, key)), meaning) for key, (name, meaning) in named.items()]
        if self.floor == math.inf:
            why = f"N = {self.steps}" if self.steps > 1 else f"αL = {number(self.alpha * self.L)} > 1"
            rows[list(named).index("floor")] = (named["floor"][0], "–", f"no bound of what is left is known: {why}")
        return Table(("what", "value", "what it says"), rows)

    def record(self) -> dict:
        """The same for machines."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


MEANINGS = {
    "meta_gradient": ("‖∇F(w)‖", "MAML's direction"),
    "first_order": ("‖E g_i‖", "FO-MAML's direction, 0 at its rest"),
    "angle": ("angle, degrees", "between the two; beyond 90 FO-MAML goes uphill"),
    "difference": ("‖∇F − E g_i‖", "what FO-MAML leaves out here"),
    "covariance": ("α‖Cov(H_i, g_i)‖", "what of it is left where FO-MAML rests"),
    "floor": ("(1 + αL)αLσ", "its bound there (first_order_floor): N = 1, α ≤ 1/L"),
    "L": ("L", "met at w and along the inner steps, a lower bound"),
    "sigma": ("σ", "met at w, a lower bound"),
}


OF_SEVERAL_STEPS = {"covariance": ("‖Cov(P_i, g_i)‖", "what of it is left where FO-MAML rests")}


def first_order_cost(family: TaskFamily, alpha, w, steps: int = 1) -> FirstOrderCost:
    """What leaving out second derivatives costs at w; see ``FirstOrderCost``.

    Raises:
        TypeError, ValueError: as ``ask``. LossError, PrecisionError: what the reader's functions do.
    """
    given(family, alpha, w, {"steps": steps})
    found = jax.device_get(_directions(family, float(alpha), w, steps))
    met, lengths = measure_path(family, alpha, w, steps), Directions(*(float(tree.norm(part)) for part in found))
    L, sigma = met.values["L"], met.values["sigma"]
    step = float(alpha) * L
    return FirstOrderCost(
        meta_gradient=lengths.maml,
        first_order=lengths.fo_maml,
        difference=float(tree.norm(tree.subtract(found.maml, found.fo_maml))),
        angle=_angle(found.maml, found.fo_maml),
        covariance=lengths.covariance,
        floor=step * (1 + step) * sigma if steps == 1 and step <= 1 else math.inf,
        L=L,
        sigma=sigma,
        alpha=float(alpha),
        steps=steps,
    )


@jax.jit(static_argnames="steps")
def _directions(family: TaskFamily, alpha, w, steps: int) -> Directions:
    adapted = family.map(lambda task: task.gradient(walk(task, alpha, w, steps).end))
    mean = jax.tree.map(lambda leaf: jax.numpy.tensordot(family.probabilities, leaf, axes=1), adapted)
    maml = family.expect(lambda task: pulled_back(exact(task, alpha), w, steps, task.gradient))
    apart = family.expect(lambda task: pulled_back(exact(task, alpha), w, steps, lambda _: mean))
    return Directions(maml, mean, tree.subtract(maml, apart))


def _angle(a, b) -> float:
    """In degrees; NaN where one of them is 0."""
    lengths = float(tree.norm(a)) * float(tree.norm(b))
    if lengths == 0:
        return math.nan
    return float(np.degrees(np.arccos(np.clip(float(quantities.inner(a, b)) / lengths, -1, 1))))
