"""Every wrong version is caught at its witness, where the true statement is not violated."""

import pytest

import mamllib as ml

MUTANTS = [pytest.param(s, mutant, id=f"{s.title}: {mutant.name}") for s in ml.STATEMENTS for mutant in s.mutants]


@pytest.mark.parametrize(("statement", "mutant"), MUTANTS)
def test_the_wrong_version_is_caught_or_said_to_survive(mutant_check, statement, mutant):
    check = mutant_check(statement, mutant)
    if mutant.survives:
        assert check.verdict != ml.Verdict.VIOLATED, "it no longer survives: delete the reason"
    else:
        assert check.verdict == ml.Verdict.VIOLATED
    assert check.is_expected


@pytest.mark.parametrize(("statement", "mutant"), MUTANTS)
def test_the_true_statement_is_not_violated_there(true_check, statement, mutant):
    verdict = true_check(statement, mutant).verdict
    if mutant.drops:
        assert verdict == ml.Verdict.SILENT, "a deleted hypothesis is one that fails at the witness"
    else:
        assert verdict == ml.Verdict.HOLDS


@pytest.mark.parametrize(("statement", "mutant"), MUTANTS)
def test_a_mutant_only_drops_hypotheses_there_are(true_check, statement, mutant):
    assert set(mutant.drops) <= set(true_check(statement, mutant).margins)
