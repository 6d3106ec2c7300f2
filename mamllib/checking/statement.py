"""A numbered statement as an object that can come out false."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from mamllib.checking.budget import Budget
from mamllib.checking.check import Check
from mamllib.checking.hypothesis import Hypothesis
from mamllib.checking.quantity import UNKNOWN, Quantity, measured
from mamllib.checking.recorded import Adversary, Case, Mutant
from mamllib.checking.statistics import risk_per_comparison
from mamllib.checking.verdict import Verdict, judge

RISK = 1e-3


@dataclass(frozen=True)
class Source:
    """Where a claim comes from: a bibliography key, the item, and V (verbatim), N (published notes) or D (derived)."""

    key: str
    item: str
    tag: str


@runtime_checkable
class Assumption(Protocol):
    """What a paper assumes once and several statements use: a name, and how an instance meets it."""

    name: str

    def hypothesis(self, instance) -> Hypothesis:
        """The assumption as measured on the instance."""


def nothing(instance) -> dict:
    """No hypothesis of the statement's own."""
    return {}


def no_budget(instance) -> None:
    """Nothing is recorded: every instance can refute."""


@dataclass(frozen=True)
class Statement:
    """lhs ≤ rhs under hypotheses, for every instance.

    Args:
        id: ``paper/item``, unique.
        title: as a reader would call it.
        source: where it comes from.
        claim: the claim in LaTeX.
        takes: the type of its instances.
        hypotheses: instance → {name: margin or ``Hypothesis``}, what is the statement's own; one that is not met makes
            the statement silent.
        lhs, rhs: instance → a number, an array over points, or a sample (``NormOfMean``, ``Mean``).
        roundoff: instance → bound on the absolute float64 error of rhs − lhs.
        cases, mutants, adversaries: its instances, its wrong versions, its searches.
        assumes: the paper's assumptions that its proof uses, each measured by the instance where both sides use it.
        rests_on: ids of the statements that its proof uses, each named once and none through another; empty where the
            proof stands alone, and where there is none because the statement is false.
        spared: made versions that no instance refutes → the reason, by the version's name or by its symbol.
    """

    id: str
    title: str
    source: Source
    claim: str
    takes: type
    lhs: Callable[[Any], Any]
    rhs: Callable[[Any], Any]
    roundoff: Callable[[Any], Any]
    hypotheses: Callable[[Any], Mapping[str, Any]] = nothing
    cases: tuple[Case, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    adversaries: tuple[Adversary, ...] = field(default=())
    rests_on: tuple[str, ...] = ()
    assumes: tuple[Assumption, ...] = ()
    spared: Mapping[str, str] = field(default_factory=dict, hash=False)
    budget: Callable[[Any], Budget | None] = no_budget

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where two cases, or two wrong versions, have one name: they are asked for by it."""
        for kind, named in (("cases", self.cases), ("mutants", self.mutants)):
            names = [each.name for each in named]
            if doubled := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{self.id} has two {kind} called {', '.join(map(repr, doubled))}")

    def variant(self, *, id: str, title: str, source: Source, claim: str, cases, mutants, rests_on, **fields):
        """Another statement on the same instances: it shares sides and hypotheses where they are not given, and
        nothing else, so that no case, wrong version, search or premise is taken over unseen.
        """
        shared = {"takes", "hypotheses", "assumes", "lhs", "rhs", "roundoff", "budget"}
        kept = {name: getattr(self, name) for name in shared}
        named = {"id": id, "title": title, "source": source, "claim": claim, "rests_on": rests_on}
        return Statement(**(kept | fields | named), cases=tuple(cases), mutants=tuple(mutants))

    def measure_hypotheses(self, instance) -> dict[str, Hypothesis]:
        """Every hypothesis as measured on ``instance``: the statement's own, the assumptions, and what the instance
        says (``trials``) of the functions it was given."""
        own = {name: self._hypothesis(name, room) for name, room in self.hypotheses(instance).items()}
        assumed = {assumption.name: assumption.hypothesis(instance) for assumption in self.assumes}
        return own | assumed | dict(getattr(instance, "trials", {}))

    def check(self, instance, name: str = "given", expected: Verdict = Verdict.HOLDS, comparisons: int = 1) -> Check:
        """Measure hypotheses and both sides on ``instance`` and judge.

        Args:
            instance: what the statement's hypotheses and sides take.
            name: what to call the instance in a table.
            expected: the verdict on record; ``mamllib.report`` raises where the two differ.
            comparisons: over how many sampled comparisons the 0.1 % risk of a false verdict is shared: a risk for every
                law where the range of the samples is known, else under approximate normality.

        Raises:
            TypeError: ``instance`` is not of the type that the statement takes.
        """
        if not isinstance(instance, self.takes):
            raise TypeError(f"{self.id} takes a {self.takes.__name__}, not a {type(instance).__name__}")
        hypotheses = self.measure_hypotheses(instance)
        lhs, rhs = self.sides(instance, hypotheses, risk_per_comparison(comparisons))
        if all(hypothesis.met for hypothesis in hypotheses.values()):
            hypotheses |= _outside_the_domain(lhs, rhs)
        verdict = judge(lhs, rhs, hypotheses)
        return Check(self.id, self.title, name, verdict, expected, hypotheses, lhs, rhs, self.budget(instance))

    def sides(self, instance, hypotheses, risk: float) -> tuple[Quantity, Quantity]:
        """lhs and rhs on ``instance``; where a hypothesis is not met they need not be computable."""
        if all(hypothesis.met for hypothesis in hypotheses.values()):
            return self._computed(instance, risk)
        with np.errstate(all="ignore"):
            try:
                return self._computed(instance, risk)
            except (ArithmeticError, ValueError):
                return UNKNOWN, UNKNOWN

    def _computed(self, instance, risk: float) -> tuple[Quantity, Quantity]:
        lhs = measured(self.lhs(instance), lambda: self.roundoff(instance), risk)
        return lhs, measured(self.rhs(instance), lambda: 0.0, risk)

    def check_case(self, name: str, seed: int = 0) -> Check:
        """Check the case of this name.

        Raises:
            KeyError: no case of this name; the message lists those there are.
        """
        for case in self.cases:
            if case.name == name:
                return self._check(case, seed)
        raise KeyError(f"{self.id} has no case {name!r}; it has {[case.name for case in self.cases]}")

    def check_all(self, seed: int = 0) -> list[Check]:
        """Check every case."""
        return [self._check(case, seed) for case in self.cases]

    def mutate(self, mutant: Mutant) -> "Statement":
        """The wrong version of this statement that ``mutant`` describes."""

        def remaining(instance):
            return {name: room for name, room in self.hypotheses(instance).items() if name not in mutant.drops}

        return replace(
            self,
            title=f"{self.title}, wrong: {mutant.name}",
            lhs=mutant.lhs or self.lhs,
            rhs=mutant.rhs or self.rhs,
            hypotheses=remaining,
            assumes=tuple(assumption for assumption in self.assumes if assumption.name not in mutant.drops),
        )

    def check_mutant(self, mutant: Mutant, seed: int = 0) -> Check:
        """The verdict on the wrong version at its witness: ``violated`` is a kill.

        Raises:
            ValueError: it drops a hypothesis that the statement does not have there.
        """
        expected, instance = Verdict.HOLDS if mutant.survives else Verdict.VIOLATED, mutant.witness(seed)
        known = [*self.hypotheses(instance), *(assumption.name for assumption in self.assumes)] if mutant.drops else []
        if unknown := [name for name in mutant.drops if name not in known]:
            there = ", ".join(map(repr, known))
            raise ValueError(f"{self.id}, mutant {mutant.name!r} drops {unknown[0]!r}; its hypotheses are {there}")
        return self.mutate(mutant).check(instance, mutant.name, expected)

    def nearness(self, mutant: Mutant, seed: int = 0) -> float | None:
        """How near a wrong version is: its right side over the true one at its witness (or the true left side over its
        own), where it comes nearest; ``None`` where it differs by a hypothesis alone."""
        instance = mutant.witness(seed)
        if mutant.rhs is None and mutant.lhs is None:
            return None
        pairs = ((mutant.rhs, self.rhs),) if mutant.rhs else ((self.lhs, mutant.lhs),)
        (small, large), *_ = [[_floats(measured(side(instance), lambda: 0.0, RISK)) for side in pair] for pair in pairs]
        with np.errstate(all="ignore"):
            shares = small / large
        return float(np.max(shares, initial=0.0, where=np.isfinite(shares)))

    def check_mutants(self, seed: int = 0) -> list[Check]:
        """The verdict on every wrong version."""
        return [self.check_mutant(mutant, seed) for mutant in self.mutants]

    def _check(self, case: Case, seed: int) -> Check:
        comparisons = sum(other.sampled for other in self.cases)
        check = self.check(case.build(seed), case.name, case.expected, comparisons)
        return replace(check, predicted=case.predicted)

    def _hypothesis(self, name: str, room) -> Hypothesis:
        try:
            return Hypothesis.of(room)
        except TypeError as error:
            raise TypeError(f"{self.id}, hypothesis {name!r}: {error}") from None


def _outside_the_domain(lhs: Quantity, rhs: Quantity) -> dict[str, Hypothesis]:
    """What neither side may be if it is to decide anything; empty where both are numbers that can be compared."""
    finite = {"lhs": np.all(np.isfinite(_floats(lhs))), "rhs": np.all(np.isfinite(_floats(rhs)))}
    unmet = {f"{side} is finite": Hypothesis(float("-inf")) for side, fine in finite.items() if not fine}
    impossible = np.any((_floats(rhs) < 0) & (_floats(lhs) >= 0) & (np.asarray(rhs.upper, float) < 0))
    return unmet | ({"rhs ≥ 0": Hypothesis(float(np.min(_floats(rhs))))} if impossible else {})


def _floats(quantity: Quantity) -> np.ndarray:
    return np.asarray(quantity.value, dtype=float)
