"""The printed bound, the sum of both terms."""

from dataclasses import replace
from fractions import Fraction as Q

from mamllib.checking.statement import Adversary, Case, Mutant, Source, Statement
from mamllib.statements.fallah2020.theorem_4_11 import instances
from mamllib.statements.fallah2020.theorem_4_11.cases import (
    BUMPS,
    CENTRE,
    DIFFERENCE,
    DIGITS,
    LONG_STEP,
    QUADRATICS,
    SHARPNESS,
    SKEWED,
    SMOOTHED,
    TRIGONOMETRIC,
)
from mamllib.statements.fallah2020.theorem_4_11.gap import (
    Gap,
    first_term,
    hypotheses,
    larger_term,
    lhs,
    roundoff,
    second_term,
)


def rhs(gap: Gap):
    """T₁ + T₂."""
    return first_term(gap) + second_term(gap)


def squared_test_batch(gap: Gap):
    """T₁ + T₂ with D_test² in place of D_test."""
    return rhs(replace(gap, D_test=gap.D_test**2))


THEOREM_4_11 = Statement(
    id="fallah2020/theorem_4_11",
    title="Theorem 4.11",
    source=Source("fallah2020", "Theorem 4.11", "V"),
    claim=r"\|\nabla\hat F(w)-\nabla F(w)\|\le 2\alpha L\frac{\tilde\sigma}{\sqrt{D_{test}}}"
    r"+\alpha^2L\frac{\sigma_H\tilde\sigma}{D_{test}}",
    takes=Gap,
    hypotheses=hypotheses,
    lhs=lhs,
    rhs=rhs,
    roundoff=roundoff,
    cases=(
        SMOOTHED,
        DIFFERENCE,
        *BUMPS,
        replace(SKEWED, predicted=Q(5, 7) * SHARPNESS),
        QUADRATICS,
        CENTRE,
        Case("three quadratics in 3-D, D_test = 3", instances.plane_quadratics),
        TRIGONOMETRIC,
        *DIGITS,
        LONG_STEP,
    ),
    mutants=(
        Mutant("first term dropped", lambda seed: instances.smoothed_absolute(), rhs=second_term),
        Mutant("second term dropped", lambda seed: instances.bump(), rhs=first_term),
        Mutant("D_test squared", lambda seed: instances.bump(D_test=4), rhs=squared_test_batch),
        Mutant("max(T₁, T₂) for the sum", lambda seed: instances.skewed_bump(), rhs=larger_term),
        Mutant(
            "the 2 of the first term lowered to 1.99",
            lambda seed: instances.smoothed_absolute(),
            rhs=lambda gap: first_term(gap) * Q(199, 200),
        ),
    ),
    adversaries=(
        Adversary("√(w² + d²): d, s, w", instances.adversarial_first, ((-3.0, 0.0), (-2.0, 0.0), (-0.5, 0.5)), 0.999),
        Adversary("bump noise: s, η, w", instances.adversarial_second, ((-1.0, 3.0), (-3.0, 0.0), (-2.0, 2.0)), 0.9975),
    ),
)
