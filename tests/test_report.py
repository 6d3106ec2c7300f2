"""Checks as a table: for a terminal, a page and a machine; and the refusal to print what was not expected."""

import re

import pytest

import mamllib as ml
from mamllib.report import COLUMNS, VERDICTS_MIME
from tests.checking.claims import Toy, toy_statement

HOLDS = toy_statement().check(Toy(1.0, 4.0, 0.25), "one below four")
SILENT = toy_statement().check(Toy(5.0, 4.0, -0.5), "outside", expected=ml.Verdict.SILENT)
VIOLATED = toy_statement().check(Toy(5.0, 4.0), "five below four")


def test_the_table_has_a_column_for_everything_a_reader_asks():
    assert COLUMNS == ("instance", "verdict", "grade", "least hypothesis margin", "lhs", "rhs", "slack", "lhs/rhs")
    table = ml.report(HOLDS, SILENT)
    assert table.columns == COLUMNS
    assert table.rows[0] == ("one below four", "✓ holds", "float", "0.25 (room)", "1", "4", "3", "0.25")
    assert table.rows[1] == ("outside", "– silent", "float", "−0.5 (room)", "5", "4", "−1", "1.25")


def test_a_silent_row_may_have_sides_that_cannot_be_computed():
    nowhere = toy_statement().check(Toy(float("nan"), float("nan"), -0.5), "nowhere", expected=ml.Verdict.SILENT)
    assert ml.report(nowhere).rows[0][-1] == "–"


def test_lists_of_checks_are_flattened_in_order():
    assert [row[0] for row in ml.report([HOLDS, SILENT], HOLDS).rows] == ["one below four", "outside", "one below four"]


def test_an_unexpected_verdict_is_raised_and_names_statement_and_case():
    with pytest.raises(ml.UnexpectedVerdict, match="toys/toy, case 'five below four': violated, expected holds"):
        ml.report(HOLDS, VIOLATED)


def test_a_terminal_shows_an_aligned_grid():
    head, rule, *body = repr(ml.report(HOLDS, SILENT)).splitlines()
    starts = [match.start() for match in re.finditer(r"-+", rule)]
    assert len(starts) == len(COLUMNS)
    for line in (head, *body):
        assert all(line[start] != " " and (start == 0 or line[start - 1] == " ") for start in starts)


def test_the_bundle_has_text_a_page_and_the_verdicts_for_the_machine():
    bundle = ml.report(HOLDS, SILENT)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", VERDICTS_MIME}
    assert bundle[VERDICTS_MIME] == [
        {"statement": "toys/toy", "instance": "one below four", "verdict": "holds", "expected": "holds"},
        {"statement": "toys/toy", "instance": "outside", "verdict": "silent", "expected": "silent"},
    ]
    assert bundle["text/plain"] == repr(ml.report(HOLDS, SILENT))


def test_a_table_without_checks_claims_no_verdicts():
    assert VERDICTS_MIME not in ml.Table(("a",), [("1",)])._repr_mimebundle_()


def test_the_page_has_headers_for_columns_and_rows_and_escapes_text():
    page = ml.Table(("a", "b"), [("x < y", "<script>")]).to_html()
    assert page.count('<th scope="col">') == 2
    assert '<th scope="row">x &lt; y</th>' in page
    assert "<script>" not in page


def test_markdown_has_a_rule_under_its_head():
    lines = ml.Table(("a", "b"), [("1", "2")]).to_markdown().splitlines()
    assert lines == ["| a | b |", "| --- | --- |", "| 1 | 2 |"]


@pytest.mark.parametrize(("margin", "text"), [(1e-7, "0 (room)"), (0.0, "0 (room)"), (-1e-7, "−1·10⁻⁷ (room)")])
def test_room_that_round_off_could_move_is_shown_as_zero_but_a_failure_never_is(margin, text):
    check = toy_statement().check(Toy(1.0, 4.0, margin), expected=ml.Verdict.SILENT if margin < 0 else ml.Verdict.HOLDS)
    assert ml.report(check).rows[0][3] == text
