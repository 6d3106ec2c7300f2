"""Corollary 4.13: with batches of order 1/ε², MAML finds an ε-first-order stationary point in ΔO(L/ε²) iterations.

    B ≥ C₁σ²/ε², D_in ≥ C₂σ̃²/ε², BD_o ≥ C₂σ̃²/ε², C₁ = C₂ = 6(1 + x), ε ≤ (1 + x)L/(ρα)
    ⇒  for some k < 29Δ(4L + 3.14ρα(σ + ε))/ε²:  E‖∇F(w_k)‖ ≤ ε

The paper says "for some constants C₁ and C₂"; these come from Theorem 4.12: the conditions make E ≤ ε²/(2(1 + x)), so
√(2(1 + x)E) ≤ ε and 2(ρα/L)E ≤ (ρα/L)ε²/(1 + x) ≤ ε. The last hypothesis is what Assumption 4.7 hides.
"""

from functools import partial

from mamllib.statements.fallah2020.convergence import instances, slopes
from mamllib.statements.fallah2020.convergence.hypotheses import hypotheses
from mamllib.statements.fallah2020.convergence.rate import MAML
from mamllib.statements.fallah2020.convergence.run import Run
from mamllib.statements.fallah2020.convergence.setting import relative_curvature, relative_deviation
from mamllib.statements.fallah2020.convergence.sides import TENTH, convergence_statement, recorded, smallest_gradient
from mamllib.statements.fallah2020.theorem_4_12 import ON_ONE, PLATEAU
from mamllib.statements.kit import Q, Source, Verdict, case, margin, mutant, replace

BATCH_CONSTANT = 3 * MAML.root
LARGE_BATCH, LARGE = (slopes.tilted_slopes, "MAML", 0.2, 1500), {"B": 60, "epsilon": 0.4}
QUIET = replace(MAML, root=Q(0), linear=Q(0))  # T = ε


def all_hypotheses(run: Run) -> dict:
    """Those of Theorem 4.12, the three conditions (25) with their constants, and ε small enough for the curvature."""
    setting, c = run.setting, run.setting.constants
    x, (D_in, D_o, _) = relative_deviation(setting), setting.sizes
    samples = BATCH_CONSTANT * (1 + x) * (c.sigma_tilde / setting.epsilon) ** 2
    return hypotheses(run, MAML) | {
        "B ≥ C₁σ²/ε²": margin(setting.B, BATCH_CONSTANT * (1 + x) * (setting.sigma / setting.epsilon) ** 2),
        "D_in ≥ C₂σ̃²/ε²": margin(D_in, samples),
        "BD_o ≥ C₂σ̃²/ε²": margin(setting.B * D_o, samples),
        "ραε ≤ (1 + x)L": margin(1 + x, relative_curvature(setting) * setting.epsilon),
    }


COROLLARY_4_13 = convergence_statement(
    "Corollary 4.13",
    MAML,
    source=Source("fallah2020", "Corollary 4.13, with explicit constants", "D"),
    id="fallah2020/corollary_4_13",
    title="Corollary 4.13",
    claim=r"B\ge\tfrac{C_1\sigma^2}{\epsilon^2},\ D_{in},BD_o\ge\tfrac{C_2\tilde\sigma^2}{\epsilon^2}"
    r"\ \Rightarrow\ \min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le\epsilon",
    hypotheses=all_hypotheses,
    rests_on=("fallah2020/theorem_4_12",),
    spared=dict.fromkeys(("B ≥ C₁σ²/ε²", "D_in ≥ C₂σ̃²/ε²", "BD_o ≥ C₂σ̃²/ε²", "ραε ≤ (1 + x)L"), TENTH),
    lhs=partial(smallest_gradient, rate=QUIET),
    budget=partial(recorded, rate=QUIET),
    rhs=lambda run: run.setting.epsilon,
    cases=(
        case("one slope, no noise", *ON_ONE),
        case("two slopes with tilts ±1, ε = .4", *LARGE_BATCH, **LARGE, sampled=1),
        case(
            "two parabolas at ±1, B = 20",
            instances.two_centres,
            "MAML",
            **PLATEAU,
            expected=Verdict.SILENT,
            sampled=1,
        ),
    ),
    mutants=(
        mutant("ε² for ε", *LARGE_BATCH, **LARGE, rhs=lambda run: run.setting.epsilon**2),
        mutant("condition on B deleted", instances.two_centres, "MAML", **PLATEAU, drops="B ≥ C₁σ²/ε²"),
        mutant(
            "conditions on D_in and BD_o deleted",
            instances.noisy_quadratic,
            *("MAML", 0.0145, 0.0075),
            drops=("D_in ≥ C₂σ̃²/ε²", "BD_o ≥ C₂σ̃²/ε²"),
        ),
    ),
)
