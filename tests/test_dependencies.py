"""The statements' declarations of what they rest on: every premise exists, and no proof uses itself."""

from dataclasses import replace

import pytest

import mamllib as ml
from mamllib import dependencies
from mamllib.dependencies import CircularProofError, UnknownPremiseError, declared, in_order, supports

STATEMENTS = {statement.id: statement for statement in ml.STATEMENTS}


def with_premises(name, *premises):
    """All statements, but the one of this name rests on these."""
    changed = replace(ml.statement(name), rests_on=premises)
    return declared([changed if statement.id == changed.id else statement for statement in ml.STATEMENTS])


def test_every_premise_exists_and_comes_before_what_it_supports():
    order = in_order(declared(ml.STATEMENTS))
    assert sorted(order) == sorted(STATEMENTS)
    place = {name: at for at, name in enumerate(order)}
    wrong = [(used, name) for name, s in STATEMENTS.items() for used in s.rests_on if place[used] >= place[name]]
    assert wrong == []


def test_a_premise_that_is_no_statement_is_named():
    with pytest.raises(UnknownPremiseError, match="theorem_4_12 rests on fallah2020/lemma_9_9, which is no statement"):
        in_order(with_premises("theorem_4_12", "fallah2020/lemma_9_9"))


def test_a_circle_is_told_in_full():
    with pytest.raises(CircularProofError) as told:
        in_order(with_premises("lemma_4_8", "fallah2020/descent"))
    named = str(told.value).removeprefix("a circle of proofs: ").split(" rests on ")
    assert named[0] == named[-1]
    assert set(named) == {"fallah2020/lemma_4_8", "fallah2020/descent"}


def test_a_statement_made_from_another_does_not_inherit_its_premises():
    # `replace(EQUATION_9, …)` would hand equation (9)'s premise, the halved statement, to the halved statement.
    with pytest.raises(CircularProofError):
        in_order(with_premises("equation_9_halved", *ml.statement("equation_9").rests_on))


def test_no_premise_is_named_twice_and_a_false_statement_has_none():
    assert [s.id for s in ml.STATEMENTS if len(set(s.rests_on)) < len(s.rests_on)] == []
    false = [s for s in ml.STATEMENTS if any(case.expected == ml.Verdict.VIOLATED for case in s.cases)]
    assert false
    assert [s.id for s in ml.STATEMENTS if s in false and s.rests_on] == []
    assert [s.id for s in ml.STATEMENTS for used in s.rests_on if STATEMENTS[used] in false] == []


def test_what_a_statement_supports_is_the_other_direction():
    graph = {"a": (), "b": ("a",), "c": ("a", "b")}
    assert supports(graph) == {"a": ["b", "c"], "b": ["c"], "c": []}
    assert dependencies.in_order(graph) == ["a", "b", "c"]


def test_the_theorem_rests_on_what_its_proof_names():
    assert set(ml.statement("theorem_4_12").rests_on) == {
        "fallah2020/descent",
        "fallah2020/lemma_4_9_first_moment",
        "fallah2020/lemma_4_9_second_moment_lowered",
        "fallah2020/lemma_4_10_bias",
        "fallah2020/auxiliary_inequality_l2",
    }
