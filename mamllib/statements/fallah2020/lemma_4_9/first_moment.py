"""The first moment of the estimated step, first part of (19)."""

from mamllib.statements.fallah2020.lemma_4_9 import instances
from mamllib.statements.fallah2020.lemma_4_9.question import Step, first_moment, hypotheses, roundoff
from mamllib.statements.kit import (
    SAMPLE_DEVIATION,
    SMOOTH,
    TASK_DEVIATION,
    UNBIASED,
    Q,
    Source,
    Statement,
    Verdict,
    case,
    is_exact,
    mutant,
    replace,
)

SIGMA = replace(TASK_DEVIATION, power=1)  # the question has σ² itself

NOT_USED = {
    "α ≤ 1/L": "true: the proof does not use it",
    "f_i is L-smooth": "true: L is a number in (16), whatever it bounds",
}

FIRST_CASES = (
    case("zero gradient, noise with 2ραs = L", instances.attained_first_moment),
    case("gradient norms {0, M}, B' = 1", instances.attained_second_moment),
    case("three rippled parabolas, B' = 2, D_β = 3", instances.rippled),
    case("45 digit pairs, smallest batches allowed", instances.digit_step, sampled=1),
    case("2ραs = 10L, D_β = 1", instances.lopsided_noise, expected=Verdict.SILENT),
)

FIRST_MOMENT = Statement(
    id="fallah2020/lemma_4_9_first_moment",
    title="Lemma 4.9, first moment (19)",
    source=Source("fallah2020", "Lemma 4.9, first part of (19)", "V"),
    claim=r"\mathbb{E}\,\tilde\beta(w)\ge\frac{0.8}{L(w)}",
    takes=Step,
    assumes=(SMOOTH, SIGMA, SAMPLE_DEVIATION, UNBIASED),
    hypotheses=hypotheses,
    lhs=lambda step: Q(4, 5) if is_exact(step) else 0.8,
    rhs=first_moment,
    roundoff=roundoff,
    cases=(replace(FIRST_CASES[0], predicted=Q(1)), *FIRST_CASES[1:]),
    mutants=(
        mutant("0.8 raised to 0.81", instances.attained_first_moment, lhs=lambda step: Q(81, 100)),
        mutant("condition on D_β deleted", instances.lopsided_noise, drops="D_β ≥ (2ρασ̃/L)²"),
        mutant(
            "σ̃ understated", instances.attained_first_moment, Q(26, 25), declared=Q(1), drops="sample deviation ≤ σ̃"
        ),
        mutant("D_β a twelfth too small", instances.attained_first_moment, Q(26, 25), drops="D_β ≥ (2ρασ̃/L)²"),
    ),
    spared=NOT_USED
    | {
        "√first_moment": "true: √x ≥ 0.8 wherever x ≥ 0.8",
        "B' ≥ ½(ρασ/L)²": "true: the first moment needs the condition on D_β alone",
        "task deviation ≤ σ": "true: the first moment needs the condition on D_β alone",
    },
)
