"""The first moment of the estimated step, first part of (19)."""

from dataclasses import replace
from fractions import Fraction as Q

from mamllib import arithmetic
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.statements.fallah2020.lemma_4_9 import instances
from mamllib.statements.fallah2020.lemma_4_9.moments import first_moment
from mamllib.statements.fallah2020.lemma_4_9.step import Step, hypotheses, roundoff

FIRST_CASES = (
    Case("zero gradient, noise with 2ραs = L", lambda seed: instances.attained_first_moment()),
    Case("gradient norms {0, M}, B' = 1", lambda seed: instances.attained_second_moment()),
    Case("three rippled parabolas, B' = 2, D_β = 3", instances.rippled),
    Case("45 digit pairs, smallest batches allowed", instances.digit_step, sampled=1),
    Case("2ραs = 10L, D_β = 1", lambda seed: instances.lopsided_noise(), Verdict.SILENT),
)

FIRST_MOMENT = Statement(
    id="fallah2020/lemma_4_9_first_moment",
    title="Lemma 4.9, first moment (19)",
    source=Source("fallah2020", "Lemma 4.9, first part of (19)", "V"),
    claim=r"\mathbb{E}\,\tilde\beta(w)\ge\frac{0.8}{L(w)}",
    takes=Step,
    hypotheses=hypotheses,
    lhs=lambda step: Q(4, 5) if arithmetic.is_exact(step) else 0.8,
    rhs=first_moment,
    roundoff=roundoff,
    cases=(replace(FIRST_CASES[0], predicted=Q(1)), *FIRST_CASES[1:]),
    mutants=(
        Mutant("0.8 raised to 0.81", lambda seed: instances.attained_first_moment(), lhs=lambda step: Q(81, 100)),
        Mutant("condition on D_β deleted", lambda seed: instances.lopsided_noise(), drops=("D_β ≥ (2ρασ̃/L)²",)),
    ),
)
