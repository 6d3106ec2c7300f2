"""Does it help to train on hard tasks? Five-way, one-shot classification of characters from alphabets never seen.

    E(accuracy of one arm − accuracy of another) ≥ 0                                                 (measured)

over the seeds of training, by differences of runs from one and the same start, for easy tasks (characters of several
alphabets) and hard ones (of one alphabet), on both splits of the alphabets. What may be claimed: MAML ≫ standard
training on all classes > no training > standard training under permuted labels; and some hard tasks in training help,
on hard and on easy test tasks. *Not* "the harder the better", which is refuted on easy tasks; whether hard tasks alone
are worse on hard ones is left open by these bounds.

Not established: the bounds cover initialisation and training tasks. Test tasks and alphabets are fixed, three on either
side, so that nothing is said of other alphabets; both splits are shown for that reason. They are Student's, of twenty
seeds, and hold as far as means of twenty runs are normal. Without a step every arm is at 1/5: labels are permuted.

The numbers are ``mamllib/measured/few_shot.csv``, made by ``python -m benchmarks.few_shot``.
"""

from mamllib import measured
from mamllib.statements.kit import (
    Mean,
    OfNumbers,
    Parameters,
    Source,
    Statement,
    case,
    mutant,
    np,
    question,
)

SPLITS = ("small2 unseen", "small1 unseen")
NONE, PERMUTED, SORTED, ALL_CLASSES = "no training", "NAL, labels permuted", "NAL, labels sorted", "NAL, all classes"
NO_HARD, HALF_HARD, ONLY_HARD = "MAML, no hard tasks", "MAML, half hard", "MAML, hard tasks only"
BOTH = ("easy", "hard")


@question
class Paired(OfNumbers):
    """Accuracies of one arm less those of another from the same seeds, for several kinds of test tasks at once."""

    differences: Parameters


def paired(better: str, worse: str, kinds=BOTH) -> Paired:
    """The differences as measured: for each split and each kind of test task a row."""
    table = measured.load("few_shot").set_index(["split", "arm", "seed"]).sort_index()
    rows = [table.loc[split, better][kind] - table.loc[split, worse][kind] for split in SPLITS for kind in kinds]
    return Paired.of(np.stack([row.to_numpy() for row in rows]))


def reversed_mean(asked: Paired):
    """The claim the other way round."""
    return Mean(1 - np.asarray(asked.differences))


FEW_SHOT = Statement(
    id="collins2022/few_shot",
    title="few-shot characters, what helps (C10)",
    source=Source("collins2022", "training on hard tasks, measured (C10)", "D"),
    claim=r"\mathbb E\,[\text{accuracy of one way of training}-\text{of another}]\ge0",
    takes=Paired,
    lhs=lambda asked: np.ones(len(asked.differences)),
    rhs=lambda asked: Mean(1 + np.asarray(asked.differences)),
    roundoff=lambda asked: 0.0,
    cases=(
        case("MAML, half hard ≥ NAL on all classes", paired, HALF_HARD, ALL_CLASSES, sampled=4),
        case("NAL on all classes ≥ no training", paired, ALL_CLASSES, NONE, sampled=4),
        case("NAL, labels sorted ≥ no training", paired, SORTED, NONE, sampled=4),
        case("no training ≥ NAL, labels permuted", paired, NONE, PERMUTED, sampled=4),
        case("MAML: half hard ≥ no hard tasks", paired, HALF_HARD, NO_HARD, sampled=4),
        case("MAML: hard only ≥ no hard tasks, on hard tasks", paired, ONLY_HARD, NO_HARD, ("hard",), sampled=2),
    ),
    mutants=(
        mutant("NAL under permuted labels for NAL: ≥ no training", paired, NONE, PERMUTED, rhs=reversed_mean),
        mutant("the harder the better: hard only ≥ half", paired, HALF_HARD, ONLY_HARD, ("easy",), rhs=reversed_mean),
        mutant("MAML needs no hard tasks: none ≥ half", paired, HALF_HARD, NO_HARD, rhs=reversed_mean),
        mutant("standard training is enough: NAL ≥ MAML", paired, HALF_HARD, ALL_CLASSES, rhs=reversed_mean),
    ),
)
