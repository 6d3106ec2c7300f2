"""A tick that could not have been red is worth nothing: wrong versions of every statement are made, and die."""

import csv
import dataclasses
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import mamllib as ml
from mamllib.statements import power, template, wrong_versions
from mamllib.statements.question import Question
from mamllib.statements.witnesses import NEARLY_TIGHT, UNITS, witnesses

RECORDED = Path(__file__).parent / "mutants.csv"
TRUE = [s for s in ml.STATEMENTS if not any(case.expected == ml.Verdict.VIOLATED for case in s.cases)]
IDS = [statement.id for statement in TRUE]


@pytest.mark.parametrize("statement", TRUE, ids=IDS)
def test_what_is_made_dies_or_has_its_reason(statement, judged):
    versions = judged(statement).entry.made
    assert versions or reads_no_number(judged(statement).entry), "a gate that ran none is red"
    assert wrong_versions.unexplained(versions) == []


def reads_no_number(entry: ml.Entry) -> bool:
    """Whether the right side is 0, or a sample, so that every wrong version is made by hand."""
    return all(np.all(check.rhs.value == 0) or check.rhs.grade == ml.Grade.STATISTICAL for check in entry.checks)


@pytest.mark.parametrize("statement", TRUE, ids=IDS)
def test_no_reason_outlives_what_it_speaks_of(statement, judged):
    fates = {}
    for version in judged(statement).entry.made:
        for name in {version.name, version.symbol} & set(statement.spared):
            fates.setdefault(name, set()).add(version.fate)
    assert [name for name, found in fates.items() if found == {power.KILLED}] == []


def exact_and_tight():
    for statement in TRUE:
        for case in statement.cases:
            if case.predicted is not None and case.expected == ml.Verdict.HOLDS:
                yield pytest.param(statement, case, id=f"{statement.id}: {case.name}")


@pytest.mark.parametrize(("statement", "case"), list(exact_and_tight()))
def test_units_do_not_matter(statement, case):
    instance = case.build(0)
    if not isinstance(instance, Question):
        pytest.skip("not a question about losses f")
    here = statement.check(instance)
    for units in UNITS.values():
        there = statement.check(instance.rescaled(*units))
        assert there.verdict == here.verdict
        np.testing.assert_allclose(there.ratios, here.ratios, rtol=1e-12 * (here.grade != ml.Grade.EXACT))


def test_a_wrong_power_survives_where_every_constant_is_one():
    """The same statement and instance, in the only units in which it was tried before."""
    unit = dataclasses.replace(template.TEMPLATE, cases=(ml.case("L = 1", parabola_of_one),), mutants=())
    recorded = [w for w in witnesses(unit) if "in units" not in w.name]
    assert "L²" not in killed(power.made(unit, recorded))
    assert "L²" in killed(power.made(unit, witnesses(unit)))


def killed(versions) -> list[str]:
    return [version.name for version in versions if version.fate == power.KILLED]


def parabola_of_one():
    one = Fraction(1)
    return template.Rest.of(ml.TaskFamily.of([ml.Quadratic(one, 0 * one)]), 2 * one, 0 * one)


def test_without_its_tight_instance_the_halved_bound_survives():
    loose = dataclasses.replace(template.TEMPLATE, cases=(ml.case("far from tight", loose_parabola),), mutants=())
    fates = {version.name: version.fate for version in power.made(loose, witnesses(loose))}
    assert fates["L/2"] == power.SURVIVES
    assert {v.name: v.fate for v in power.made(template.TEMPLATE, witnesses(template.TEMPLATE))}["L/2"] == power.KILLED


def loose_parabola():
    rest = template.parabola()
    return dataclasses.replace(rest, constants=rest.constants._replace(L=Fraction(30)))


def test_a_larger_right_side_is_called_true():
    fates = {version.name: version for version in power.made(template.TEMPLATE, witnesses(template.TEMPLATE))}
    assert (fates["2L"].fate, fates["2L"].by) == (power.WEAKER, "A statement to copy")


def test_a_term_that_is_nowhere_seen_is_a_gap_and_one_that_is_seen_dies():
    theorem = ml.statement("theorem_4_11")
    fates = {version.name: version.fate for version in power.made(theorem, witnesses(only_first_term(theorem)))}
    assert fates["first_term dropped"] == power.KILLED
    assert fates["second_term dropped"] == power.SURVIVES


def only_first_term(theorem: ml.Statement) -> ml.Statement:
    """Theorem 4.11 with the one instance on which T₂ = 0."""
    return dataclasses.replace(theorem, cases=theorem.cases[:1], mutants=())


def test_a_reason_is_given_to_what_survives_alone():
    spared = {"L": "a reason"}
    loose = dataclasses.replace(template.TEMPLATE, cases=(ml.case("loose", loose_parabola),), mutants=(), spared=spared)
    reasons = {version.name: version.reason for version in power.made(loose, witnesses(loose))}
    assert (reasons["L/2"], reasons["2L"]) == ("a reason", "")


def test_copies_are_made_of_what_is_nearly_tight():
    found = witnesses(template.TEMPLATE)
    assert all(witness.ratio >= NEARLY_TIGHT for witness in found)
    assert sum("in units" in witness.name for witness in found) == len(UNITS)


def lines(statement: ml.Statement, nearness) -> list[tuple[str, str, str]]:
    """(id, wrong version, how near it is) of every wrong version on record."""
    found = zip(statement.mutants, nearness, strict=True)
    return [(statement.id, mutant.name, "" if near is None else f"{near:.2g}") for mutant, near in found]


def test_wrong_versions_written_down_are_there_and_as_near_as_they_were(judged):
    """A deleted one, and one whose right side was quietly cut to a tenth, are noticed; a new one need not be known.

    Where the change is meant: ``python -m tests.statements.test_power`` writes the file anew.
    """
    with open(RECORDED, encoding="utf-8", newline="") as file:
        recorded = {tuple(line) for line in csv.reader(file)}
    assert recorded - {line for s in ml.STATEMENTS for line in lines(s, judged(s).entry.nearness)} == set()
    assert recorded


if __name__ == "__main__":
    with open(RECORDED, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            line for s in ml.STATEMENTS for line in lines(s, map(s.nearness, s.mutants))
        )
