"""Condition (i), a discrepancy in hardness: what it takes, exactly, for MAML to differ from standard training.

    δ = (ρ_Eρ_H/((a_E + a_H)(ρ_E + ρ_H))) (ρ_E − ρ_H) α (2 − t),   t = α(ρ_E + ρ_H)(1 + (d + 1)/m)   (derived here)

So the ratio of ``mixture`` is 1 if and only if R = 0, or ρ_E = ρ_H, or t = 2: a discrepancy is necessary and not
sufficient. For ρ_H < ρ_E MAML moves towards the hard tasks (``up_weighted``) if and only if t < 2, which needs
αs < 2, s = ρ_E + ρ_H, and more than (d + 1)αs/(2 − αs) samples; with fewer it moves towards the *easy* ones.

Proof. δ = ρ_Eρ_H(a_H/ρ_H − a_E/ρ_E)/((a_E + a_H)(ρ_E + ρ_H)), and a/ρ = (1 − αρ)² + (d + 1)α²ρ²/m has the difference
(ρ_E − ρ_H)α[2 − α(ρ_E + ρ_H)(1 + (d + 1)/m)]. ∎
"""

import math

from mamllib.statements.collins2022.landscape import (
    Mixture,
    curvatures,
    curved,
    one_dimension,
    roundoff,
    ten_dimensions,
)
from mamllib.statements.kit import Q, Source, Statement, Verdict, case, holds_if, margin, mutant, np


def moved(mixture: Mixture):
    """(1 + δ, 1 − δ) as measured, from w_MAML and w_NAL: two inequalities are the identity."""
    found = mixture.measured
    return around_one((found.maml - found.nal) / mixture.R)


def around_one(delta):
    """(1 + δ, 1 − δ), both positive."""
    return np.array([1 + delta, 1 - delta])


def contraction(mixture: Mixture):
    """t = α(ρ_E + ρ_H)(1 + (d + 1)/m)."""
    each = 0 if mixture.m == math.inf else (mixture.d + 1 + 0 * mixture.alpha) / mixture.m
    return mixture.alpha * (mixture.rho_E + mixture.rho_H) * (1 + each)


def formula(mixture: Mixture, t=contraction):
    """δ, with t."""
    product, s = mixture.rho_E * mixture.rho_H, mixture.rho_E + mixture.rho_H
    share = product / (sum(curvatures(mixture)) * s)
    return share * (mixture.rho_E - mixture.rho_H) * mixture.alpha * (2 - t(mixture))


def apart(mixture: Mixture) -> dict:
    """That the centres differ."""
    return curved(mixture) | {"R > 0": holds_if(mixture.R > 0)}


def harder(mixture: Mixture) -> dict:
    """ρ_H ≤ ρ_E and t ≤ 2."""
    return apart(mixture) | {
        "ρ_H ≤ ρ_E": margin(mixture.rho_E, mixture.rho_H),
        "α(ρ_E + ρ_H)(1 + (d + 1)/m) ≤ 2": margin(2, contraction(mixture)),
    }


def as_if_all_samples(mixture: Mixture):
    """α(ρ_E + ρ_H)."""
    return mixture.alpha * (mixture.rho_E + mixture.rho_H)


def error(mixture: Mixture):
    """Of either end, as a share of R."""
    return roundoff(mixture) / float(mixture.R)


CONDITION_I = Statement(
    id="collins2022/condition_i",
    title="condition (i), what the direction depends on (C4)",
    source=Source("collins2022", "condition (i), a discrepancy in hardness (C4)", "D"),
    claim=r"\delta=\frac{\rho_E\rho_H}{(a_E+a_H)(\rho_E+\rho_H)}(\rho_E-\rho_H)\,\alpha(2-t),\quad "
    r"t=\alpha(\rho_E+\rho_H)\big(1+\tfrac{d+1}m\big)",
    takes=Mixture,
    hypotheses=apart,
    lhs=moved,
    rhs=lambda mixture: around_one(formula(mixture)),
    roundoff=error,
    rests_on=("collins2022/adapted_risk",),
    cases=(
        case("d = 1, m = ∞", one_dimension, predicted=Q(1)),
        case("m = 8", one_dimension, 8, predicted=Q(1)),
        case("m = 6: t = 2, δ = 0", one_dimension, 6, predicted=Q(1)),
        case("m = 2: δ = −2/15", one_dimension, 2, predicted=Q(1)),
        case("m = 3, α = ½, R = 2", one_dimension, 3, alpha=Q(1, 2), R=Q(2), predicted=Q(1)),
        case("ρ_E = ρ_H: δ = 0", one_dimension, 8, rho_H=Q(1), predicted=Q(1)),
        case("R = 0", one_dimension, 8, R=Q(0), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant(
            "t = α(ρ_E + ρ_H), whatever m", one_dimension, 8, rhs=lambda p: around_one(formula(p, as_if_all_samples))
        ),
        mutant(
            "δ = 0 if and only if ρ_E = ρ_H: t = 2 forgotten",
            one_dimension,
            6,
            rhs=lambda p: around_one(1 / p.alpha / 9),
        ),
    ),
)

UP_WEIGHTED = CONDITION_I.variant(
    id="collins2022/up_weighted",
    title="MAML moves towards the hard tasks (C4)",
    source=Source("collins2022", "which tasks MAML favours (C4)", "D"),
    claim=r"\rho_H\le\rho_E,\ \alpha(\rho_E+\rho_H)\big(1+\tfrac{d+1}m\big)\le2\ \Rightarrow\ w_{NAL}\le w_{MAML}",
    hypotheses=harder,
    lhs=lambda mixture: mixture.measured.nal,
    rhs=lambda mixture: mixture.measured.maml,
    rests_on=("collins2022/condition_i",),
    cases=(
        case("d = 1, m = ∞", one_dimension),
        case("m = 6, t = 2", one_dimension, 6, predicted=Q(1)),
        case("m = 7", one_dimension, 7),
        case("d = 10, m = 14", ten_dimensions, 14),
        case("m = 2", one_dimension, 2, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("α(ρ_E + ρ_H) ≤ 2 is enough at every m", one_dimension, 5, drops="α(ρ_E + ρ_H)(1 + (d + 1)/m) ≤ 2"),
        mutant("the same at d = 10, m = 13", ten_dimensions, 13, drops="α(ρ_E + ρ_H)(1 + (d + 1)/m) ≤ 2"),
        mutant(
            "α = 9/5, where roles are exchanged", one_dimension, alpha=Q(9, 5), drops="α(ρ_E + ρ_H)(1 + (d + 1)/m) ≤ 2"
        ),
        mutant("the harder task is that of large ρ", one_dimension, rho_H=Q(11, 10), alpha=Q(1, 2), drops="ρ_H ≤ ρ_E"),
    ),
)
