"""The second moment of the estimated step, second part of (19)."""

from mamllib.statements.fallah2020.lemma_4_9 import instances
from mamllib.statements.fallah2020.lemma_4_9.first_moment import FIRST_CASES, FIRST_MOMENT, NOT_USED
from mamllib.statements.fallah2020.lemma_4_9.question import second_moment
from mamllib.statements.kit import Q, Source, is_exact, mutant, replace

SECOND_MOMENT = FIRST_MOMENT.variant(
    id="fallah2020/lemma_4_9_second_moment",
    title="Lemma 4.9, second moment (19)",
    source=Source("fallah2020", "Lemma 4.9, second part of (19)", "V"),
    claim=r"\mathbb{E}\,\tilde\beta(w)^2\le\frac{3.125}{L(w)^2}",
    lhs=second_moment,
    rhs=lambda step: Q(25, 8) if is_exact(step) else 3.125,
    rests_on=("fallah2020/lemma_4_9_second_moment_lowered",),
    cases=(FIRST_CASES[0], replace(FIRST_CASES[1], predicted=1.7745 / 3.125), *FIRST_CASES[2:]),
    mutants=(
        mutant("3.125 lowered to 1.77", instances.attained_second_moment, rhs=lambda step: Q(177, 100)),
        mutant(
            "condition on B' deleted", instances.two_gradient_norms, Q(100), Q(1, 2), Q(2500), drops="B' ≥ ½(ρασ/L)²"
        ),
    ),
    spared=NOT_USED
    | dict.fromkeys(
        ("B' ≥ ½(ρασ/L)²", "D_β ≥ (2ρασ̃/L)²", "task deviation ≤ σ", "sample deviation ≤ σ̃"),
        "true: the proof's 1.855 leaves room for far more than a tenth below 3.125",
    ),
)
