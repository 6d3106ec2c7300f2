"""An identity of positive numbers as two inequalities, so that a wrong version that is too large is caught as well."""

import numpy as np


def both_ways(value):
    """(x, 1/x): if both are at most those of another number, the two are equal; ∞ where x = 0."""
    value = np.atleast_1d(value)
    with np.errstate(divide="ignore"):
        return np.concatenate([value, _inverse(value)])


def both_errors(value, error):
    """What an absolute error of x is in (x, 1/x)."""
    value, error = np.atleast_1d(value), np.atleast_1d(error)
    return np.concatenate([error, error / np.asarray(value, float) ** 2])


def _inverse(value):
    if value.dtype == object:
        return np.array([1 / each if each else float("inf") for each in value], dtype=object)
    return 1 / value
