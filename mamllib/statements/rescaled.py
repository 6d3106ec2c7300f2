"""A question in other units: losses μf(·/ν), and everything else as it must become for nothing to change.

A true statement has no units, so verdict and lhs/rhs may not move. A wrong power of a constant does not survive that,
unless every instance on record has that constant equal to 1.
"""

from dataclasses import fields, replace
from fractions import Fraction
from functools import singledispatch

import jax

from mamllib import arithmetic
from mamllib.statements.words import word
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.linear_regression import LinearRegression
from mamllib.tasks.rescaled import UNITS, Rescaled
from mamllib.tasks.split import Split
from mamllib.tasks.task import Constants, Task


def in_other_units(question, mu: Fraction, nu: Fraction):
    """``question`` about losses μf(·/ν). Powers of two for μ and ν leave every float but for its exponent."""
    changed = {field.name: in_units(getattr(question, field.name), field.name, mu, nu) for field in fields(question)}
    return replace(question, **changed)


@singledispatch
def copied_in_units(question, mu: Fraction, nu: Fraction):
    """``question.rescaled(mu, nu)``, or what is known to be the same and costs less."""
    return question.rescaled(mu, nu)


def in_units(value, name: str, mu, nu):
    """What a field of this name becomes."""
    if isinstance(value, Task | TaskFamily | Constants):
        return _measured_in(value, mu, nu)
    p, q = (0, 0) if name == "key" else word(name).units
    return value if p == q == 0 else jax.tree.map(lambda leaf: _times(mu**p * nu**q, leaf), value)


@singledispatch
def _measured_in(value, mu, nu):
    raise TypeError(f"{type(value).__name__} has no units")


@_measured_in.register
def _(value: Task, mu, nu):
    return Rescaled(value, *(unit if arithmetic.is_exact(value) else float(unit) for unit in (mu, nu)))


@_measured_in.register
def _(value: Split, mu, nu):
    return Split(_measured_in(value.inner, mu, nu), _measured_in(value.outer, mu, nu))


@_measured_in.register
def _(value: LinearRegression, mu, nu):
    unit = arithmetic.sqrt(mu)
    noise = None if value.noise is None else _times(unit, value.noise)
    return LinearRegression(_times(unit / nu, value.root), _times(nu, value.w_star), noise, value.law)


@_measured_in.register
def _(value: TaskFamily, mu, nu):
    tasks = [_measured_in(task, mu, nu) for task in value]
    return TaskFamily.of(tasks, value.probabilities, _times(mu / nu, value.sigma))


@_measured_in.register
def _(value: Constants, mu, nu):
    return Constants(*(_times(mu**p * nu**q, x) for x, (p, q) in zip(value, UNITS, strict=True)))


def _times(factor: Fraction, x):
    return factor * x if arithmetic.is_exact(x) else float(factor) * x
