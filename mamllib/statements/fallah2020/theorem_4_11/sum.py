"""The printed bound, the sum of both terms."""

from mamllib.statements.fallah2020.theorem_4_11 import instances
from mamllib.statements.fallah2020.theorem_4_11.instances import (
    BUMPS,
    CENTRE,
    DIFFERENCE,
    DIGITS,
    LONG_STEP,
    QUADRATICS,
    SADDLES,
    SHARPNESS,
    SKEWED,
    SMOOTHED,
    TRIGONOMETRIC,
)
from mamllib.statements.fallah2020.theorem_4_11.question import Gap, roundoff, short_step
from mamllib.statements.kit import (
    SAMPLE_DEVIATION,
    SAMPLE_HESSIAN,
    SMOOTH,
    UNBIASED,
    Adversary,
    NormOfMean,
    Q,
    Source,
    Statement,
    case,
    is_exact,
    larger,
    mutant,
    replace,
    sqrt,
    total,
)


def lhs(gap: Gap):
    """‖∇F̂(w) − ∇F(w)‖; a ``NormOfMean`` where the instance is sampled."""
    return NormOfMean(gap.stream.blocks) if gap.samples else gap.gradients.gap


def first_term(gap: Gap):
    """T₁ = 2αLσ̃/√D_test. In fractions D_test must be a perfect square."""
    return _first(gap, gap.D_test)


def second_term(gap: Gap):
    """T₂ = α²Lσ_Hσ̃/D_test."""
    return _second(gap, gap.D_test)


def larger_term(gap: Gap):
    """max(T₁, T₂)."""
    return larger(first_term(gap), second_term(gap))


rhs = total(first_term, second_term)


def squared_test_batch(gap: Gap):
    """T₁ + T₂ with D_test² in place of D_test."""
    return _first(gap, gap.D_test**2) + _second(gap, gap.D_test**2)


def _first(gap: Gap, D: int):
    c = gap.constants
    return 2 * gap.alpha * c.L * c.sigma_tilde / (sqrt(Q(D)) if is_exact(c) else D**0.5)


def _second(gap: Gap, D: int):
    c = gap.constants
    return gap.alpha**2 * c.L * c.sigma_H * c.sigma_tilde / D


THEOREM_4_11 = Statement(
    id="fallah2020/theorem_4_11",
    title="Theorem 4.11",
    source=Source("fallah2020", "Theorem 4.11", "V"),
    claim=r"\|\nabla\hat F(w)-\nabla F(w)\|\le 2\alpha L\frac{\tilde\sigma}{\sqrt{D_{test}}}"
    r"+\alpha^2L\frac{\sigma_H\tilde\sigma}{D_{test}}",
    takes=Gap,
    assumes=(SMOOTH, SAMPLE_DEVIATION, SAMPLE_HESSIAN, UNBIASED),
    hypotheses=short_step,
    lhs=lhs,
    rhs=rhs,
    roundoff=roundoff,
    cases=(
        SMOOTHED,
        DIFFERENCE,
        *SADDLES,
        *BUMPS,
        replace(SKEWED, predicted=Q(5, 7) * SHARPNESS),
        QUADRATICS,
        CENTRE,
        case("three quadratics in 3-D, D_test = 3", instances.plane_quadratics),
        TRIGONOMETRIC,
        *DIGITS,
        LONG_STEP,
    ),
    mutants=(
        mutant("first term dropped", instances.smoothed_absolute, rhs=second_term),
        mutant("second term dropped", instances.bump, rhs=first_term),
        mutant("α = 1.1/L allowed", instances.smoothed_absolute, alpha=Q(11, 10), drops="α ≤ 1/L"),
        mutant("D_test squared", instances.bump, D_test=4, rhs=squared_test_batch),
        mutant("max(T₁, T₂) for the sum", instances.skewed_bump, rhs=larger_term),
        mutant(
            "the 2 of the first term lowered to 1.99",
            instances.smoothed_absolute,
            rhs=lambda gap: first_term(gap) * Q(199, 200),
        ),
    ),
    adversaries=(
        Adversary("√(w² + d²): d, s, w", instances.adversarial_first, ((-3.0, 0.0), (-2.0, 0.0), (-0.5, 0.5)), 0.999),
        Adversary("bump noise: s, η, w", instances.adversarial_second, ((-1.0, 3.0), (-3.0, 0.0), (-2.0, 2.0)), 0.9975),
    ),
)
