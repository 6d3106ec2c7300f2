"""Corollary 4.16: with batches of order 1/α², first-order MAML reaches an accuracy of order ασL.

    B ≥ 1/(α²L²), D_in ≥ σ̃²/(α²σ²L²), BD_o ≥ σ̃²/(α²σ²L²)
    ⇒  for some k < 59Δ(4L + 2.54ρα(σ + T))/T²:  E‖∇F(w_k)‖ ≤ T = max{5.1√(1 + x), 2.6x} ασL,  x = ρασ/L

The paper says O(ασL) with some constants C₁ and C₂; these come from Theorem 4.15 with C₁ = C₂ = 1: E ≤ 13α²L²σ², so
√(2(1 + x)E) ≤ √26√(1 + x) ασL, and 2(ρα/L)E ≤ 26 x α²L²σ ≤ 2.6x ασL, since αL ≤ 1/10. Then T is at least the T of
Theorem 4.15 with ε = 5.1ασL.
"""

import math
from functools import partial

from mamllib.statements.fallah2020.convergence import instances, slopes
from mamllib.statements.fallah2020.convergence.hypotheses import hypotheses
from mamllib.statements.fallah2020.convergence.rate import FO_MAML
from mamllib.statements.fallah2020.convergence.run import Run
from mamllib.statements.fallah2020.convergence.setting import Setting, relative_deviation
from mamllib.statements.fallah2020.convergence.sides import TENTH, convergence_statement, recorded, smallest_gradient
from mamllib.statements.fallah2020.two_ramps import from_stationarity
from mamllib.statements.kit import Source, Verdict, case, margin, mutant, replace

ON_SLOPES, LARGE = (slopes.tilted_slopes, "FO-MAML", 0.27, 2200), {"inverse_step": 10, "B": 100}


def floor(setting: Setting) -> float:
    """T = max{5.1√(1 + x), 2.6x} ασL."""
    x = relative_deviation(setting)
    return max(5.1 * math.sqrt(1 + x), 2.6 * x) * setting.alpha * setting.sigma * setting.constants.L


def with_floor(setting: Setting) -> Setting:
    """The setting with ε = T, so that its budget is the corollary's."""
    return replace(setting, epsilon=floor(setting))


def all_hypotheses(run: Run) -> dict:
    """Those of Theorem 4.15, and the three conditions (27) with C₁ = C₂ = 1 and σ > 0."""
    setting, c = run.setting, run.setting.constants
    step = setting.alpha * c.L
    samples, tasks = (_squared_ratio(*pair) for pair in ((c.sigma_tilde, step * setting.sigma), (1, step)))
    return hypotheses(run, FO_MAML) | {
        "B ≥ 1/(αL)²": margin(setting.B, tasks),
        "D_in ≥ σ̃²/(ασL)²": margin(setting.sizes.D_in, samples),
        "BD_o ≥ σ̃²/(ασL)²": margin(setting.B * setting.sizes.D_o, samples),
    }


def _squared_ratio(number, by):
    return (number / by) ** 2 if by else math.inf


COROLLARY_4_16 = convergence_statement(
    "Corollary 4.16",
    FO_MAML,
    source=Source("fallah2020", "Corollary 4.16, with explicit constants", "D"),
    id="fallah2020/corollary_4_16",
    title="Corollary 4.16",
    claim=r"B\ge\tfrac{1}{\alpha^2L^2},\ D_{in},BD_o\ge\tfrac{\tilde\sigma^2}{\alpha^2\sigma^2L^2}"
    r"\ \Rightarrow\ \min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le\max\{5.1\sqrt{1+x},2.6x\}\,\alpha\sigma L",
    hypotheses=all_hypotheses,
    rests_on=("fallah2020/theorem_4_15",),
    spared=dict.fromkeys(("B ≥ 1/(αL)²", "D_in ≥ σ̃²/(ασL)²", "BD_o ≥ σ̃²/(ασL)²"), TENTH),
    lhs=partial(smallest_gradient, rate=FO_MAML, change=with_floor),
    budget=partial(recorded, rate=FO_MAML, change=with_floor),
    rhs=lambda run: floor(run.setting),
    cases=(
        case("two slopes with tilts ±1, αL = 1/10, B = 100", *ON_SLOPES, **LARGE, sampled=1),
        case("two ramps, αL = 1/10", from_stationarity, *("FO-MAML", 0.1, 10**5, 1e-3, 100), sampled=1),
        case("two ramps, αL = 1/100", from_stationarity, *("FO-MAML", 0.01, 10**6, 1e-3, 100), sampled=1),
        case(
            "two parabolas at ±1, B = 20 < 1/(αL)²",
            instances.two_centres,
            *("FO-MAML", 0.014, 0.0055),
            inverse_step=1000,
            expected=Verdict.SILENT,
            sampled=1,
        ),
    ),
    mutants=(
        mutant(
            "ασL replaced by α²σL",
            *ON_SLOPES,
            **LARGE,
            rhs=lambda run: run.setting.alpha * floor(run.setting),
        ),
        mutant(
            "condition on B deleted",
            instances.two_centres,
            *("FO-MAML", 0.014, 0.0055),
            inverse_step=10_000,
            drops="B ≥ 1/(αL)²",
        ),
    ),
)
