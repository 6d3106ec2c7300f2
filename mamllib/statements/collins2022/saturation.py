"""The gain saturates: with a step that does not solve the easy tasks, centres further apart do not help without limit.

    a_E > 0, a_H > 0:   ratio(R) ≤ ratio(2R) ≤ 1 + (a_E + a_H)²δ²/(a_Ea_H)                            (derived here)

Proof. δ does not depend on R, so ``mixture`` is 1 + cR²/(p + qR²) with p, q ≥ 0, which increases to 1 + c/q. ∎
"""

from mamllib.statements.collins2022.landscape import (
    Mixture,
    curvatures,
    displacement,
    gain,
    one_dimension,
    risky,
    roundoff,
    ten_dimensions,
)
from mamllib.statements.kit import Q, Source, Statement, Verdict, case, holds_if, mutant, np, replace


def gains(mixture: Mixture):
    """ratio − 1 at R and at 2R."""
    return np.array([gain(mixture), gain(twice_as_far(mixture))])


def twice_as_far(mixture: Mixture) -> Mixture:
    """The same with 2R."""
    return replace(mixture, R=2 * mixture.R)


def bounds(mixture: Mixture, power: int = 2):
    """ratio − 1 at 2R, and (a_E + a_H)^power δ²/(a_Ea_H)."""
    a_E, a_H = curvatures(mixture)
    most = (a_E + a_H) ** power * displacement(mixture) ** 2 / (a_E * a_H)
    return np.array([gain(twice_as_far(mixture)), most])


def both_curved(mixture: Mixture) -> dict:
    """a_E > 0 and a_H > 0."""
    a_E, a_H = curvatures(mixture)
    return risky(mixture) | {"a_E > 0": holds_if(a_E > 0), "a_H > 0": holds_if(a_H > 0)}


SATURATION = Statement(
    id="collins2022/saturation",
    title="the gain saturates (C7)",
    source=Source("collins2022", "the gain as centres move apart (C7)", "D"),
    claim=r"a_E,a_H>0\ \Rightarrow\ \frac{\mathcal E(w_{NAL})}{\mathcal E(w_{MAML})}-1\nearrow"
    r"\frac{(a_E+a_H)^2\delta^2}{a_Ea_H}\quad(R\to\infty)",
    takes=Mixture,
    hypotheses=both_curved,
    lhs=gains,
    rhs=bounds,
    roundoff=lambda mixture: roundoff(mixture) + roundoff(twice_as_far(mixture)),
    rests_on=("collins2022/mixture",),
    cases=(
        case("m = 8, R = 3: at most 1/90", one_dimension, 8),
        case("m = 8, R = 10⁶", one_dimension, 8, R=Q(10**6)),
        case("d = 10, m = 500, R = 10", ten_dimensions, R=10.0),
        case("m = ∞, where a_E = 0", one_dimension, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("a_E + a_H for its square", one_dimension, 8, R=Q(10**6), alpha=Q(1, 8), rhs=lambda p: bounds(p, 1)),
        mutant(
            "lowered by a thousandth",
            one_dimension,
            8,
            R=Q(10**6),
            rhs=lambda p: bounds(p) * np.array([1, Q(999, 1000)]),
        ),
        mutant(
            "falls with R",
            one_dimension,
            8,
            rhs=lambda p: bounds(p)[::-1] * np.array([1, 0]) + np.array([0, 1]) * gain(p),
        ),
    ),
    spared={
        "R/2": "the gain at R is not above itself",
        "2r_E": "true: distances doubled make up for variances doubled",
        "2r_H": "true: distances doubled make up for variances doubled",
    },
)
