"""Condition (ii): the gain is at most what hard optima, packed closely and far from the easy ones, allow.

    ratio − 1 ≤ U = ((a_E + a_H)/a_H) δ²R²/r_H,      and if δ ≥ 0   ratio − 1 ≤ δR²/r_H ≤ R²/r_H      (derived here)

the second being ``no_gain_beyond``: whatever the other numbers are, MAML cannot gain more than R²/r_H where it favours
the hard tasks. As far as we can see that one is not in the paper's abstract.

Proof. Drop a_Er_E and a_Ea_HR²/(a_E + a_H), both ≥ 0, from the denominator of ``mixture``: equality if and only if
a_E = 0 or δR = 0. And δ ≥ 0 gives δ ≤ a_H/(a_E + a_H), so (a_E + a_H)δ²/a_H ≤ δ. ∎
"""

from mamllib.statements.collins2022.condition_i import harder
from mamllib.statements.collins2022.landscape import (
    Mixture,
    curvatures,
    displacement,
    gain,
    one_dimension,
    packed,
    risky,
    roundoff,
    ten_dimensions,
)
from mamllib.statements.kit import Q, Source, Statement, Verdict, case, holds_if, mutant


def bound(mixture: Mixture):
    """U = ((a_E + a_H)/a_H)δ²R²/r_H."""
    return sum(curvatures(mixture)) / curvatures(mixture)[1] * lowered(mixture)


def lowered(mixture: Mixture):
    """δ²R²/r_H."""
    return displacement(mixture) ** 2 * mixture.R**2 / mixture.r_H


def hypotheses(mixture: Mixture) -> dict:
    """Besides what the ratio asks for, a_H > 0 and r_H > 0."""
    a_H = curvatures(mixture)[1]
    return risky(mixture) | {"a_H > 0": holds_if(a_H > 0), "r_H > 0": holds_if(mixture.r_H > 0)}


def towards_hard(mixture: Mixture) -> dict:
    """Besides, that MAML moves towards the hard tasks."""
    return hypotheses(mixture) | {"δ ≥ 0": harder(mixture)["α(ρ_E + ρ_H)(1 + (d + 1)/m) ≤ 2"]} | sides(mixture)


def sides(mixture: Mixture) -> dict:
    """ρ_H ≤ ρ_E."""
    return {"ρ_H ≤ ρ_E": harder(mixture)["ρ_H ≤ ρ_E"]}


CONDITION_II = Statement(
    id="collins2022/condition_ii",
    title="condition (ii), a bound of the gain (C5)",
    source=Source("collins2022", "condition (ii), hard optima packed closely and far away (C5)", "D"),
    claim=r"\frac{\mathcal E(w_{NAL})}{\mathcal E(w_{MAML})}-1\le\frac{a_E+a_H}{a_H}\,\frac{\delta^2R^2}{r_H}",
    takes=Mixture,
    hypotheses=hypotheses,
    lhs=gain,
    rhs=bound,
    roundoff=roundoff,
    rests_on=("collins2022/mixture",),
    cases=(
        case("d = 1, m = ∞, α = 1/ρ_E: 4", one_dimension, predicted=Q(1)),
        case("the same, ρ_H = ⅓, R = 2, r_H = 9", one_dimension, rho_H=Q(1, 3), R=Q(2), r_H=Q(9), predicted=Q(1)),
        case("m = 8", one_dimension, 8),
        case("d = 10, m = 500, r_H = 1/10", ten_dimensions),
        case("r_E = 0, R = 1/1000, d = 2, m = 8", packed, 8),
        case("the same, d = 3, m = 30, ρ_H = 3/4", packed, 30, Q(3, 4), 3),
        case("the same, d = 2, m = 8, ρ_H = 1/100", packed, 8, Q(1, 100)),
        case("m = 6, where both sides are 0", one_dimension, 6, predicted=Q(1)),
        case("r_H = 0", one_dimension, 8, r_H=Q(0), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("r_E for r_H", one_dimension, r_E=Q(4), rhs=lambda p: bound(p) * p.r_H / p.r_E),
        mutant("R for R²", one_dimension, rhs=lambda p: bound(p) / p.R),
        mutant("without (a_E + a_H)/a_H", one_dimension, 8, r_E=Q(0), R=Q(1, 10), rhs=lowered),
        mutant("lowered by a thousandth", one_dimension, rhs=lambda p: bound(p) * Q(999, 1000)),
    ),
)

NO_GAIN_BEYOND = CONDITION_II.variant(
    id="collins2022/no_gain_beyond",
    title="condition (ii), no gain beyond R²/r_H (C5)",
    source=Source("collins2022", "the gain is at most δR²/r_H (C5)", "D"),
    claim=r"\delta\ge0\ \Rightarrow\ \frac{\mathcal E(w_{NAL})}{\mathcal E(w_{MAML})}-1\le\frac{\delta R^2}{r_H}"
    r"\le\frac{R^2}{r_H}",
    hypotheses=towards_hard,
    rhs=lambda mixture: displacement(mixture) * mixture.R**2 / mixture.r_H,
    rests_on=("collins2022/condition_ii",),
    cases=(
        case("α = 1/ρ_E, ρ_H = 1/1000, m = ∞", one_dimension, rho_H=Q(1, 1000)),
        case("d = 1, m = ∞", one_dimension),
        case("r_E = 0, R = 1/1000, d = 2, ρ_H = 1/1000, m = 10⁵", packed, 10**5, Q(1, 1000)),
        case("d = 10, m = 500, r_H = 1/10", ten_dimensions),
        case("m = 2", one_dimension, 2, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("δ² for δ", one_dimension, 60, rho_H=Q(1, 9), R=Q(1, 10), r_E=Q(0), rhs=lowered),
        mutant("R for R²", one_dimension, rhs=lambda p: displacement(p) * p.R / p.r_H),
        mutant("r_E for r_H", one_dimension, r_E=Q(4), rhs=lambda p: displacement(p) * p.R**2 / p.r_E),
        mutant("lowered by a hundredth", one_dimension, rho_H=Q(1, 1000), rhs=lambda p: lowered(p) * Q(100, 101)),
    ),
    spared={
        "δ ≥ 0": "beyond it the right side is negative, and says nothing",
        "ρ_H ≤ ρ_E": "beyond it the right side is negative, and says nothing",
    },
)
