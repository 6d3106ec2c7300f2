"""A numbered statement as an object that can come out false."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mamllib.checking.check import Check
from mamllib.checking.quantity import measured
from mamllib.checking.statistics import risk_per_comparison
from mamllib.checking.verdict import Verdict, judge


@dataclass(frozen=True)
class Source:
    """Where a claim comes from: a bibliography key, the item, and V (verbatim), N (published notes) or D (derived)."""

    key: str
    item: str
    tag: str


@dataclass(frozen=True)
class Case:
    """A named instance of a statement, built from a seed, with the verdict on record.

    ``predicted`` is the ratio lhs/rhs where it is known in closed form; ``sampled`` counts the comparisons that rest
    on random samples (0 where both sides are computed).
    """

    name: str
    build: Callable[[int], Any]
    expected: Verdict = Verdict.HOLDS
    predicted: Any = None
    sampled: int = 0


@dataclass(frozen=True)
class Mutant:
    """A wrong version of a statement and the witness on which it is caught.

    What is given of ``lhs``, ``rhs`` replaces the statement's own; the hypotheses named in ``drops`` are deleted. A
    mutant that is not caught is a finding, and ``survives`` gives the reason.
    """

    name: str
    witness: Callable[[int], Any]
    lhs: Callable | None = None
    rhs: Callable | None = None
    drops: tuple[str, ...] = ()
    survives: str = ""


@dataclass(frozen=True)
class Adversary:
    """A family of instances to search for the largest lhs/rhs: ``build`` maps parameters (k,) in ``bounds`` (k, 2).

    ``known`` is the largest ratio known in closed form over these bounds.
    """

    name: str
    build: Callable[[Any], Any]
    bounds: tuple[tuple[float, float], ...]
    known: Any


@dataclass(frozen=True)
class Statement:
    """lhs ≤ rhs under hypotheses, for every instance.

    Args:
        id: ``paper/item``, unique.
        title: as a reader would call it.
        source: where it comes from.
        claim: the claim in LaTeX.
        takes: the type of its instances.
        hypotheses: instance → {name: margin}; a negative margin makes the statement silent.
        lhs, rhs: instance → a number, an array over points, or a sample (``NormOfMean``, ``Mean``).
        roundoff: instance → bound on the absolute float64 error of rhs − lhs.
        cases, mutants, adversaries: its instances, its wrong versions, its searches.
        rests_on: ids of the statements that its proof uses, each named once and none through another; empty where the
            proof stands alone, and where there is none because the statement is false.
    """

    id: str
    title: str
    source: Source
    claim: str
    takes: type
    hypotheses: Callable[[Any], Mapping[str, Any]]
    lhs: Callable[[Any], Any]
    rhs: Callable[[Any], Any]
    roundoff: Callable[[Any], Any]
    cases: tuple[Case, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    adversaries: tuple[Adversary, ...] = field(default=())
    rests_on: tuple[str, ...] = ()

    def check(self, instance, name: str = "given", expected: Verdict = Verdict.HOLDS, comparisons: int = 1) -> Check:
        """Measure hypotheses and both sides on ``instance`` and judge.

        Args:
            instance: what the statement's hypotheses and sides take.
            name: what to call the instance in a table.
            expected: the verdict on record; ``mamllib.report`` raises where the two differ.
            comparisons: over how many sampled comparisons the 0.1 % risk of a false verdict is shared.

        Raises:
            TypeError: ``instance`` is not of the type that the statement takes.
        """
        if not isinstance(instance, self.takes):
            raise TypeError(f"{self.id} takes a {self.takes.__name__}, not a {type(instance).__name__}")
        margins = dict(self.hypotheses(instance))
        risk = risk_per_comparison(comparisons)
        lhs = measured(self.lhs(instance), lambda: self.roundoff(instance), risk)
        rhs = measured(self.rhs(instance), lambda: 0.0, risk)
        return Check(self.id, self.title, name, judge(lhs, rhs, margins), expected, margins, lhs, rhs)

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
        )

    def check_mutant(self, mutant: Mutant, seed: int = 0) -> Check:
        """The verdict on the wrong version at its witness: ``violated`` is a kill."""
        expected = Verdict.HOLDS if mutant.survives else Verdict.VIOLATED
        return self.mutate(mutant).check(mutant.witness(seed), mutant.name, expected)

    def check_mutants(self, seed: int = 0) -> list[Check]:
        """The verdict on every wrong version."""
        return [self.check_mutant(mutant, seed) for mutant in self.mutants]

    def _check(self, case: Case, seed: int) -> Check:
        comparisons = sum(other.sampled for other in self.cases)
        return self.check(case.build(seed), case.name, case.expected, comparisons)
