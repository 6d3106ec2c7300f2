"""How far the mean of what a function returns is from the mean of an estimator, with confidence."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from mamllib.checking.statistics import FAMILY_RISK, NormOfMean, risk_per_comparison

BOUNDS = 4  # of a difference and of a length, each from both sides


class Interval(NamedTuple):
    """A relative difference: its bounds, ∞ where the length of the estimator's mean is not told from 0."""

    lower: float
    upper: float


def relative_difference(theirs: Float[np.ndarray, "n d"], ours: Float[np.ndarray, "n d"], comparisons: int) -> Interval:
    """‖E mine − E ours‖/‖E ours‖ from draws of batches that both saw: what both owe to the batches cancels.

    All ``comparisons`` intervals together miss with probability at most ``FAMILY_RISK``, under approximate normality.
    """
    if len(ours) == 1 or (_is_constant(theirs) and _is_constant(ours)):
        return _exactly(theirs[0], ours[0])
    risk = risk_per_comparison(BOUNDS * comparisons)
    difference, length = (NormOfMean(_in_few_dimensions(blocks)).quantity(risk) for blocks in (theirs - ours, ours))
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = np.divide(difference.lower, length.upper), np.divide(difference.upper, length.lower)
    return Interval(*(float(np.nan_to_num(bound, nan=0.0, posinf=np.inf)) for bound in bounds))


def confidence() -> float:
    """Of all intervals together."""
    return 1 - FAMILY_RISK


def angle(theirs: Float[np.ndarray, "n d"], ours: Float[np.ndarray, "n d"]) -> float:
    """Between the means of the draws, in degrees; NaN where one of them is 0."""
    a, b = (draws.mean(axis=0) for draws in (theirs, ours))
    if not (a.any() and b.any()):
        return float("nan")
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


def _exactly(theirs: Float[np.ndarray, " d"], ours: Float[np.ndarray, " d"]) -> Interval:
    """Where nothing varies there is nothing to be unsure of; of an estimator that is 0 all is nothing or too far."""
    if not ours.any():
        return Interval(0.0, np.inf if theirs.any() else 0.0)
    difference = float(np.linalg.norm(theirs - ours) / np.linalg.norm(ours))
    return Interval(difference, difference)


def _in_few_dimensions(blocks: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n m"]:
    """Vectors with the same inner products, and no more coordinates than there are vectors."""
    if blocks.shape[1] <= len(blocks):
        return blocks
    squares, vectors = np.linalg.eigh(blocks @ blocks.T)
    return vectors * np.sqrt(np.maximum(squares, 0.0))


def _is_constant(draws) -> bool:
    return bool(np.all(draws == draws[0]))
