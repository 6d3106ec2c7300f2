"""Condition (ii): the gain is at most what hard optima, packed closely and far from the easy ones, allow.

    ratio − 1 ≤ U = ((a_E + a_H)/a_H) δ²R²/r_H,
    and if δ ≥ 0:  ratio − 1 ≤ (ρ_E/(ρ_E + ρ_H))² R²/r_H                                            (derived here)

the second being ``no_gain_beyond``: whatever α, m, d and r_E are, MAML cannot gain more, where it favours the hard
tasks, than in the limit of ``limit``, and never R²/r_H. (Exchange the two kinds: where δ < 0 the gain is at most
(ρ_H/(ρ_E + ρ_H))² R²/r_E.) As far as we can see that is not in the paper's abstract.

Proof. Drop a_Er_E and a_Ea_HR²/(a_E + a_H), both ≥ 0, from the denominator of ``mixture``: equality if and only if
a_E = 0 or δR = 0 (or r_E = R = 0). With x = a_H/(a_E + a_H) ≤ 1 and h = ρ_H/(ρ_E + ρ_H), δ = x − h ≥ 0 gives
(a_E + a_H)δ²/a_H = (x − h)²/x, which increases in x ≥ h to (1 − h)². ∎
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


def beyond(mixture: Mixture, power: int = 2):
    """(ρ_E/(ρ_E + ρ_H))^power R²/r_H."""
    return (mixture.rho_E / (mixture.rho_E + mixture.rho_H)) ** power * mixture.R**2 / mixture.r_H


def overshooting(alpha) -> Mixture:
    """ρ_H = 3/5 at α(ρ_E + ρ_H) > 2, easy optima in one point, the centres close."""
    return one_dimension(alpha=alpha, rho_H=Q(3, 5), r_E=Q(0), R=Q(1, 10))


NO_GAIN_BEYOND = CONDITION_II.variant(
    id="collins2022/no_gain_beyond",
    title="condition (ii), no gain beyond the limit (C5)",
    source=Source("collins2022", "the largest gain that any step and any samples allow (C5)", "D"),
    claim=r"\delta\ge0\ \Rightarrow\ \frac{\mathcal E(w_{NAL})}{\mathcal E(w_{MAML})}-1\le"
    r"\Big(\frac{\rho_E}{\rho_E+\rho_H}\Big)^2\frac{R^2}{r_H}",
    hypotheses=towards_hard,
    rhs=beyond,
    rests_on=("collins2022/condition_ii",),
    cases=(
        case("d = 1, m = ∞, α = 1/ρ_E: 4", one_dimension, predicted=Q(1)),
        case("the same, ρ_H = ⅓, R = 2, r_H = 9", one_dimension, rho_H=Q(1, 3), R=Q(2), r_H=Q(9), predicted=Q(1)),
        case("ρ_H = 1/1000", one_dimension, rho_H=Q(1, 1000), predicted=Q(1)),
        case("d = 10, m = 500, r_H = 1/10", ten_dimensions),
        case("m = 2", one_dimension, 2, expected=Verdict.SILENT),
        case(
            "ρ_H = 11/10, where MAML moves towards the flatter easy tasks",
            one_dimension,
            **{"alpha": Q(17, 20), "rho_H": Q(11, 10), "r_E": Q(0), "R": Q(1, 10)},
            expected=Verdict.SILENT,
        ),
        case("α(ρ_E + ρ_H) = 2.192, m = ∞", overshooting, Q(137, 100), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("δ < 0 too", overshooting, Q(3, 2), drops="δ ≥ 0"),
        mutant("the third power", one_dimension, rhs=lambda p: beyond(p, 3)),
        mutant("R for R²", one_dimension, rhs=lambda p: beyond(p) / p.R),
        mutant("r_E for r_H", one_dimension, r_E=Q(4), rhs=lambda p: beyond(p) * p.r_H / p.r_E),
        mutant("lowered by a thousandth", one_dimension, rhs=lambda p: beyond(p) * Q(999, 1000)),
    ),
)
