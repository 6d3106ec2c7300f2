"""How many samples the gain of condition (ii) needs: as many as make a_E small beside the hard tasks.

    α = 1/ρ_E, h = ρ_H/ρ_E ≠ 1, m₀ = (d + 1)(r_E + R²)/(h(1 − h)²r_H):   U/(1 + m₀/m) ≤ ratio − 1 ≤ U    (derived here)

Proof. a_E = (d + 1)ρ_E/m and a_H ≥ ρ_Eh(1 − h)². The denominator of ``mixture`` is at most
a_Hr_H(1 + a_E(r_E + R²)/(a_Hr_H)) ≤ a_Hr_H(1 + m₀/m); the right side is ``condition_ii``. ∎ Near h = 1 and near h = 0
it takes ever more samples: easy tasks that are easy in one step are needed, and hard ones that learn at all.
"""

import math

from mamllib.statements.collins2022.condition_ii import bound
from mamllib.statements.collins2022.condition_ii import hypotheses as bounded
from mamllib.statements.collins2022.landscape import Mixture, gain, one_dimension, packed, roundoff, ten_dimensions
from mamllib.statements.kit import Q, Source, Statement, Verdict, case, equal, holds_if, mutant, np


def needed(mixture: Mixture, factor=None, spread=None):
    """m₀ = (d + 1)(r_E + R²)/(h(1 − h)²r_H), or with another factor, or another spread, in it."""
    h = mixture.rho_H / mixture.rho_E
    factor = mixture.d + 1 if factor is None else factor
    spread = mixture.r_E + mixture.R**2 if spread is None else spread
    return factor * spread / (h * (1 - h) ** 2 * mixture.r_H)


def left(mixture: Mixture, m_0=needed):
    """(U/(1 + m₀/m), ratio − 1)."""
    share = 0 if mixture.m == math.inf else m_0(mixture) / mixture.m
    return np.array([bound(mixture) / (1 + share), gain(mixture)])


def right(mixture: Mixture):
    """(ratio − 1, U)."""
    return np.array([gain(mixture), bound(mixture)])


def hypotheses(mixture: Mixture) -> dict:
    """α = 1/ρ_E and ρ_H ≠ ρ_E."""
    return bounded(mixture) | {
        "α = 1/ρ_E": equal(-abs(mixture.alpha * mixture.rho_E - 1)),
        "ρ_H ≠ ρ_E": holds_if(mixture.rho_H != mixture.rho_E),
    }


SAMPLES = Statement(
    id="collins2022/samples",
    title="how many samples the gain takes (C8)",
    source=Source("collins2022", "the samples of the inner step (C8)", "D"),
    claim=r"\alpha=\tfrac1{\rho_E}\ \Rightarrow\ \frac U{1+m_0/m}\le\frac{\mathcal E(w_{NAL})}{\mathcal E(w_{MAML})}-1"
    r"\le U,\quad m_0=\frac{(d+1)(r_E+R^2)}{h(1-h)^2r_H},\ h=\frac{\rho_H}{\rho_E}",
    takes=Mixture,
    hypotheses=hypotheses,
    lhs=left,
    rhs=right,
    roundoff=roundoff,
    rests_on=("collins2022/condition_ii",),
    cases=(
        case("d = 1, m = ∞: 4", one_dimension, predicted=Q(1)),
        case("d = 1, m = 8", one_dimension, 8),
        case("d = 1, ρ_H = 1/100, m = 100", one_dimension, 100, rho_H=Q(1, 100)),
        case("d = 10, ρ_H = 1/100, m = 10³", ten_dimensions, 1000, rho_H=0.01),
        case("the same, m = 10⁵", ten_dimensions, 10**5, rho_H=0.01),
        case("r_E = 0, R = 1/1000, d = 2, m = 8", packed, 8),
        case("the same, d = 3, m = 30, ρ_H = 3/4", packed, 30, Q(3, 4), 3),
        case("the same, d = 2, m = 8, ρ_H = 1/100", packed, 8, Q(1, 100)),
        case("ρ_H = 3 ρ_E, m = 50", one_dimension, 50, rho_H=Q(3)),
        case("ρ_H = ρ_E", one_dimension, 8, rho_H=Q(1), expected=Verdict.SILENT),
        case("α = 9/10", one_dimension, 8, alpha=Q(9, 10), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant(
            "m₀ without d + 1", ten_dimensions, 1000, rho_H=0.01, lhs=lambda p: left(p, lambda q: needed(q, factor=1))
        ),
        mutant(
            "m₀ without r_E",
            ten_dimensions,
            10**5,
            rho_H=0.01,
            r_E=100.0,
            lhs=lambda p: left(p, lambda q: needed(q, spread=q.R**2)),
        ),
        mutant(
            "m₀ without R²", ten_dimensions, 10**3, rho_H=0.01, lhs=lambda p: left(p, lambda q: needed(q, spread=q.r_E))
        ),
        mutant("U at every m", ten_dimensions, 1000, rho_H=0.01, lhs=lambda p: left(p, lambda q: 0)),
        mutant("U lowered by a thousandth", one_dimension, rhs=lambda p: right(p) * np.array([1, Q(999, 1000)])),
    ),
)
