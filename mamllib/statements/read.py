"""The numbers that a side of a statement can read off its instance, and the instance with one of them changed.

What was measured on the instance stays as it was: a changed number reaches a side only where the side itself reads it.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from mamllib.statements.words import WORDS
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Constants, Task

NAMES = {"rho": "ρ", "sigma_tilde": "σ̃", "sigma_H": "σ_H"}
NO_NUMBERS = {"w", "u", "v", "key", "seed", "samples", "steps", "assumed", "largest"}
NO_NUMBERS |= {"certificate", "trials", "recording", "differences", "features", "comparator"}
SEALED = Task | TaskFamily | str | bytes


class Symbol(NamedTuple):
    """A number of an instance: what it is called, and where it is."""

    name: str
    path: tuple[str, ...]


def symbols(instance) -> list[Symbol]:
    """Every number, or array of numbers, that a side could read; tasks, points and keys are none."""
    return [Symbol(_name(path), path) for path in _paths(instance)]


def replaced(owner, path: tuple[str, ...], change: Callable):
    """``owner`` with ``change`` applied to what lies at ``path``, and everything else shared."""
    head, *rest = path
    value = _get(owner, head)
    return _with(owner, head, replaced(value, tuple(rest), change) if rest else change(value))


def _paths(owner, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in _parts(owner):
        if name in NO_NUMBERS or isinstance(value, SEALED):
            continue
        if _is_numbers(value):
            if name in WORDS or "parts" in prefix or not _is_array(value):  # other arrays are data
                yield (*prefix, name)
        else:
            yield from _paths(value, (*prefix, name))


def _parts(owner) -> Iterator[tuple[str, Any]]:
    if hasattr(owner, "_asdict"):
        yield from owner._asdict().items()
    elif isinstance(owner, dict):
        yield from owner.items()
    elif isinstance(owner, SimpleNamespace):
        yield from vars(owner).items()
    elif is_dataclass(owner) and not isinstance(owner, type):
        declared = [field.name for field in fields(owner)]
        yield from ((name, getattr(owner, name)) for name in declared)
        yield from ((name, value) for name, value in vars(owner).items() if name not in declared)


def _is_array(value) -> bool:
    return isinstance(value, tuple) or getattr(value, "ndim", 0) > 0


def _is_numbers(value) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, tuple) and not hasattr(value, "_asdict"):
        return bool(value) and all(map(_is_numbers, value))
    if isinstance(value, int | float | Fraction):
        return True
    return getattr(value, "dtype", None) is not None and np.asarray(value).dtype.kind in "fiO"


def _name(path: tuple[str, ...]) -> str:
    last = path[-1]
    if last in Constants._fields:
        return NAMES.get(last, last)
    symbol = WORDS[last].symbol if last in WORDS else ""
    return symbol or last


def _get(owner, name: str):
    return owner[name] if isinstance(owner, dict) else getattr(owner, name)


def _with(owner, name: str, value):
    if hasattr(owner, "_asdict"):
        return owner._replace(**{name: value})
    if isinstance(owner, dict):
        return owner | {name: value}
    other = copy.copy(owner)
    vars(other)[name] = value
    return other
