"""The second moment with the constant of the proof, which is the best one to four digits."""

from mamllib.statements.fallah2020.lemma_4_9.first_moment import FIRST_CASES
from mamllib.statements.fallah2020.lemma_4_9.instances import saturated_second_moment
from mamllib.statements.fallah2020.lemma_4_9.second_moment import SECOND_MOMENT
from mamllib.statements.kit import Q, Source, case, is_exact, mutant, replace

SECOND_MOMENT_CONSTANT = Q(371, 200)

SECOND_MOMENT_LOWERED = SECOND_MOMENT.variant(
    id="fallah2020/lemma_4_9_second_moment_lowered",
    title="Lemma 4.9, second moment lowered",
    source=Source("fallah2020", "Lemma 4.9, second moment with 1.855", "D"),
    claim=r"\mathbb{E}\,\tilde\beta(w)^2\le\frac{1.855}{L(w)^2}",
    rhs=lambda step: SECOND_MOMENT_CONSTANT if is_exact(step) else float(SECOND_MOMENT_CONSTANT),
    rests_on=(),
    cases=(
        case("gradients {s, 1/s}, opposite lopsided noise", saturated_second_moment, predicted=1.8549665 / 1.855),
        FIRST_CASES[0],
        replace(FIRST_CASES[1], predicted=1.7745 / 1.855),
        *FIRST_CASES[2:],
    ),
    mutants=(
        mutant("1.855 lowered to 1.8549", saturated_second_moment, rhs=lambda step: Q(18549, 10000)),
        *SECOND_MOMENT.mutants,
    ),
)
