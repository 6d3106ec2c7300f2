"""Records of toy statements, as `mamllib verify --json` prints them, for the pages that are made from records."""

import json

import numpy as np

import mamllib as ml
from book._tools.whereabouts import Section, Whereabouts
from mamllib import ledger
from tests.checking.claims import Toy, toy_statement

HOLDS = ml.Case("tight", lambda seed: Toy(3.0, 4.0, 0.25))
LOOSE = ml.Case("loose", lambda seed: Toy(1.0, 4.0, 0.5))
EXACT = ml.Case("fractions", lambda seed: Toy(np.array([1], dtype=object), np.array([2], dtype=object)))
SILENT = ml.Case("silent", lambda seed: Toy(9.0, 4.0, float("-inf")), ml.Verdict.SILENT)
FALSE = ml.Case("false", lambda seed: Toy(5.0, 4.0), ml.Verdict.VIOLATED)
CAUGHT = ml.Mutant("halved", HOLDS.build, rhs=lambda toy: toy.rhs / 2)
SURVIVES = ml.Mutant("harmless", LOOSE.build, rhs=lambda toy: toy.rhs / 2, survives="loose there")


def toy(name: str, *cases: ml.Case, rests_on: tuple[str, ...] = (), mutants=(CAUGHT, SURVIVES)) -> ml.Statement:
    """A toy statement of this id."""
    title = f"Toy {name.split('/')[-1]}"
    return toy_statement(id=name, title=title, cases=cases, mutants=mutants, rests_on=rests_on)


def recorded(*toys: ml.Statement, power: bool = False) -> dict:
    """Their records."""
    return json.loads(json.dumps(ledger.records(ml.verify(among=toys, power=power), ("no paper as a whole",))))


TOYS = (
    toy("toys/lemma", HOLDS, LOOSE, EXACT, SILENT),
    toy("toys/theorem", LOOSE, rests_on=("toys/lemma",), mutants=(CAUGHT,)),
    toy("toys/false_one", FALSE, SILENT),
    toy("games/lemma", LOOSE, rests_on=("toys/theorem",)),
)
FOUND = Whereabouts(
    sections={"toys/lemma": Section("A chapter", "toys/01_chapter.html#what-was-checked")},
    figures={"toys/lemma": ["a-figure", "another-figure"]},
    papers={"toys": "Toys et al. 2020"},
    repository=None,
)
