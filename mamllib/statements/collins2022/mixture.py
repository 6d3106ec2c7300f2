"""By how much MAML's excess risk is below that of standard training, for easy and hard regressions.

    excess(NAL)/excess(MAML) = 1 + (a_E + a_H)δ²R²/(a_Er_E + a_Hr_H + a_Ea_HR²/(a_E + a_H)),
    a = ρ(1 − αρ)² + (d + 1)α²ρ³/m,   δ = a_H/(a_E + a_H) − ρ_H/(ρ_E + ρ_H)                       (derived here)

for every α, m and d; the excess is over every task's own least *adapted* risk, in which the inner step's noise,
α²ν²tr(Σ²)/(2m), is contained. Proof. By C1 Q = aI, for tr(Σ²)Σ + Σ³ = (d + 1)ρ³I. At w = t(R, …, R) the mean excess is
(d/4)[a_Er_E + a_Hr_H + R²(a_H(1 − t)² + a_Et²)], least at t = a_H/(a_E + a_H), with curvature (d/2)R²(a_E + a_H); NAL
ends at t = ρ_H/(ρ_E + ρ_H), δ away. ∎

The ratio is 1 where δR = 0, although the hardness differs: with α = ρ_E = 1, ρ_H = ½ and d = 1 at m = 6.
"""

from mamllib.statements.collins2022.identities import both_errors, both_ways
from mamllib.statements.collins2022.landscape import (
    Mixture,
    curvatures,
    displacement,
    one_dimension,
    ratio,
    risky,
    roundoff,
    ten_in_fractions,
)
from mamllib.statements.kit import Q, Source, Statement, case, mutant


def left_to_maml(mixture: Mixture):
    """a_Er_E + a_Hr_H + a_Ea_HR²/(a_E + a_H)."""
    a_E, a_H = curvatures(mixture)
    return a_E * mixture.r_E + a_H * mixture.r_H + a_E * a_H * mixture.R**2 / (a_E + a_H)


def formula(mixture: Mixture, power: int = 2, left=left_to_maml):
    """1 + (a_E + a_H)|δ|^power R²/(…)."""
    return 1 + sum(curvatures(mixture)) * abs(displacement(mixture)) ** power * mixture.R**2 / left(mixture)


def without_cross_term(mixture: Mixture):
    """a_Er_E + a_Hr_H."""
    a_E, a_H = curvatures(mixture)
    return a_E * mixture.r_E + a_H * mixture.r_H


def one_dimension_less(mixture: Mixture):
    """The formula with d in place of d + 1."""
    return formula(Mixture(*(getattr(mixture, name) for name in FIELDS), mixture.d - 1, mixture.m))


FIELDS = ("alpha", "rho_E", "rho_H", "r_E", "r_H", "R")

MIXTURE = Statement(
    id="collins2022/mixture",
    title="MAML against standard training, two kinds of tasks (C3)",
    source=Source("collins2022", "the ratio of excess risks for easy and hard tasks (C3)", "D"),
    claim=r"\frac{\mathcal E(w_{NAL})}{\mathcal E(w_{MAML})}=1+\frac{(a_E+a_H)\,\delta^2R^2}"
    r"{a_Er_E+a_Hr_H+\frac{a_Ea_H}{a_E+a_H}R^2}",
    takes=Mixture,
    hypotheses=risky,
    lhs=lambda mixture: both_ways(ratio(mixture)),
    rhs=lambda mixture: both_ways(formula(mixture)),
    roundoff=lambda mixture: both_errors(ratio(mixture), roundoff(mixture)),
    rests_on=("collins2022/adapted_risk",),
    cases=(
        case("d = 1, m = ∞: ratio 5", one_dimension, predicted=Q(1)),
        case("m = 8: 533/529", one_dimension, 8, predicted=Q(1)),
        case("m = 6: 1, although ρ_E ≠ ρ_H", one_dimension, 6, predicted=Q(1)),
        case("m = 2: 65/61, MAML nearer to the easy tasks", one_dimension, 2, predicted=Q(1)),
        case("m = 1, R = 7, r = (4, 9)", one_dimension, 1, R=Q(7), r_E=Q(4), r_H=Q(9), predicted=Q(1)),
        case("d = 10, ρ_H = 1/10, R = 2, r_H = 1/9, m = 500", ten_in_fractions, predicted=Q(1)),
        case("α = ½, ρ_H = ⅓, m = 5", one_dimension, 5, rho_H=Q(1, 3), alpha=Q(1, 2), predicted=Q(1)),
    ),
    mutants=(
        mutant("d for d + 1", one_dimension, 8, rhs=lambda p: both_ways(one_dimension_less(p))),
        mutant("d for d + 1 at d = 10", ten_in_fractions, rhs=lambda p: both_ways(one_dimension_less(p))),
        mutant("δ for δ²", one_dimension, rhs=lambda p: both_ways(formula(p, 1))),
        mutant("δ for δ² at d = 10", ten_in_fractions, rhs=lambda p: both_ways(formula(p, 1))),
        mutant(
            "without a_Ea_HR²/(a_E + a_H)", ten_in_fractions, rhs=lambda p: both_ways(formula(p, 2, without_cross_term))
        ),
    ),
)
