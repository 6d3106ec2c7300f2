"""The second moment with the constant of the proof, which is the best one to four digits."""

from mamllib.statements.fallah2020.lemma_4_9.first_moment import FIRST_CASES, NOT_USED
from mamllib.statements.fallah2020.lemma_4_9.instances import saturated_second_moment
from mamllib.statements.fallah2020.lemma_4_9.second_moment import SECOND_MOMENT
from mamllib.statements.kit import Q, Source, case, is_exact, mutant, replace

SECOND_MOMENT_CONSTANT = Q(371, 200)


def understated_tasks():
    """σ² = 2.18, said to be 2."""
    return saturated_second_moment(sigma_squared=2.18, declared={"sigma_squared": 2.0})


def understated_samples():
    """σ̃ = 0.52, said to be ½."""
    return saturated_second_moment(scale=1.04, declared={"sigma_tilde": 0.5})


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
        mutant("B' a twelfth too small", saturated_second_moment, sigma_squared=2.18, drops="B' ≥ ½(ρασ/L)²"),
        mutant("D_β a twelfth too small", saturated_second_moment, scale=1.04, drops="D_β ≥ (2ρασ̃/L)²"),
        mutant("σ understated", understated_tasks, drops="task deviation ≤ σ"),
        mutant("σ̃ understated", understated_samples, drops="sample deviation ≤ σ̃"),
    ),
    spared=NOT_USED,
)
