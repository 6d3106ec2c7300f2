"""Margins: how much room a number leaves below its bound."""

import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.precision import gamma

ROUND_OFF = gamma(10_000)


def margin(bound, value):
    """(bound − value)/bound, the smallest over points: ≥ 0 where ``value ≤ bound``, a relative measure of room.

    Float margins within 1e-12 of zero are round-off and count as zero. A zero bound leaves room 0 for a zero
    value and −∞ for any other; a negative bound is never met. One NaN anywhere makes the margin NaN. Under a JAX
    trace the same is computed on arrays, so that a search can ask its hypotheses.
    """
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((bound, value))):
        return _traced(bound, value)
    pairs = np.broadcast(_as_array(bound), _as_array(value))
    rooms = [_room(_python(b), _python(v)) for b, v in pairs]
    return math.nan if any(map(is_nan, rooms)) else min(rooms)


def is_nan(x) -> bool:
    """Whether a float is NaN; fractions are not."""
    return isinstance(x, float | np.floating) and bool(np.isnan(x))


def _as_array(x):
    return np.asarray(x, dtype=object if isinstance(x, Fraction) else None)


def _python(x):
    """A fraction for whole numbers too, so that they do not make fractions floats; else a float."""
    return Fraction(int(x)) if isinstance(x, int | np.integer) else x if isinstance(x, Fraction) else float(x)


def _room(bound, value):
    if is_nan(bound) or is_nan(value):
        return math.nan
    if bound <= 0:
        return Fraction(0) if value == bound == 0 else float("-inf")
    if bound == math.inf:
        return math.nan if value == math.inf else 1.0
    room = 1 - value / bound
    return 0.0 if isinstance(room, float) and abs(room) <= ROUND_OFF else room


def _traced(bound, value):
    positive = bound > 0
    room = 1 - value / jnp.where(positive, bound, 1.0)
    room = jnp.where(jnp.abs(room) <= ROUND_OFF, 0.0, room)
    return jnp.min(jnp.where(positive, room, jnp.where((value == 0) & (bound == 0), 0.0, -jnp.inf)))
