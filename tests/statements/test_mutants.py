"""Every wrong version is caught at its witness, where the true statement is not violated."""

import pytest

import mamllib as ml

MUTANTS = [pytest.param(s, mutant, id=f"{s.title}: {mutant.name}") for s in ml.STATEMENTS for mutant in s.mutants]


@pytest.fixture
def truth(once):
    """(statement, mutant) → the check of the true statement at the witness of its wrong version."""

    def check(statement, mutant):
        return once(f"{statement.id}, true at {mutant.name}", lambda: statement.check(mutant.witness(0)))

    return check


@pytest.mark.parametrize(("statement", "mutant"), MUTANTS)
def test_the_wrong_version_is_caught_or_said_to_survive(mutant_check, statement, mutant):
    check = mutant_check(statement, mutant)
    if mutant.survives:
        assert check.verdict != ml.Verdict.VIOLATED, "it no longer survives: delete the reason"
    else:
        assert check.verdict == ml.Verdict.VIOLATED
    assert check.is_expected


@pytest.mark.parametrize(("statement", "mutant"), MUTANTS)
def test_the_true_statement_is_not_violated_there(truth, statement, mutant):
    verdict = truth(statement, mutant).verdict
    if mutant.drops:
        assert verdict == ml.Verdict.SILENT, "a deleted hypothesis is one that fails at the witness"
    else:
        assert verdict == ml.Verdict.HOLDS


@pytest.mark.parametrize(("statement", "mutant"), MUTANTS)
def test_a_mutant_only_drops_hypotheses_there_are(truth, statement, mutant):
    assert set(mutant.drops) <= set(truth(statement, mutant).margins)
