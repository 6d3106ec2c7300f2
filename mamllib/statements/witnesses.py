"""The instances on which wrong versions are executed: all on record, in other units, and with constants understated."""

from collections.abc import Iterator
from fractions import Fraction

from mamllib import arithmetic
from mamllib.checking.statement import Statement
from mamllib.checking.statistics import risk_per_comparison
from mamllib.statements.power import Witness
from mamllib.statements.question import Question
from mamllib.statements.read import replaced, symbols

# L, ρ, σ̃, σ and σ_H become ½, ⅛, 2, 2 and ½ times as large, α twice; and the other way round.
UNITS = {"larger": (Fraction(8), Fraction(4)), "smaller": (Fraction(1, 8), Fraction(1, 4))}
UNDERSTATED = Fraction(10, 11)
NEARLY_TIGHT = 0.25  # copies of an instance on which lhs is a smaller share of rhs refute nothing new


def witnesses(statement: Statement, seed: int = 0) -> list[Witness]:
    """Every case, every hand-written wrong version's witness, and copies of those that are nearly tight."""
    risk = risk_per_comparison(sum(case.sampled for case in statement.cases))
    recorded = [Witness.of(statement, *named, risk) for named in _recorded(statement, seed)]
    tight = [w for w in recorded if not w.unmet and isinstance(w.instance, Question) and w.ratio >= NEARLY_TIGHT]
    return recorded + [Witness.of(statement, *named, risk) for w in tight for named in _copies(w)]


def _recorded(statement: Statement, seed: int) -> Iterator[tuple]:
    builds = {mutant.witness: f"witness of “{mutant.name}”" for mutant in statement.mutants}
    builds |= {case.build: case.name for case in statement.cases}
    yield from ((name, build(seed)) for build, name in builds.items())


def _copies(witness: Witness) -> Iterator[tuple]:
    for size, units in UNITS.items():
        yield f"{witness.name}, in {size} units", witness.instance.rescaled(*units)
    for constant in {getattr(assumption, "constant", "") for assumption in witness.statement.assumes}:
        declared = [symbol.path for symbol in symbols(witness.instance) if symbol.path[-1] == constant]
        if declared:
            understated = replaced(witness.instance, declared[0], _a_tenth_less)
            yield f"{witness.name}, {constant} a tenth too small", understated


def _a_tenth_less(constant):
    return constant * (UNDERSTATED if arithmetic.is_exact(constant) else float(UNDERSTATED))
