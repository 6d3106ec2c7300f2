"""The sharpened bound, the root of the sum of both squares."""

from mamllib.statements.fallah2020.theorem_4_11 import instances
from mamllib.statements.fallah2020.theorem_4_11.instances import (
    BUMPS,
    CENTRE,
    LONG_STEP,
    QUADRATICS,
    SADDLES,
    SHARPNESS,
    SKEWED,
    SMOOTHED,
    TRIGONOMETRIC,
)
from mamllib.statements.fallah2020.theorem_4_11.question import Gap, roundoff
from mamllib.statements.fallah2020.theorem_4_11.sum import THEOREM_4_11, first_term, larger_term, second_term
from mamllib.statements.kit import Adversary, Q, Source, case, mutant, replace


def squared_lhs(gap: Gap):
    """‖∇F̂(w) − ∇F(w)‖²: squares keep the rational instances rational."""
    return gap.gradients.gap**2


def squared_rhs(gap: Gap):
    """T₁² + T₂²; T₁² = (2αLσ̃)²/D_test needs no root."""
    c = gap.constants
    return (2 * gap.alpha * c.L * c.sigma_tilde) ** 2 / gap.D_test + second_term(gap) ** 2


def squared_roundoff(gap: Gap):
    """(root + budget)² less the square."""
    return 2 * roundoff(gap) * float(squared_rhs(gap)) ** 0.5 + roundoff(gap) ** 2


PYTHAGOREAN = THEOREM_4_11.variant(
    id="fallah2020/theorem_4_11_pythagorean",
    title="Theorem 4.11, sharpened",
    source=Source("fallah2020", "Theorem 4.11, sharpened", "D"),
    claim=r"\|\nabla\hat F(w)-\nabla F(w)\|^2\le\Big(\frac{2\alpha L\tilde\sigma}{\sqrt{D_{test}}}\Big)^2"
    r"+\Big(\frac{\alpha^2L\sigma_H\tilde\sigma}{D_{test}}\Big)^2",
    lhs=squared_lhs,
    rhs=squared_rhs,
    roundoff=squared_roundoff,
    rests_on=(),
    cases=(
        replace(SMOOTHED, predicted=Q(999000000, 1001001001) ** 2),
        replace(SKEWED, predicted=SHARPNESS**2),
        case(
            "the same with T₁ : T₂ = 12 : 5",
            instances.skewed_bump,
            2,
            3,
            predicted=((1 - Q(12, 13) / (2 * 10**5)) / (1 + Q(1, 2 * 10**6))) ** 2,
        ),
        *(replace(case, predicted=None) for case in (*BUMPS, *SADDLES, QUADRATICS, CENTRE, TRIGONOMETRIC)),
        LONG_STEP,
    ),
    mutants=(
        mutant("α = 1.1/L allowed", instances.smoothed_absolute, alpha=Q(11, 10), drops="α ≤ 1/L"),
        mutant("T₁² dropped", instances.smoothed_absolute, rhs=lambda gap: second_term(gap) ** 2),
        mutant("T₂² dropped", instances.bump, rhs=lambda gap: first_term(gap) ** 2),
        mutant("lowered to max(T₁, T₂)²", instances.skewed_bump, rhs=lambda gap: larger_term(gap) ** 2),
        mutant("lowered by 1 %", instances.skewed_bump, rhs=lambda gap: squared_rhs(gap) * Q(99, 100)),
    ),
    adversaries=(
        Adversary(
            "ramp and lopsided bump: κ, c, w, f'(0)",
            instances.adversarial_both,
            ((0.0, 4.0), (0.2, 5.0), (0.0, 2.0), (-2.0, 2.0)),
            0.99892,
        ),
    ),
)
