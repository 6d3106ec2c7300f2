"""All cases of all statements: the verdict on record, the predicted ratio, the grade; and the ledger's ids."""

import numpy as np
import pytest

import mamllib as ml

CASES = [pytest.param(s.id, case, id=f"{s.title}: {case.name}") for s in ml.STATEMENTS for case in s.cases]
PREDICTED = [param for param in CASES if param.values[1].predicted is not None]


@pytest.mark.parametrize(("statement", "case"), CASES)
def test_the_verdict_is_the_one_on_record(case_check, statement, case):
    check = case_check(statement, case.name)
    check.require_expected()
    assert (check.smallest_margin[1] < 0) == (case.expected == ml.Verdict.SILENT)


@pytest.mark.parametrize(("statement", "case"), PREDICTED)
def test_the_ratio_is_the_one_predicted(case_check, statement, case):
    check = case_check(statement, case.name)
    assert check.predicted == case.predicted
    assert check.is_as_predicted


@pytest.mark.parametrize(("statement", "case"), CASES)
def test_where_a_statement_speaks_no_ratio_passes_one(case_check, statement, case):
    check = case_check(statement, case.name)
    if check.verdict == ml.Verdict.HOLDS:
        assert np.all(np.asarray(check.lhs.upper <= check.rhs.lower, dtype=bool))
        assert check.ratio <= 1


# σ = 0 makes both sides of the corollary 0; those of Wang et al. on supervised learning hold logarithms, infima that a
# solver finds, or means over Gaussian weights; the runs of Ji et al. are loops; accuracies are measured.
RUNS = {f"ji2022/{name}" for name in ("convergence", "exact_descent", "finite_sum")}
ON_POLICIES = {"meta_policy_gradient", "performance_difference", "policy_gap", "policy_gap_uncentred"}
SUPERVISED = {s.id for s in ml.STATEMENTS if s.id.startswith("wang2020/") and s.id.split("/")[1] not in ON_POLICIES}
NEVER_EXACT = RUNS | SUPERVISED | {"fallah2020/corollary_4_16", "collins2022/few_shot"}


@pytest.mark.parametrize("statement", [s.id for s in ml.STATEMENTS if s.id not in NEVER_EXACT])
def test_every_statement_has_an_instance_in_exact_arithmetic(case_check, statement):
    cases = ml.statement(statement).cases
    held = [case for case in cases if case.expected == ml.Verdict.HOLDS and not case.sampled]
    assert any(case_check(statement, case.name).grade == ml.Grade.EXACT for case in held)


@pytest.mark.parametrize("statement", ["lemma_4_8", "lemma_4_10_bias", "lemma_4_10_second_moment", "theorem_4_11"])
def test_the_printed_statements_are_tried_outside_their_hypotheses(statement):
    assert ml.Verdict.SILENT in {case.expected for case in ml.statement(statement).cases}


@pytest.mark.parametrize(
    "statement",
    ["equation_9", "lemma_4_8", "lemma_4_10_bias", "theorem_4_11", "two_layer_gap", "two_layer_gap_at_start"],
)
def test_what_can_be_asked_of_real_data_is(statement):
    assert any("digit" in case.name for case in ml.statement(statement).cases)


@pytest.mark.parametrize("statement", ml.STATEMENTS, ids=[s.id for s in ml.STATEMENTS])
def test_cases_sampled_are_those_graded_statistical(case_check, statement):
    for case in statement.cases:
        graded = case_check(statement.id, case.name).grade == ml.Grade.STATISTICAL
        assert graded == (case.sampled > 0)


@pytest.mark.parametrize("statement", ml.STATEMENTS, ids=[s.id for s in ml.STATEMENTS])
def test_names_are_unique_and_provenance_is_given(statement):
    for names in ([c.name for c in statement.cases], [m.name for m in statement.mutants]):
        assert len(set(names)) == len(names)
    assert statement.mutants
    assert statement.claim.isprintable(), "a control character is a backslash lost on the way"
    assert statement.source.tag in "VND"
    assert statement.source.key == statement.id.split("/")[0]


def test_ids_are_unique():
    assert len({s.id for s in ml.STATEMENTS}) == len(ml.STATEMENTS)
