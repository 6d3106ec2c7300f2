"""The first moment of the estimated step for a given w: the proof of Lemma 4.9 says more than its 0.8.

    D_β ≥ ⌈(2ρασ̃/L)²⌉  ⇒  E β̃(w) ≥ 1/(L(w) + L)                                                (derived here)

Proof. By Jensen E β̃ ≥ 1/E L̃, and E L̃ ≤ L(w) + 2ραE‖∇̃f_j − ∇f_j‖ ≤ L(w) + 2ρασ̃/√D_β ≤ L(w) + L. As L(w) ≥ 4L this is at
least 0.8/L(w). Neither α ≤ 1/L nor B' nor σ is used. Equality where all gradients vanish, with noise ±s, 2ραs = L.
"""

from mamllib.statements.fallah2020.lemma_4_9 import instances
from mamllib.statements.fallah2020.lemma_4_9.first_moment import FIRST_CASES, FIRST_MOMENT
from mamllib.statements.fallah2020.lemma_4_9.question import Step, hypotheses
from mamllib.statements.kit import SAMPLE_DEVIATION, UNBIASED, Q, Source, case, mutant, replace


def share(step: Step):
    """L(w)/(L(w) + L)."""
    return step.smoothness / (step.smoothness + step.constants.L)


def large_samples(step: Step) -> dict:
    """L > 0 and D_β ≥ (2ρασ̃/L)², the half of (18) that is used."""
    return {name: room for name, room in hypotheses(step).items() if name in ("L > 0", "D_β ≥ (2ρασ̃/L)²")}


MEAN_STEP = FIRST_MOMENT.variant(
    id="fallah2020/lemma_4_9_mean_step",
    title="Lemma 4.9, first moment at w",
    source=Source("fallah2020", "Lemma 4.9, first moment with 1/(L(w) + L)", "D"),
    claim=r"\mathbb{E}\,\tilde\beta(w)\ge\frac1{L(w)+L}",
    assumes=(SAMPLE_DEVIATION, UNBIASED),
    hypotheses=large_samples,
    lhs=share,
    rests_on=(),
    cases=(
        replace(FIRST_CASES[0], predicted=Q(1)),
        *FIRST_CASES[1:],
        case("gradient norms {0, 100}, B' = 1, any σ", instances.two_gradient_norms, Q(100), Q(1, 2), Q(0)),
    ),
    mutants=(
        mutant(
            "L(w) + L lowered to L(w) + 0.99L",
            instances.attained_first_moment,
            lhs=lambda step: step.smoothness / (step.smoothness + Q(99, 100) * step.constants.L),
        ),
        mutant("condition on D_β deleted", instances.lopsided_noise, drops="D_β ≥ (2ρασ̃/L)²"),
        *FIRST_MOMENT.mutants[-2:],
    ),
    spared={"√first_moment": "true: the left side is below 1, so √x is no smaller than it where x is not"},
)
