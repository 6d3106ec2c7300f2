"""Wrong versions that are made: what a right side reads, squared, rooted, halved, doubled, dropped; hypotheses relaxed.

A tick is worth what could have refuted it. Of every statement each number that its right side reads is replaced there,
and there alone, and each measured hypothesis is relaxed by a tenth; the wrong version is *killed* where a recorded
instance, or a copy of one in other units, violates it. One whose right side is nowhere smaller than the true one is
*weaker*, and true. What survives beyond that has a reason on record (``Statement.spared``), or is a gap.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from mamllib import arithmetic
from mamllib.checking.quantity import Quantity, measured
from mamllib.checking.statement import Statement
from mamllib.checking.verdict import Verdict, judge
from mamllib.statements.read import Symbol, replaced, symbols

KILLED, WEAKER, SURVIVES = "killed", "weaker", "survives"
TENTH = Fraction(1, 10)
NOT_COMPUTABLE = (ArithmeticError, ValueError)


@dataclass(frozen=True)
class Made:
    """A wrong version: its name, what became of it and by which instance, and on how many it was executed."""

    name: str
    fate: str
    by: str
    executed: int


@dataclass(frozen=True)
class Witness:
    """A recorded instance, judged once, on which wrong versions are executed."""

    name: str
    instance: Any
    statement: Statement
    hypotheses: dict
    lhs: Quantity
    rhs: Quantity
    risk: float

    @classmethod
    def of(cls, statement: Statement, name: str, instance, risk: float) -> "Witness":
        """Both sides and all hypotheses of ``statement`` on ``instance``."""
        hypotheses = statement.measure_hypotheses(instance)
        return cls(name, instance, statement, hypotheses, *statement.sides(instance, hypotheses, risk), risk)

    @property
    def unmet(self) -> list[str]:
        """Hypotheses that the instance does not meet."""
        return [name for name, hypothesis in self.hypotheses.items() if not hypothesis.met]

    @property
    def ratio(self) -> float:
        """The largest lhs/rhs."""
        with np.errstate(all="ignore"):
            return float(np.nanmax(_floats(self.lhs) / _floats(self.rhs)))

    def with_symbol(self, symbol: Symbol, change: Callable) -> Quantity | None:
        """The right side with this symbol changed in it; ``None`` where it cannot be computed, or decides nothing."""
        try:
            with np.errstate(all="ignore"):
                instance = replaced(self.instance, symbol.path, change)
                right = measured(self.statement.rhs(instance), lambda: 0.0, self.risk)
        except NOT_COMPUTABLE:
            return None
        return right if np.all(np.isfinite(_floats(right)) & (_floats(right) >= 0)) else None

    def without(self, term: Callable) -> Quantity:
        """The right side less one of its terms."""
        share = term(self.instance)
        return Quantity(*(getattr(self.rhs, each) - share for each in ("value", "lower", "upper")), self.rhs.grade)

    def refutes(self, right: Quantity) -> bool:
        """Whether lhs ≤ ``right`` is violated here."""
        return judge(self.lhs, right, {}) == Verdict.VIOLATED


def made(statement: Statement, witnesses: list[Witness]) -> list[Made]:
    """Every wrong version of ``statement`` that can be made, and what became of it on ``witnesses``."""
    speaking = [witness for witness in witnesses if not witness.unmet]
    read = dict.fromkeys(symbol for witness in speaking for symbol in symbols(witness.instance))
    versions = [version for symbol in read for version in _of_symbol(symbol, speaking)]
    terms = getattr(statement.rhs, "terms", ())
    dropped = [_judged(f"{term.__name__} dropped", [(w, w.without(term)) for w in speaking]) for term in terms]
    return versions + dropped + list(_relaxed(witnesses))


def _of_symbol(symbol: Symbol, witnesses) -> Iterator[Made]:
    for pattern, change in CHANGES.items():
        tried = [(w, w.with_symbol(symbol, change)) for w in witnesses if symbol in symbols(w.instance)]
        tried = [(witness, right) for witness, right in tried if right is not None]
        if any(np.any(_floats(right) != _floats(witness.rhs)) for witness, right in tried):
            yield _judged(pattern.format(symbol.name), tried)


def _judged(name: str, tried) -> Made:
    for witness, right in tried:
        if witness.refutes(right):
            return Made(name, KILLED, witness.name, len(tried))
    smaller = any(np.any(_floats(right) < _floats(witness.rhs) * (1 - 1e-12)) for witness, right in tried)
    return Made(name, SURVIVES if smaller else WEAKER, "", len(tried))


def _relaxed(witnesses) -> Iterator[Made]:
    """Each hypothesis that compares numbers, with a tenth more room."""
    names = dict.fromkeys(name for w in witnesses for name, room in w.hypotheses.items() if _is_comparison(room))
    for name in names:
        tried = [w for w in witnesses if w.unmet == [name] and w.hypotheses[name].room >= -TENTH - Fraction(1, 10**9)]
        refuting = [witness.name for witness in tried if witness.refutes(witness.rhs)]
        yield Made(f"{name}, by a tenth", KILLED if refuting else SURVIVES, "".join(refuting[:1]), len(tried))


def _is_comparison(hypothesis) -> bool:
    """Not a yes or no, whose room is 1 or −1."""
    return abs(hypothesis.room) != 1 and bool(np.isfinite(float(hypothesis.room)))


def _square(x):
    return x * x


def _root(x):
    if isinstance(x, tuple):
        return tuple(map(_root, x))
    if arithmetic.is_exact(x) and np.ndim(x):
        return np.array([arithmetic.root_above(each) for each in np.ravel(x)], dtype=object).reshape(np.shape(x))
    return arithmetic.root_above(x) if isinstance(x, Fraction) else np.sqrt(x)


def _times(factor: Fraction, x):
    if isinstance(x, tuple):
        return tuple(_times(factor, each) for each in x)
    return factor * x if isinstance(x, int) or arithmetic.is_exact(x) else float(factor) * x


CHANGES: dict[str, Callable] = {
    "{}²": lambda x: tuple(map(_square, x)) if isinstance(x, tuple) else _square(x),
    "√{}": _root,
    "{}/2": partial(_times, Fraction(1, 2)),
    "2{}": partial(_times, Fraction(2)),
    "0·{}": partial(_times, Fraction(0)),
}


def _floats(quantity: Quantity) -> np.ndarray:
    return np.asarray(quantity.value, dtype=float)
