"""The instances on which wrong versions are executed: all on record, in other units, and with constants understated."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from mamllib import arithmetic
from mamllib.checking.statement import Statement
from mamllib.checking.statistics import risk_per_comparison
from mamllib.statements.power import Witness
from mamllib.statements.question import Question
from mamllib.statements.read import replaced, symbols
from mamllib.statements.rescaled import copied_in_units

# Among them every constant, every gradient and every step is larger than 1 in some units and smaller in others.
UNITS = {
    "w/16": (Fraction(1, 64), Fraction(1, 16)),
    "16w": (Fraction(64), Fraction(16)),
    "f/65536": (Fraction(1, 2**16), Fraction(1)),
    "65536f": (Fraction(2**16), Fraction(1)),
}
UNDERSTATED = Fraction(24, 25)  # a variance is then a twelfth too small, still less than a tenth
MOST_TASKS = 6
NEARLY_TIGHT = 0.25  # copies of an instance on which lhs is a smaller share of rhs refute nothing new


def witnesses(statement: Statement, seed: int = 0) -> list[Witness]:
    """Every case, every hand-written wrong version's witness, and copies of those that are nearly tight."""
    risk = risk_per_comparison(sum(case.sampled for case in statement.cases))
    recorded = [Witness.of(statement, *named, risk) for named in _recorded(statement, seed)]
    tight = [w for w in recorded if not w.unmet and w.ratio >= NEARLY_TIGHT and _is_quick(w.instance)]
    return recorded + [Witness.of(statement, *named, risk) for w in tight for named in _copies(w)]


def _is_quick(instance) -> bool:
    """Whether a copy costs next to nothing: fractions, or few tasks of which every batch is listed."""
    if not isinstance(instance, Question) or hasattr(instance, "recording"):
        return isinstance(instance, Question)
    if not hasattr(instance, "family"):
        return arithmetic.is_exact(instance)
    sampled = getattr(instance, "samples", 0)
    return arithmetic.is_exact(instance) or (not sampled and len(instance.family) <= MOST_TASKS)


def _recorded(statement: Statement, seed: int) -> Iterator[tuple]:
    builds = {mutant.witness: f"witness of “{mutant.name}”" for mutant in statement.mutants}
    builds |= {case.build: case.name for case in statement.cases}
    yield from ((name, build(seed)) for build, name in builds.items())


def _copies(witness: Witness) -> Iterator[tuple]:
    for name, units in UNITS.items():
        yield f"{witness.name}, in units {name}", copied_in_units(witness.instance, *units)
    for constant in {getattr(assumption, "constant", "") for assumption in witness.statement.assumes}:
        declared = [symbol.path for symbol in symbols(witness.instance) if symbol.path[-1] == constant]
        if declared:
            yield f"{witness.name}, {constant} understated", _declared_less(witness.instance, declared[0])


def _declared_less(instance, path: tuple[str, ...]):
    """The instance with a smaller constant; what was measured of its tasks is the same."""
    head, *_ = path
    other = replace(instance, **{head: getattr(replaced(instance, path, _understated), head)})
    if "answer" in vars(instance):
        vars(other)["answer"] = instance.answer
    return other


def _understated(constant):
    return constant * (UNDERSTATED if arithmetic.is_exact(constant) else float(UNDERSTATED))
