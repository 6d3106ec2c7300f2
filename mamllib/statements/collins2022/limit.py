"""The limit in which one step solves every easy task: how much condition (i) and condition (ii) are worth then.

    m = ∞, α = 1/ρ_E:   ratio = 1 + (R²/r_H)(ρ_E/(ρ_E + ρ_H))²                                      (derived here)

increasing to 1 + R²/r_H, which no ρ_H > 0 attains. Proof. a_E = 0, so δ = 1 − ρ_H/(ρ_E + ρ_H) in ``mixture``. ∎
"""

import math

from mamllib.statements.collins2022.identities import both_errors, both_ways
from mamllib.statements.collins2022.landscape import Mixture, one_dimension, ratio, risky, roundoff
from mamllib.statements.kit import Q, Source, Statement, Verdict, case, equal, holds_if, mutant


def formula(mixture: Mixture, power: int = 2):
    """1 + (R²/r_H)(ρ_E/(ρ_E + ρ_H))^power."""
    return 1 + mixture.R**2 / mixture.r_H * (mixture.rho_E / (mixture.rho_E + mixture.rho_H)) ** power


def solved_in_a_step(mixture: Mixture) -> dict:
    """m = ∞ and α = 1/ρ_E."""
    return risky(mixture) | {
        "m = ∞": holds_if(mixture.m == math.inf),
        "α = 1/ρ_E": equal(-abs(mixture.alpha * mixture.rho_E - 1)),
        "r_H > 0": holds_if(mixture.r_H > 0),
    }


LIMIT = Statement(
    id="collins2022/limit",
    title="one step solves every easy task (C6)",
    source=Source("collins2022", "the ratio at α = 1/ρ_E with all samples (C6)", "D"),
    claim=r"m=\infty,\ \alpha=\tfrac1{\rho_E}\ \Rightarrow\ \frac{\mathcal E(w_{NAL})}{\mathcal E(w_{MAML})}="
    r"1+\frac{R^2}{r_H}\Big(\frac{\rho_E}{\rho_E+\rho_H}\Big)^2",
    takes=Mixture,
    hypotheses=solved_in_a_step,
    lhs=lambda mixture: both_ways(ratio(mixture)),
    rhs=lambda mixture: both_ways(formula(mixture)),
    roundoff=lambda mixture: both_errors(ratio(mixture), roundoff(mixture)),
    rests_on=("collins2022/mixture",),
    cases=(
        case("ρ_H = ½, R = 3, r_H = 1: 5", one_dimension, predicted=Q(1)),
        case("ρ_H = 1/100, R = 4, r_H = ¼: 1 + 64(100/101)²", one_dimension, rho_H=Q(1, 100), R=Q(4), r_H=Q(1, 4)),
        case("α = 9/10", one_dimension, alpha=Q(9, 10), expected=Verdict.SILENT),
        case("m = 8", one_dimension, 8, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant(
            "ρ_E/(ρ_E + ρ_H) for its square", one_dimension, R=Q(2), r_H=Q(1, 9), rhs=lambda p: both_ways(formula(p, 1))
        ),
        mutant("1 + R²/r_H for every ρ_H", one_dimension, rhs=lambda p: both_ways(formula(p, 0))),
        mutant("at every m", one_dimension, 8, drops="m = ∞"),
        mutant("at every α", one_dimension, alpha=Q(9, 10), drops="α = 1/ρ_E"),
    ),
)
