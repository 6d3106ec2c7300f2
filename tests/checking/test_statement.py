"""Cases, mutants and the sharing of risk: what a statement does with its parts."""

from fractions import Fraction as Q

import numpy as np
import pytest

import mamllib as ml
from mamllib.checking.terms import total
from tests.checking.claims import Toy, toy_statement

TRUE = ml.Case("true", lambda seed: Toy(1.0, 2.0))
FALSE = ml.Case("false", lambda seed: Toy(3.0, 2.0), ml.Verdict.VIOLATED)
SEEDED = ml.Case("seeded", lambda seed: Toy(float(seed), 2.0))


def test_cases_are_found_by_name_and_built_from_the_seed():
    statement = toy_statement(cases=(TRUE, SEEDED))
    assert statement.check_case("seeded", seed=1).left == 1.0
    assert statement.check_case("seeded", seed=7).verdict == ml.Verdict.VIOLATED


def test_all_cases_are_checked_in_order():
    checks = toy_statement(cases=(TRUE, FALSE)).check_all()
    assert [(check.case, str(check.verdict)) for check in checks] == [("true", "holds"), ("false", "violated")]
    assert all(check.is_expected for check in checks)


def test_a_case_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(KeyError, match=r"toys/toy has no case 'truth'; it has \['true', 'false'\]"):
        toy_statement(cases=(TRUE, FALSE)).check_case("truth")


def test_a_mutant_replaces_a_side():
    mutant = ml.Mutant("rhs halved", TRUE.build, rhs=lambda toy: toy.rhs / 4)
    check = toy_statement().check_mutant(mutant)
    assert (check.verdict, check.right, check.left) == (ml.Verdict.VIOLATED, 0.5, 1.0)
    assert check.is_expected
    mutant = ml.Mutant("lhs doubled", TRUE.build, lhs=lambda toy: 4 * toy.lhs)
    assert toy_statement().check_mutant(mutant).left == 4.0


def test_a_mutant_deletes_a_hypothesis():
    def outside(seed):
        return Toy(3.0, 2.0, -1.0)

    assert toy_statement().check(outside(0)).verdict == ml.Verdict.SILENT
    assert toy_statement().check_mutant(ml.Mutant("anywhere", outside, drops=("room",))).verdict == ml.Verdict.VIOLATED


def test_a_mutant_that_survives_is_recorded_as_such():
    survivor = ml.Mutant("harmless", TRUE.build, rhs=lambda toy: toy.rhs / 2, survives="the bound is loose")
    check = toy_statement().check_mutant(survivor)
    assert check.verdict == check.expected == ml.Verdict.HOLDS
    caught = ml.Mutant("not caught, and nobody said so", TRUE.build, rhs=lambda toy: toy.rhs / 2)
    assert not toy_statement().check_mutant(caught).is_expected


def test_the_risk_is_shared_over_all_sampled_comparisons_of_a_statement():
    blocks = np.random.default_rng(0).normal(size=(64, 1)) / 8

    def width(*cases):
        statement = toy_statement(cases=cases)
        lhs = statement.check_case("sampled").lhs
        return float(lhs.upper)

    sampled = ml.Case("sampled", lambda seed: Toy(ml.NormOfMean(blocks), 2.0), sampled=1)
    others = ml.Case("others", TRUE.build, sampled=9)
    assert width(sampled, others) > width(sampled)
    alone = toy_statement().check(Toy(ml.NormOfMean(blocks), 2.0), comparisons=10)
    assert width(sampled, others) == float(alone.lhs.upper)
    assert alone.grade == ml.Grade.STATISTICAL


@pytest.mark.parametrize(
    ("lhs", "rhs", "said"),
    [
        (1.0, np.inf, "rhs is finite"),
        (1.0, np.nan, "rhs is finite"),
        (np.nan, 1.0, "lhs is finite"),
        (np.inf, 1.0, "lhs is finite"),
        (1.0, -0.5, "rhs ≥ 0"),
        (np.array([0.1, np.nan]), 1.0, "lhs is finite"),
    ],
)
def test_a_side_outside_its_domain_decides_nothing_and_is_named(lhs, rhs, said):
    check = toy_statement().check(Toy(lhs, rhs))
    assert check.verdict == ml.Verdict.SILENT
    assert check.smallest_margin[0] == said


def test_where_a_hypothesis_fails_the_sides_need_not_be_computable():
    def impossible(toy):
        raise ZeroDivisionError

    assert toy_statement(rhs=impossible).check(Toy(1.0, 2.0, -1.0)).verdict == ml.Verdict.SILENT
    with pytest.raises(ZeroDivisionError):
        toy_statement(rhs=impossible).check(Toy(1.0, 2.0, 1.0))


def test_the_hypothesis_that_is_not_met_is_named_even_if_another_has_less_room():
    rooms = {"not a number": float("nan"), "wide": 0.5, "strict": ml.Hypothesis(0.0, strict=True), "met": 0.0}
    assert toy_statement(hypotheses=lambda toy: rooms).check(Toy(1.0, 2.0)).smallest_margin[0] == "not a number"
    del rooms["not a number"]
    assert toy_statement(hypotheses=lambda toy: rooms).check(Toy(1.0, 2.0)).smallest_margin[0] == "strict"


def seeded_toy(seed: int, rhs: float) -> Toy:
    return Toy(float(seed), rhs)


def test_an_instance_is_built_once_for_all_that_ask_for_it():
    first, second = ml.case("one", seeded_toy, 2.0), ml.mutant("wrong", seeded_toy, 2.0, drops="room")
    assert first.build(3) is second.witness(3)
    assert first.build(3) is not first.build(4)
    assert (first.build(3).lhs, second.drops) == (3.0, ("room",))


def test_a_variant_takes_over_sides_and_hypotheses_and_nothing_unseen():
    statement = toy_statement(cases=(TRUE,), mutants=(ml.Mutant("x", TRUE.build),), rests_on=("toys/other",))
    named = dict(id="toys/half", title="Half", source=statement.source, claim="", cases=(), mutants=(), rests_on=())
    variant = statement.variant(**named, rhs=lambda toy: toy.rhs / 4)
    assert (variant.cases, variant.mutants, variant.rests_on, variant.adversaries) == ((), (), (), ())
    assert variant.lhs is statement.lhs
    assert variant.check(Toy(1.0, 2.0)).verdict == ml.Verdict.VIOLATED


def test_where_nothing_is_said_the_seed_is_0_and_the_comparison_is_the_only_one():
    statement = toy_statement(cases=(SEEDED,))
    assert statement.check_case("seeded").left == statement.check_all()[0].left == 0.0
    sampled = Toy(ml.Mean(np.arange(8.0)), 9.0)
    alone, one = statement.check(sampled), statement.check(sampled, comparisons=1)
    assert alone.lhs.upper == one.lhs.upper < statement.check(sampled, comparisons=2).lhs.upper
    assert (alone.case, alone.expected) == ("given", ml.Verdict.HOLDS)


def test_another_type_of_instance_is_refused_by_name():
    with pytest.raises(TypeError, match="toys/toy takes a Toy, not a float"):
        toy_statement().check(1.0)


def test_a_mutant_is_named_and_made_from_the_seed():
    wrong = ml.mutant("halved", seeded_toy, 2.0, rhs=lambda toy: toy.rhs / 2)
    check = toy_statement().check_mutant(wrong, seed=5)
    assert (wrong.name, check.case, check.title) == ("halved", "halved", "Toy, wrong: halved")
    assert check.left == 5.0
    assert toy_statement().check_mutant(wrong).left == 0.0


def test_a_sampled_side_is_measured_where_a_hypothesis_fails():
    check = toy_statement().check(Toy(ml.Mean(np.arange(8.0)), 9.0, -1.0))
    assert check.verdict == ml.Verdict.SILENT
    assert check.left < check.lhs.upper < np.inf


def test_the_nearness_of_a_wrong_version_is_the_quotient_of_its_side_and_the_true_one():
    statement = toy_statement()

    def nearness(**sides):
        return statement.nearness(ml.Mutant("wrong", lambda seed: Toy(float(seed + 1), 4.0), **sides))

    assert nearness(rhs=lambda toy: toy.rhs / 4) == 0.25
    assert nearness(lhs=lambda toy: 5 * toy.lhs) == 0.2
    assert nearness(drops=("room",)) is None
    halved = ml.Mutant("", lambda seed: Toy(1.0, 4.0 + seed), rhs=lambda toy: 2.0)
    assert (statement.nearness(halved), statement.nearness(halved, seed=4)) == (0.5, 0.25)


def test_a_sum_is_that_of_its_terms():
    assert total(lambda toy: toy.lhs, lambda toy: toy.rhs, lambda toy: 1)(Toy(2, 3)) == 6


class Assumed:
    name = "assumed"

    def hypothesis(self, toy):
        return ml.Hypothesis(-1.0)


def test_a_mutant_deletes_an_assumption():
    statement = toy_statement(assumes=(Assumed(),))
    assert statement.check(Toy(3.0, 2.0)).smallest_margin == ("assumed", -1.0)
    wrong = ml.mutant("anywhere", Toy, 3.0, 2.0, drops="assumed")
    assert statement.check_mutant(wrong).verdict == ml.Verdict.VIOLATED


def test_what_is_on_record_holds_what_was_given():
    def left(toy):
        return toy.lhs

    wrong = ml.mutant("wrong", seeded_toy, 2.0, lhs=left, rhs=abs, survives="why")
    assert (wrong.lhs, wrong.rhs, wrong.drops, wrong.survives) == (left, abs, (), "why")
    plain = ml.case("plain", seeded_toy, 2.0)
    assert (plain.expected, plain.predicted, plain.sampled) == (ml.Verdict.HOLDS, None, 0)


@pytest.mark.parametrize("room", [True, False, np.True_])
def test_a_boolean_is_no_margin(room):
    with pytest.raises(TypeError, match=r"toys/toy, hypothesis 'room': a margin is (True|False): give holds_if"):
        toy_statement().check(Toy(1.0, 2.0, room))


def test_a_mutant_that_drops_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"mutant 'm' drops 'roam'; its hypotheses are 'room'"):
        toy_statement().check_mutant(ml.Mutant("m", TRUE.build, drops=("roam",)))


def test_an_error_budget_is_not_negative():
    with pytest.raises(ValueError, match="the error budget of a side is -1; roundoff is a bound ≥ 0"):
        toy_statement(error=-1.0).check(Toy(1.0, 2.0))
    assert np.isnan(toy_statement(error=-1.0).check(Toy(1.0, 2.0, -1)).left)  # silent, so the sides do not matter


def test_names_are_given_once():
    with pytest.raises(ValueError, match="toys/toy has two cases called 'true'"):
        toy_statement(cases=(TRUE, TRUE))
    with pytest.raises(ValueError, match="more than one statement is called toys/toy"):
        ml.verify(among=(toy_statement(), toy_statement()))


def test_a_ratio_that_is_not_the_one_predicted_is_unexpected():
    half, third = (ml.case("half", Toy, 1.0, 2.0, predicted=ratio) for ratio in (0.5, 1 / 3))
    assert toy_statement(cases=(half,)).check_all()[0].is_expected
    (check,) = toy_statement(cases=(third,)).check_all()
    with pytest.raises(ml.UnexpectedVerdict, match=r"case 'half': lhs/rhs is 0\.5, predicted 0\.333333"):
        check.require_expected()


def test_in_fractions_a_ratio_is_the_one_predicted_exactly():
    near = ml.case("near", Toy, Q(1), Q(2), Q(1), predicted=Q(1001, 2001))
    (check,) = toy_statement(cases=(near,), error=0).check_all()
    assert check.grade == ml.Grade.EXACT
    assert not check.is_expected
