"""Hypotheses as numbers: how much room is left before one fails."""

from fractions import Fraction

import numpy as np

from mamllib.precision import gamma

ROUND_OFF = gamma(10_000)


def margin(bound, value):
    """(bound − value)/bound, the smallest over points: ≥ 0 where ``value ≤ bound``, a relative measure of room.

    Float margins within 1e-12 of zero are round-off and count as zero. A zero bound leaves room 0 for a zero
    value and −∞ for any other; a negative bound is never met.
    """
    pairs = np.broadcast(_as_array(bound), _as_array(value))
    return min(_room(_python(b), _python(v)) for b, v in pairs)


def _as_array(x):
    return np.asarray(x, dtype=object if isinstance(x, Fraction) else None)


def _python(x):
    return x if isinstance(x, Fraction) else float(x)


def _room(bound, value):
    if bound <= 0:
        return Fraction(0) if value == bound == 0 else float("-inf")
    room = 1 - value / bound
    return 0.0 if isinstance(room, float) and abs(room) <= ROUND_OFF else room
