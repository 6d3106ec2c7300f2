"""What is printed of every right estimator, whatever the answer: where it agrees, and how far its mean is."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from mamllib.diagnosis.comparison import Track
from mamllib.diagnosis.means import Interval, angle, relative_difference


class Row(NamedTuple):
    """An estimator beside the function.

    ``agreed`` of ``draws``; ``difference`` and ``allowed``: the largest relative difference of a draw, and what
    rounding allows there (0 where that is far less); ``angle`` (degrees) and ``interval`` of the means.
    """

    name: str
    algorithm: str
    agreed: int
    draws: int
    difference: float
    allowed: float
    angle: float
    interval: Interval


class Pair(NamedTuple):
    """Directions of the function and of a candidate on the same draws."""

    theirs: Float[np.ndarray, "n d"]
    ours: Float[np.ndarray, "n d"]


def row(track: Track, dtype, comparisons: int, more: Pair | None = None) -> Row:
    """The row of a candidate; of one whose length is open, times what gives its mean the length of the function's.

    ``more`` draws count for the means alone.
    """
    pairs = [Pair(track.theirs, track.ours), *([more] if more else [])]
    theirs, ours = map(np.concatenate, zip(*pairs, strict=True))
    factor = _same_length(theirs, ours) if track.candidate.any_length else 1.0
    differences, allowed = track.differences(factor), track.allowed(dtype)
    worst = int(np.argmax(differences))
    return Row(
        track.candidate.name,
        track.candidate.algorithm,
        int(np.sum(differences <= allowed)),
        len(differences),
        float(differences[worst]),
        float(allowed[worst]),
        angle(theirs, ours),
        relative_difference(theirs, factor * ours, comparisons),
    )


def _same_length(theirs, ours) -> float:
    lengths = [np.linalg.norm(each.mean(axis=0)) for each in (theirs, ours)]
    return float(lengths[0] / lengths[1]) if min(lengths) > 0 else 1.0
