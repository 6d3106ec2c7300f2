"""The bound under a Lipschitz Hessian, of order 1/D_test."""

from mamllib.statements.fallah2020.theorem_4_11 import instances
from mamllib.statements.fallah2020.theorem_4_11.instances import BUMPS, CENTRE, DIGITS, QUADRATICS, TRIGONOMETRIC
from mamllib.statements.fallah2020.theorem_4_11.question import Gap
from mamllib.statements.fallah2020.theorem_4_11.sum import THEOREM_4_11, second_term
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SAMPLE_HESSIAN,
    SMOOTH,
    UNBIASED,
    Q,
    Source,
    case,
    mutant,
    replace,
    total,
)


def curvature_term(gap: Gap):
    """ρα²σ̃²/D_test."""
    c = gap.constants
    return c.rho * gap.alpha**2 * c.sigma_tilde**2 / gap.D_test


taylor_bound = total(curvature_term, second_term)


TAYLOR = THEOREM_4_11.variant(
    id="fallah2020/theorem_4_11_taylor",
    title="Theorem 4.11, Taylor bound",
    source=Source("fallah2020", "Theorem 4.11, with Assumption 4.4", "D"),
    claim=r"\|\nabla\hat F(w)-\nabla F(w)\|\le\frac{\rho\alpha^2\tilde\sigma^2}{D_{test}}"
    r"+\frac{\alpha^2L\sigma_H\tilde\sigma}{D_{test}}",
    assumes=(SMOOTH, HESSIAN_LIPSCHITZ, SAMPLE_DEVIATION, SAMPLE_HESSIAN, UNBIASED),
    rests_on=(),
    rhs=taylor_bound,
    cases=(
        case("tilted ramp, ρ = 1, D_test = 1", instances.tilted_ramp, predicted=Q(1)),
        case("tilted ramp, ρ = 1, D_test = 7", instances.tilted_ramp, 7, predicted=Q(1)),
        *(replace(case, predicted=None) for case in (*BUMPS, QUADRATICS, CENTRE, TRIGONOMETRIC)),
        *DIGITS,
    ),
    mutants=(
        mutant("ρ term dropped", instances.tilted_ramp, 7, rhs=second_term),
        mutant("α = 1.1/L allowed", instances.tilted_ramp, alpha=Q(11, 10), drops="α ≤ 1/L"),
        mutant("T₂ dropped", instances.bump, rhs=lambda gap: taylor_bound(gap) - second_term(gap)),
        mutant(
            "ρα²σ̃²/D_test halved", instances.tilted_ramp, 7, rhs=lambda gap: (taylor_bound(gap) + second_term(gap)) / 2
        ),
    ),
)
