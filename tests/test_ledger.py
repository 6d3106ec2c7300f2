"""The ledger: one row a statement, with worst verdict, tightest instance and mutants; one row a numbered item."""

import json

import numpy as np
import pytest

import mamllib as ml
from mamllib import ledger
from mamllib.statements.fallah2020.items import Item
from tests.checking.claims import Toy, toy_statement

LOOSE = ml.Case("loose", lambda seed: Toy(1.0, 4.0, 0.5))
TIGHT = ml.Case("tight", lambda seed: Toy(3.0, 4.0, 0.25))
SILENT = ml.Case("silent", lambda seed: Toy(9.0, 4.0, -1.0), ml.Verdict.SILENT)
FALSE = ml.Case("false", lambda seed: Toy(5.0, 4.0), ml.Verdict.VIOLATED)
UNCLEAR = ml.Case("unclear", lambda seed: Toy(4.0 + 1e-3, 4.0), ml.Verdict.UNDECIDED)
CAUGHT = ml.Mutant("halved", TIGHT.build, rhs=lambda toy: toy.rhs / 2)
SURVIVES = ml.Mutant("harmless", LOOSE.build, rhs=lambda toy: toy.rhs / 2, survives="loose there")


def entry(*cases, mutants=(CAUGHT, SURVIVES), error=0.0):
    toy = toy_statement(error=error, cases=cases, mutants=mutants)
    return ml.verify(among=(toy,))[0]


def test_a_row_has_a_cell_for_every_column():
    cells = dict(zip(ledger.COLUMNS, entry(LOOSE, TIGHT, SILENT).cells(), strict=True))
    assert cells == {
        "statement": "Toy",
        "source": "derived here",
        "verdict": "✓ holds",
        "evidence": "not violated on 2, silent on 1",
        "least hypothesis margin": "0.25 (room)",
        "lhs": "3",
        "rhs": "4",
        "slack": "1",
        "largest lhs/rhs": "0.75",
        "at": "tight",
        "mutants caught": "1 of 2",
    }


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        ((LOOSE, SILENT), "holds"),
        ((SILENT,), "silent"),
        ((LOOSE, FALSE), "violated"),
        ((FALSE, UNCLEAR), "violated"),
        ((LOOSE, UNCLEAR), "undecided"),
    ],
)
def test_the_worst_verdict_counts_and_silence_does_not(cases, verdict):
    assert entry(*cases, error=1e-2).verdict == verdict


def test_a_silent_instance_is_never_the_tightest():
    assert entry(TIGHT, SILENT).tightest.case == "tight"
    assert entry(SILENT).tightest.case == "silent"


def test_only_exact_evidence_is_called_verified():
    exact = ml.Case("exact", lambda seed: Toy(*(ml.tasks.Constants(1, 2, 0, 0))[:2]))
    from_fractions = ml.Case("fractions", lambda seed: Toy(np.array([1], dtype=object), np.array([2], dtype=object)))
    assert entry(exact).evidence == "not violated on 1"
    assert entry(from_fractions, LOOSE).evidence == "verified on 1, not violated on 1"


def test_unexpected_verdicts_of_cases_and_mutants_are_collected():
    wrong_case = ml.Case("wrong", FALSE.build)
    wrong_mutant = ml.Mutant("not caught", LOOSE.build, rhs=lambda toy: toy.rhs / 2)
    found = entry(LOOSE, wrong_case, mutants=(CAUGHT, wrong_mutant)).unexpected
    assert [check.case for check in found] == ["wrong", "not caught"]
    assert entry(LOOSE, FALSE, SILENT).unexpected == []


def test_a_record_is_plain_json_and_has_every_check():
    record = json.loads(json.dumps(entry(LOOSE, TIGHT, SILENT).record()))
    assert record["id"] == "toys/toy"
    assert tuple(record["shown"].values()) == entry(LOOSE, TIGHT, SILENT).cells()
    assert (record["verdict"], record["grades"], record["at"]) == ("holds", {"float": 2}, "tight")
    assert [record[name] for name in ("lhs", "rhs", "slack", "largest lhs/rhs")] == [3.0, 4.0, 1.0, 0.75]
    assert (record["least hypothesis margin"], record["least hypothesis"]) == (0.25, "room")
    assert (record["mutants caught"], record["mutants tried"]) == (1, 2)
    assert [check["instance"] for check in record["checks"]] == ["loose", "tight", "silent"]
    assert record["checks"][1] == {
        "statement": "toys/toy",
        "instance": "tight",
        "verdict": "holds",
        "expected": "holds",
        "grade": "float",
        "points": 1,
        "margins": {"room": 0.25},
        "origins": {"room": "compared"},
        "lhs": 3.0,
        "rhs": 4.0,
        "slack": 1.0,
        "error": 0.0,
        "ratio": 0.75,
        "shown": {
            "instance": "tight",
            "verdict": "✓ holds",
            "grade": "float",
            "least hypothesis margin": "0.25 (room)",
            "lhs": "3",
            "rhs": "4",
            "slack": "1",
            "lhs/rhs": "0.75",
        },
    }
    assert [(mutant["verdict"], mutant["survives"]) for mutant in record["mutants"]] == [
        ("violated", ""),
        ("holds", "loose there"),
    ]


def test_a_record_says_where_the_statement_comes_from_and_what_it_rests_on():
    toy = toy_statement(cases=(LOOSE,), rests_on=("toys/other",))
    record = ml.verify(among=(toy,))[0].record()
    assert {name: record[name] for name in ("paper", "item", "rests on", "file")} == {
        "paper": "toys",
        "item": "Toy",
        "rests on": ["toys/other"],
        "file": "",
    }


def test_grades_are_counted_where_the_statement_speaks():
    exact = ml.Case("fractions", lambda seed: Toy(np.array([1], dtype=object), np.array([2], dtype=object)))
    assert entry(LOOSE, exact, TIGHT, SILENT).grades == {"exact": 1, "float": 2}
    assert entry(SILENT).grades == {}


def test_what_json_has_no_number_for_is_text():
    endless = ml.Case("endless", lambda seed: Toy(1.0, 0.0, float("-inf")), ml.Verdict.SILENT)
    unknown = ml.Case("unknown", lambda seed: Toy(1.0, 4.0, float("nan")), ml.Verdict.SILENT)
    checks = entry(endless, unknown).record()["checks"]
    assert [check["margins"]["room"] for check in checks] == ["-Infinity", "NaN"]
    assert checks[0]["ratio"] == "Infinity"
    json.dumps(checks, allow_nan=False)


def test_the_table_of_records_is_the_table_of_entries():
    entries = [entry(LOOSE), entry(TIGHT)]
    recorded = json.loads(json.dumps(ledger.records(entries)))
    assert repr(ledger.statements_table(recorded)) == repr(ml.table(entries))
    assert ml.table(entries).columns == ledger.COLUMNS
    assert len(ml.table(entries).verdicts) == 2


ITEMS = (
    Item("Lemma 1", "lemma", "a claim", ("toys/toy", "toys/other")),
    Item("Assumption 2", "assumption", "some room", ("room", "not measured")),
    Item("Figure 3", "figure", "a sketch", ("book/toys/01_toy", "mamllib.maml")),
)


@pytest.fixture
def toys(monkeypatch):
    """A paper of three numbered items, and nothing else."""
    monkeypatch.setattr(ledger, "ITEMS", {"toys": ITEMS})


def test_an_item_shows_the_verdicts_of_its_statements_or_where_it_is_found(toys):
    recorded = json.loads(json.dumps(ledger.records([entry(LOOSE, FALSE)])))
    assert ledger.items_table(recorded).columns == ledger.ITEM_COLUMNS
    assert ledger.items_table(recorded).rows == [
        ("Lemma 1", "lemma", "a claim", "toy ✗ violated; other not checked"),
        (
            "Assumption 2",
            "assumption",
            "some room",
            "“room”, measured by 1 statement; “not measured”, measured by 0 statements",
        ),
        ("Figure 3", "figure", "a sketch", "chapter 01_toy; mamllib.maml"),
    ]
    assert [record["where"] for record in recorded["items"]] == [list(item.where) for item in ITEMS]


def test_statements_are_counted_that_measure_a_hypothesis(toys):
    recorded = ledger.records([entry(LOOSE), entry(TIGHT, SILENT)])
    assert ledger.items_table(recorded).rows[1][3].startswith("“room”, measured by 2 statements;")


@pytest.mark.parametrize(
    ("asked", "count"), [((), 3), (("toys",), 3), (("other", "toys"), 3), (("toy",), 0), (("toys/toy",), 0)]
)
def test_items_are_listed_where_a_whole_paper_is_asked(toys, asked, count):
    assert len(ledger.records([entry(LOOSE)], asked)["items"]) == count


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("fallah2020/lemma_4_8",), {"fallah2020/lemma_4_8", "fallah2020/lemma_4_8_any_alpha"}),
        (("theorem_4_11_p",), {"fallah2020/theorem_4_11_pythagorean"}),
        (("equation_9_halved", "equation_9_h"), {"fallah2020/equation_9_halved"}),
        ((), {statement.id for statement in ml.STATEMENTS}),
        (("fallah2020",), {statement.id for statement in [s for s in ml.STATEMENTS if s.id.startswith("fallah2020/")]}),
        (("wang2020",), {statement.id for statement in [s for s in ml.STATEMENTS if s.id.startswith("wang2020/")]}),
    ],
)
def test_statements_are_found_by_id_last_part_beginning_or_paper(names, found):
    chosen = [statement.id for statement in ml.find(names)]
    assert set(chosen) == found
    assert len(chosen) == len(found)


def test_one_statement_is_found_by_its_exact_name_alone():
    assert ml.statement("lemma_4_8") is ml.statement("fallah2020/lemma_4_8") is ml.statement("lemma_4_8")
    with pytest.raises(ml.UnknownStatementError):
        ml.statement("lemma_4")


def test_verify_passes_the_seed_and_wraps_its_list():
    seeded = toy_statement(cases=(ml.Case("seeded", lambda seed: Toy(float(seed), 4.0)),), mutants=())
    seen = []

    def progress(statements):
        seen.extend(statement.id for statement in statements)
        return statements

    entries = ml.verify("toy", seed=3, among=(seeded,), progress=progress)
    assert seen == ["toys/toy"]
    assert entries[0].checks[0].left == 3.0
