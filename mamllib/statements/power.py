"""Wrong versions that are made: what a right side reads, squared, rooted, halved, doubled, dropped; hypotheses relaxed.

A tick is worth what could have refuted it. Of every statement each number that its right side reads is replaced there,
and there alone, and each measured hypothesis is relaxed by a tenth; the wrong version is *killed* where a recorded
instance, or a copy of one in other units, violates it. One whose right side is on
none of them smaller than that of a true statement is *weaker*: they cannot refute it, which is no proof. What survives
beyond that has a reason on record (``Statement.spared``), or is a gap.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from mamllib import arithmetic
from mamllib.checking.margins import ROUND_OFF
from mamllib.checking.quantity import Quantity, measured
from mamllib.checking.statement import Statement
from mamllib.checking.verdict import Verdict, judge
from mamllib.statements.read import Symbol, replaced, symbols

KILLED, WEAKER, SURVIVES = "killed", "weaker", "survives"
TENTH = Fraction(1, 10)
NOT_COMPUTABLE = (ArithmeticError, ValueError, TypeError)  # a root in fractions, a batch of half a sample


@dataclass(frozen=True)
class Made:
    """A wrong version: its name, the symbol or hypothesis that was changed, what became of it, and through what.

    ``by`` is the instance that killed it, or the true statement that it is not below; ``executed`` counts the instances
    it was tried on; ``reason`` says why one that survives does.
    """

    name: str
    symbol: str
    fate: str
    by: str
    executed: int
    reason: str = ""


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
        """The largest lhs/rhs; 0 where there is none."""
        with np.errstate(all="ignore"):
            ratios = _floats(self.lhs) / _floats(self.rhs)
        return float(np.max(ratios, initial=0.0, where=np.isfinite(ratios)))

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

    def is_below(self, true: Statement, right: Quantity) -> bool:
        """Whether the right side of the ``true`` statement, which must speak here, is at most ``right``."""
        if true is self.statement:
            least = self.rhs
        else:
            met = true.measure_hypotheses(self.instance).values()
            if not all(hypothesis.met for hypothesis in met):
                return False
            least = measured(true.rhs(self.instance), lambda: 0.0, self.risk)
        return bool(np.all(_floats(least) * (1 - ROUND_OFF) <= _floats(right)))

    def refutes(self, right: Quantity) -> bool:
        """Whether lhs ≤ ``right`` is violated here."""
        return judge(self.lhs, right, {}) == Verdict.VIOLATED


def made(statement: Statement, witnesses: list[Witness], sharper: Sequence[Statement] = ()) -> list[Made]:
    """Every wrong version of ``statement`` that can be made, and what became of it on ``witnesses``.

    ``sharper`` are true statements with the same left side: what is not below them is true as well.
    """
    speaking = [witness for witness in witnesses if not witness.unmet]
    read = dict.fromkeys(symbol for witness in speaking for symbol in symbols(witness.instance))
    versions = [version for symbol in read for version in _of_symbol(symbol, speaking)]
    terms = getattr(statement.rhs, "terms", ())
    versions += [
        (f"{term.__name__} dropped", term.__name__, [(w, w.without(term)) for w in speaking]) for term in terms
    ]
    judged = [_judged(*version, (statement, *sharper)) for version in versions]
    return [_with_reason(each, statement) for each in (*judged, *_relaxed(witnesses))]


def _of_symbol(symbol: Symbol, witnesses) -> Iterator[tuple]:
    """(name, symbol, the instances it was executed on with its right side) of every version that makes a difference."""
    for pattern, change in CHANGES.items():
        tried = [(w, w.with_symbol(symbol, change)) for w in witnesses if symbol in symbols(w.instance)]
        tried = [(witness, right) for witness, right in tried if right is not None]
        if _makes_a_difference(tried):
            yield pattern.format(symbol.name), symbol.name, tried


def _judged(name: str, symbol: str, tried, true: Sequence[Statement]) -> Made:
    """Killed by an instance that refutes it, weaker where it is nowhere below a ``true`` statement."""
    for witness, right in tried:
        if witness.refutes(right):
            return Made(name, symbol, KILLED, witness.name, len(tried))
    for statement in true if _makes_a_difference(tried) else ():
        if all(witness.is_below(statement, right) for witness, right in tried):
            return Made(name, symbol, WEAKER, statement.title, len(tried))
    return Made(name, symbol, SURVIVES, "", len(tried))


def _makes_a_difference(tried) -> bool:
    """Whether a right side is another one somewhere: a term that is 0 on every instance could be missing unseen."""
    return any(np.any(_floats(right) != _floats(witness.rhs)) for witness, right in tried)


def _with_reason(version: Made, statement: Statement) -> Made:
    reason = statement.spared.get(version.name, statement.spared.get(version.symbol, ""))
    return replace(version, reason=reason) if version.fate == SURVIVES else version


def _relaxed(witnesses) -> Iterator[Made]:
    """Each hypothesis that compares numbers, with a tenth more room."""
    names = dict.fromkeys(name for w in witnesses for name, room in w.hypotheses.items() if _is_comparison(room))
    for name in names:
        tried = [w for w in witnesses if w.unmet == [name] and w.hypotheses[name].room >= -TENTH]
        refuting = [witness.name for witness in tried if witness.refutes(witness.rhs)]
        fate = KILLED if refuting else SURVIVES
        yield Made(f"{name}, by a tenth", name, fate, "".join(refuting[:1]), len(tried))


def _is_comparison(hypothesis) -> bool:
    """Not a yes or no, whose room is 1 or −1, and no equality, which has no tenth."""
    return not hypothesis.equality and abs(hypothesis.room) != 1 and bool(np.isfinite(float(hypothesis.room)))


def sharper_than(statement: Statement, among: Sequence[Statement]) -> list[Statement]:
    """The statements that its proof rests on and that bound the same left side."""
    shared = [other for other in among if other.id in statement.rests_on and other.takes is statement.takes]
    return [other for other in shared if other.lhs is statement.lhs]


def _square(x):
    return x * x


def _root(x):
    if isinstance(x, tuple):
        return tuple(map(_root, x))
    if arithmetic.is_exact(x) and np.ndim(x):
        return np.array([arithmetic.root_above(each) for each in np.ravel(x)], dtype=object).reshape(np.shape(x))
    if isinstance(x, int):
        return math.isqrt(x)
    return arithmetic.root_above(x) if isinstance(x, Fraction) else np.sqrt(x)


def _times(factor: Fraction, x):
    if isinstance(x, tuple):
        return tuple(_times(factor, each) for each in x)
    if isinstance(x, int):
        return int(factor * x)
    return factor * x if arithmetic.is_exact(x) else float(factor) * x


CHANGES: dict[str, Callable] = {
    "{}²": lambda x: tuple(map(_square, x)) if isinstance(x, tuple) else _square(x),
    "√{}": _root,
    "{}/2": partial(_times, Fraction(1, 2)),
    "2{}": partial(_times, Fraction(2)),
    "0·{}": partial(_times, Fraction(0)),
}


def _floats(quantity: Quantity) -> np.ndarray:
    return np.asarray(quantity.value, dtype=float)
