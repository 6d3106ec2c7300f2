"""The numbers in the proof of ``rate.py``, in fractions; roots alone are rounded, upward.

Given w_k, E[F(w_k) − F(w_{k+1})] is at least c/L(w_k) times a quadratic form in

    y = (‖∇F‖, σ/√B, the σ that no batch lowers, σ̃/√(BD_o), the σ̃/√D_o that no batch lowers, σ̃/√D_in)

with the coefficients at the largest αL and at B = 20: all y are ≥ 0, and every coefficient that is subtracted grows
with αL and falls with B. For any v, squares are completed in all coordinates but the first until the form plus vE is
ua² plus squares. A rate's c₁, c₂ and n are right if θ = (v/u)(1/c₁ + p/(4c₂)) < 1 and n ≥ 1/(cu(1 − θ)).
"""

from dataclasses import dataclass
from fractions import Fraction as Q
from typing import Any

import numpy as np

from mamllib.arithmetic import root_above
from mamllib.statements.fallah2020.convergence.rate import FO_MAML, HF_MAML, HF_MAML_PRINTED_PROBE, MAML, Rate

LEAST_TASKS = 20
SECOND_MOMENT = Q(371, 200)  # E β̃² ≤ 1.855/L(w)²
MEAN_STEP = Q(4, 5), root_above(SECOND_MOMENT)  # E β̃ L(w) lies between
BATCH = root_above(Q(1, LEAST_TASKS))  # 1/√B at most
GRADIENT, TASKS, TASK_FLOOR, OUTER, OUTER_FLOOR, INNER = np.array(
    [[Q(i == j) for j in range(6)] for i in range(6)], dtype=object
)
HESSIAN_NOISE = Q(1, 2)  # α²σ_H²/D_h at most
PROBE = Q(1, 12)  # α‖d̄ − Hg‖/‖g‖ at most, with the printed δ


@dataclass(frozen=True)
class Step:
    """A step of one algorithm: ‖r‖ ≤ ``bias``·y and E‖G_i − ∇f‖²/B ≤ Σ weight (form·y)² over ``variance``."""

    bias: Any
    variance: tuple[tuple[Q, Any], ...]


@dataclass(frozen=True)
class Outcome:
    """u, v, θ and 1/(cu(1 − θ)), all exact."""

    u: Q
    v: Q
    theta: Q
    iterations: Q


class Sizes:
    """‖x_i‖₂, ‖x_i‖₂/√B, ‖∇f_i(w̃)‖₂/√B and ‖(I − αH_i)∇f_i(w̃) − ∇f‖₂/√B at αL = ``step``."""

    def __init__(self, step: Q, floor=TASKS, inner=BATCH * INNER):
        kappa = 2 * step + step**2
        self.of_gradient, self.of_sigma = 1 / (1 - kappa), root_above(1 / (1 - kappa**2))
        self.adapted = 1 + step
        self.floor = self.of_gradient * GRADIENT + self.of_sigma * floor
        self.task = BATCH * self.of_gradient * GRADIENT + self.of_sigma * TASKS
        self.after = self.adapted * self.task + step * inner
        self.inner = self.adapted * step  # of σ̃/√D_in in (I − αH)(∇f(w̃) − ∇f(w⁺))
        self.direction = TASKS + kappa * self.task + self.inner * inner


def maml(bias=None, inner=BATCH * INNER) -> Step:
    """MAML at αL = 1/6, with its ``bias`` from Lemma 4.10 unless another is given."""
    sizes = Sizes(Q(1, 6), inner=inner)
    outer = (sizes.adapted**2 + HESSIAN_NOISE, OUTER)
    variance = (Q(1), sizes.direction), outer, (HESSIAN_NOISE, sizes.after)
    return Step(sizes.inner * INNER if bias is None else bias, variance)


def hf_maml(printed: bool) -> Step:
    """HF-MAML at αL = 1/6: probes that err by ‖g‖/12, ``printed``, or by ‖g‖/(12√B)."""
    sizes = Sizes(Q(1, 6), TASK_FLOOR)
    error = PROBE if printed else PROBE * BATCH
    exact = (Q(1), sizes.direction), (sizes.adapted**2, OUTER)
    # (‖X‖ + ε‖Y‖)² ≤ (1 + ε)(‖X‖² + ε‖Y‖²)
    probed = tuple(((1 + error) * weight, form) for weight, form in exact)
    noise = (1 + error) * error + HESSIAN_NOISE
    variance = *probed, (noise, sizes.after), (noise, OUTER)
    of_batches = sizes.after + OUTER
    of_printed = sizes.adapted * sizes.floor + Q(1, 6) * INNER + OUTER_FLOOR
    return Step(sizes.inner * INNER + PROBE * (of_printed if printed else of_batches), variance)


def fo_maml() -> Step:
    """FO-MAML at αL = 1/10; the floor is αLσ."""
    step = Q(1, 10)
    sizes = Sizes(step)
    bias = step * INNER + sizes.adapted * (step * sizes.of_gradient * GRADIENT + sizes.of_sigma * TASK_FLOOR)
    return Step(bias, ((Q(1), TASKS + step * (sizes.task + BATCH * INNER)), (Q(1), OUTER)))


def brackets(step: Step, c: Q):
    """The quadratic form at both ends of E β̃: (E β̃ L)(a² − a‖r‖) − (1.855c/2)[(a + ‖r‖)² + E‖G_i − ∇f‖²/B]."""
    crossed = np.outer(GRADIENT, step.bias)
    square = np.outer(GRADIENT, GRADIENT) - (crossed + crossed.T) / 2
    direction = GRADIENT + step.bias
    moment = np.outer(direction, direction) + sum(weight * np.outer(form, form) for weight, form in step.variance)
    return [mean * square - SECOND_MOMENT * c / 2 * moment for mean in MEAN_STEP]


def kept(form, v: Q, weights) -> Q:
    """The largest u such that the form plus Σ v weight y² is ua² plus squares.

    Raises:
        ArithmeticError: it is not for any u, as v is too small.
    """
    matrix = form + v * np.diag(weights)
    for last in range(len(matrix) - 1, 0, -1):
        pivot = matrix[last, last]
        if pivot <= 0:
            raise ArithmeticError(f"v = {v} does not cover coordinate {last}")
        matrix = (matrix - np.outer(matrix[:, last], matrix[last]) / pivot)[:last, :last]
    return matrix[0, 0]


def prove(rate: Rate, step: Step, c: Q, v: Q, floor=Q(1)) -> Outcome:
    """u, θ and the number of iterations for this v; ``floor`` is the weight in E of what no batch lowers."""
    weights = np.array([Q(0), Q(1), floor, Q(1), Q(1), Q(1)], dtype=object)
    return outcome(rate, c, min(kept(form, v, weights) for form in brackets(step, c)), v)


def outcome(rate: Rate, c: Q, u: Q, v: Q) -> Outcome:
    """θ and the number of iterations from u and v."""
    theta = v / u * (1 / rate.root + rate.growth / (4 * rate.linear))
    return Outcome(u, v, theta, 1 / (c * u * (1 - theta)))


def with_taylor() -> Step:
    """MAML with ‖r‖ ≤ (7/6)ρα²σ̃²/(2D_in): the last of y is 3ρα²σ̃²/D_in then, and σ̃/√(BD_in) is one more of them."""
    return maml(bias=Q(7, 36) * INNER, inner=TASK_FLOOR)


def outcomes() -> dict[str, tuple[Rate, Outcome]]:
    """Every rate with what the proof gives for it; any v would do, and these leave about the fewest iterations."""
    second, first, third = Q(1, 12), Q(1, 18), Q(1, 25)
    floor = FO_MAML.task_floor(Q(1))
    return {
        "MAML": (MAML, prove(MAML, maml(), second, Q(1, 4))),
        "MAML, Taylor bound": (MAML, prove(MAML, with_taylor(), second, Q(1, 4))),
        "FO-MAML": (FO_MAML, prove(FO_MAML, fo_maml(), first, Q(39, 200), floor)),
        "HF-MAML, δ with √B": (HF_MAML, prove(HF_MAML, hf_maml(printed=False), third, Q(19, 100))),
        "HF-MAML, δ as printed": (
            HF_MAML_PRINTED_PROBE,
            prove(HF_MAML_PRINTED_PROBE, hf_maml(printed=True), third, Q(3, 20)),
        ),
    }
