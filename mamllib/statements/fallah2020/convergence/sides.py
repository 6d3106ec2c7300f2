"""Both sides of the convergence theorems: the smallest E‖∇F(w_k)‖ within the budget, and what is promised."""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np

from mamllib.arithmetic import is_exact
from mamllib.checking.budget import Budget
from mamllib.checking.margins import margin
from mamllib.checking.quantity import Quantity
from mamllib.checking.smallest_mean import SmallestMean
from mamllib.checking.statement import Source, Statement
from mamllib.checking.statistics import Mean
from mamllib.checking.verdict import Grade
from mamllib.statements.fallah2020.convergence.hypotheses import ASSUMES, hypotheses
from mamllib.statements.fallah2020.convergence.rate import PREMISES, Rate
from mamllib.statements.fallah2020.convergence.run import Run
from mamllib.statements.question import relative_roundoff

ENOUGH = "K ≥ N"


def as_set(setting):
    """The setting itself."""
    return setting


def smallest_gradient(run: Run, rate: Rate, change: Callable = as_set):
    """min_{k<N} E‖∇F(w_k)‖, N as in the setting ``change(setting)``.

    A run shorter than the budget N bounds it from above only: it can hold, not violate.
    """
    budget = max(1, math.ceil(rate.budget(change(run.setting))))
    norms = run.gradient_norms[:, :budget]
    complete = norms.shape[1] == budget
    if is_exact(norms):
        return Quantity(norms.min(), norms.min() if complete else Fraction(0), norms.min(), Grade.EXACT)
    return SmallestMean(norms, complete)


def recorded(run: Run, rate: Rate, change: Callable = as_set) -> Budget:
    """N in the setting ``change(setting)``, and how many iterations were recorded."""
    return Budget(float(rate.budget(change(run.setting))), run.recording.iterations)


def roundoff(run: Run):
    """γ of the largest ‖∇F‖ met: ∇F is recorded to that accuracy."""
    return relative_roundoff(run.setting) * float(run.gradient_norms.max())


def sides(rate: Rate, change: Callable = as_set) -> dict:
    """Both sides as they would be in the setting ``change(setting)``: a wrong version that does not see a quantity."""
    return {
        "lhs": partial(smallest_gradient, rate=rate, change=change),
        "rhs": lambda run: rate.accuracy(change(run.setting)),
    }


def misread(rate: Rate, change: Callable = as_set) -> dict:
    """T alone under ``rate`` in the setting ``change(setting)``, after the N of the theorem: a wrong power in T."""
    return {"rhs": lambda run: rate.accuracy(change(run.setting))}


CURVATURE = "open: it reaches T through 1 + x and through its second entry, and whether T needs them is not known"
FACTOR = "open: the nearest run takes half of T, and this leaves more than that of it"
TENTH = "open: no run comes within a tenth of T"
OWN = ("B ≥ 20", "F(w₀) − min F ≤ Δ", "D_h ≥ 2α²σ_H²", *(assumption.name for assumption in ASSUMES))
SPARED = (
    dict.fromkeys(("α", "L", "ρ"), CURVATURE)
    | dict.fromkeys(("B", "D_in", "D_o", "σ", "σ̃", "ε"), FACTOR)
    | dict.fromkeys(OWN, TENTH)
)


def convergence_statement(item: str, rate: Rate, **fields) -> Statement:
    """min_{k<N} E‖∇F(w_k)‖ ≤ T under ``rate``, with the parts that differ given as ``fields``."""
    shared = {
        "source": Source("fallah2020", item, "N"),
        "takes": Run,
        "assumes": ASSUMES,
        "hypotheses": partial(hypotheses, rate=rate),
        "roundoff": roundoff,
        "rests_on": PREMISES,
        "budget": partial(recorded, rate=rate),
    }
    spared = SPARED | {f"α ≤ 1/({rate.smallest_inverse_step}L)": TENTH} | fields.pop("spared", {})
    return Statement(**(shared | sides(rate) | fields), spared=spared)


def mean_gradient(run: Run, rate: Rate):
    """(1/K)Σ_{k<K} E‖∇F(w_k)‖ for K = ⌈N⌉, and for all that were recorded."""
    norms = run.gradient_norms
    ends = {min(max(1, math.ceil(rate.budget(run.setting))), norms.shape[1]), norms.shape[1]}
    means = [norms[:, :end].mean(axis=1) for end in sorted(ends)]
    return np.array([rows[0] for rows in means], dtype=object) if is_exact(norms) else Mean(np.stack(means))


def mean_hypotheses(run: Run, rate: Rate, own: Callable) -> dict:
    """Those of the theorem, ``own``, and that there are N iterates to average over."""
    return own(run) | {ENOUGH: margin(run.recording.iterations, rate.budget(run.setting))}


def mean_statement(theorem: Statement, rate: Rate, **fields) -> Statement:
    """(1/K)Σ_{k<K} E‖∇F(w_k)‖ ≤ T for K ≥ N, which ``theorem`` has for the smallest of them."""
    return theorem.variant(
        lhs=partial(mean_gradient, rate=rate),
        hypotheses=partial(mean_hypotheses, rate=rate, own=theorem.hypotheses),
        claim=r"K\ge N\ \Rightarrow\ \frac1K\sum_{k<K}\mathbb{E}\|\nabla F(w_k)\|\le T",
        rests_on=theorem.rests_on,
        spared=theorem.spared | {ENOUGH: TENTH},
        **fields,
    )
