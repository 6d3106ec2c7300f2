"""The four verdicts and the four grades of evidence."""

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
    """How both sides were computed.

    ``exact``: rational arithmetic. ``enclosed``: interval arithmetic. ``float``: float64 with an error budget.
    ``statistical``: one-sided confidence bounds. Only the first two can verify; the others refute or fail to refute.
    """

    EXACT = "exact"
    ENCLOSED = "enclosed"
    FLOAT = "float"
    STATISTICAL = "statistical"


def judge(lhs, rhs, margins: dict) -> Verdict:
    """The verdict on lhs ≤ rhs for two ``Quantity``s (one or many points) under measured hypothesis margins.

    Over many points the worst verdict counts. The signed slack is tested, never closeness.
    """
    if not all(margin >= 0 for margin in margins.values()):  # a margin that is not a number is not met
        return Verdict.SILENT
    if np.any(np.asarray(lhs.lower) > np.asarray(rhs.upper)):
        return Verdict.VIOLATED
    if np.all(np.asarray(lhs.upper) <= np.asarray(rhs.lower)):
        return Verdict.HOLDS
    return Verdict.UNDECIDED
