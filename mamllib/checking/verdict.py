"""The four verdicts and the three grades of evidence."""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np


class Verdict(StrEnum):
    """What a comparison of two sides says.

    ``holds``: lhs + error ≤ rhs. ``violated``: lhs − error > rhs. ``undecided``: between.
    ``silent``: a hypothesis is not met, so the statement says nothing here.
    """

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDECIDED = "undecided"
    SILENT = "silent"


class Grade(StrEnum):
    """How both sides and all hypotheses were computed.

    ``exact``: rational arithmetic, hypotheses proved. ``float``: float64 with an error budget, or hypotheses that were
    measured where they are used. ``statistical``: one-sided confidence bounds, for every law where the range of the
    samples is known, else under approximate normality. Only the first can verify; the others refute or fail to refute.
    """

    EXACT = "exact"
    FLOAT = "float"
    STATISTICAL = "statistical"


def weakest(grades) -> Grade:
    """The weakest of several grades."""
    return max(grades, key=list(Grade).index)


def judge(lhs, rhs, hypotheses: Mapping) -> Verdict:
    """The verdict on lhs ≤ rhs for two ``Quantity``s (one or many points) under measured hypotheses.

    Over many points the worst verdict counts. The signed slack is tested, never closeness; where both sides were
    computed to be 0, bit by bit, 0 ≤ 0 holds.
    """
    if not all(hypothesis.met for hypothesis in hypotheses.values()):
        return Verdict.SILENT
    if np.any(np.asarray(lhs.lower) > np.asarray(rhs.upper)):
        return Verdict.VIOLATED
    below = np.asarray(lhs.upper) <= np.asarray(rhs.lower)
    computed = Grade.STATISTICAL not in (lhs.grade, rhs.grade)
    both_zero = computed & np.asarray((np.asarray(lhs.value) == 0) & (np.asarray(rhs.value) == 0))
    return Verdict.HOLDS if np.all(below | both_zero) else Verdict.UNDECIDED
