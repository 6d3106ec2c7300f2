"""The second moment with the constant of the proof, which is the best one to four digits."""

from dataclasses import replace
from fractions import Fraction as Q

from mamllib import arithmetic
from mamllib.checking.statement import Case, Mutant, Source
from mamllib.statements.fallah2020.lemma_4_9.first_moment import FIRST_CASES
from mamllib.statements.fallah2020.lemma_4_9.instances import saturated_second_moment
from mamllib.statements.fallah2020.lemma_4_9.second_moment import SECOND_MOMENT

SECOND_MOMENT_CONSTANT = Q(371, 200)

SECOND_MOMENT_LOWERED = replace(
    SECOND_MOMENT,
    id="fallah2020/lemma_4_9_second_moment_lowered",
    title="Lemma 4.9, second moment lowered",
    source=Source("fallah2020", "Lemma 4.9, second moment with 1.855", "D"),
    claim=r"\mathbb{E}\,\tilde\beta(w)^2\le\frac{1.855}{L(w)^2}",
    rhs=lambda step: SECOND_MOMENT_CONSTANT if arithmetic.is_exact(step) else float(SECOND_MOMENT_CONSTANT),
    rests_on=(),
    cases=(
        Case(
            "gradients {s, 1/s}, opposite lopsided noise",
            lambda seed: saturated_second_moment(),
            predicted=1.8549665 / 1.855,
        ),
        FIRST_CASES[0],
        replace(FIRST_CASES[1], predicted=1.7745 / 1.855),
        *FIRST_CASES[2:],
    ),
    mutants=(
        Mutant(
            "1.855 lowered to 1.8549",
            lambda seed: saturated_second_moment(),
            rhs=lambda step: Q(18549, 10000),
        ),
        *SECOND_MOMENT.mutants,
    ),
)
