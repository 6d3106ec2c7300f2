"""What MAML minimises over isotropic tasks is a weighted mean of their optima, and hardness enters by the weights.

    w_MAML = a_Hc_H/(a_E + a_H),   a = ρ(1 − αρ)²,   for centres 0 and c_H                          (derived here)

at m = ∞ and equal probabilities. NAL has ρ in place of a: MAML's weight of a task is NAL's times (1 − αρ)², the square
of the factor that gradient descent leaves of its error. The slower a task is learned the more it weighs, which is the
hard one, that of small ρ, exactly while α(ρ_E + ρ_H) < 2 (``condition_i``).

Proof. The error after a step is (1 − αρ)(w − w*), so the adapted risk is a‖w − w*‖²/2, and Σ_i a_i(w − w_i*) = 0. ∎

What is compared: both vertices, from values of the library's objective, with both formulas.
"""

import math

from mamllib.statements.collins2022.identities import both_ways
from mamllib.statements.collins2022.landscape import Mixture, curved, one_dimension
from mamllib.statements.kit import Q, Source, Statement, Verdict, case, holds_if, mutant, np


def ends(mixture: Mixture):
    """(w_NAL, w_MAML) as measured, a coordinate."""
    return both_ways(np.array([mixture.measured.nal, mixture.measured.maml]))


def formula(mixture: Mixture, power: int = 2):
    """(ρ_H R/(ρ_E + ρ_H), a_H R/(a_E + a_H)) with a = ρ|1 − αρ|^power."""
    a_E, a_H = (rho * abs(1 - mixture.alpha * rho) ** power for rho in (mixture.rho_E, mixture.rho_H))
    nal = mixture.rho_H * mixture.R / (mixture.rho_E + mixture.rho_H)
    return both_ways(np.array([nal, a_H * mixture.R / (a_E + a_H)]))


def hypotheses(mixture: Mixture) -> dict:
    """m = ∞, centres apart, and a_H > 0, so that both ends lie away from 0."""
    return curved(mixture) | {
        "m = ∞": holds_if(mixture.m == math.inf),
        "R > 0": holds_if(mixture.R > 0),
        "αρ_H ≠ 1": holds_if(mixture.alpha * mixture.rho_H != 1),
    }


WEIGHTS = Statement(
    id="collins2022/weights",
    title="MAML's weight of a task (C2)",
    source=Source("collins2022", "the minimisers of MAML and of standard training (C2)", "D"),
    claim=r"w_{MAML}=\frac{a_Hc_H}{a_E+a_H},\quad a=\rho(1-\alpha\rho)^2;\qquad "
    r"w_{NAL}=\frac{\rho_Hc_H}{\rho_E+\rho_H}",
    takes=Mixture,
    hypotheses=hypotheses,
    lhs=ends,
    rhs=formula,
    roundoff=lambda mixture: 0.0,
    cases=(
        case("ρ = (1, ½), α = ½, centres 0 and 1: ⅓ and 9/17", one_dimension, R=Q(1), alpha=Q(1, 2), predicted=Q(1)),
        case("the same, optima spread about their centres", one_dimension, R=Q(3), alpha=Q(1, 3), predicted=Q(1)),
        case("α = 9/5, where the easy task weighs more", one_dimension, alpha=Q(9, 5), predicted=Q(1)),
        case("ρ_H = 1/9 at α = 9/5, where both weigh as for NAL", one_dimension, rho_H=Q(1, 9), alpha=Q(9, 5)),
        case("m = 8", one_dimension, 8, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("1 − αρ for its square", one_dimension, alpha=Q(1, 2), rhs=lambda p: formula(p, 1)),
        mutant("MAML ends where NAL does", one_dimension, alpha=Q(1, 2), rhs=lambda p: formula(p, 0)),
        mutant("at every m", one_dimension, 8, drops="m = ∞"),
    ),
)
