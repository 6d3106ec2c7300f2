"""``mamllib verify`` and ``mamllib cite``: exit statuses, tables, records, entries; silence where nobody watches."""

import functools
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import mamllib as ml
from book._tools import ledger as page
from book._tools import whereabouts
from mamllib import citing, cli, ledger
from mamllib.records import outcome, schema
from mamllib.statements.fallah2020.items import ITEMS

ROOT = Path(__file__).parent.parent

HALVED = replace(ml.statement("equation_9_halved"), cases=ml.statement("equation_9_halved").cases[:2])
WRONGLY_EXPECTED = replace(HALVED, cases=(replace(HALVED.cases[0], expected=ml.Verdict.VIOLATED),))
FALSE = replace(HALVED, rhs=lambda probe: ml.statement("equation_9_halved").rhs(probe) / 2)
SURVIVOR = replace(HALVED, mutants=(replace(HALVED.mutants[0], rhs=HALVED.rhs),))


@pytest.fixture
def statements(monkeypatch):
    """Makes the command line see the given statements alone."""

    def use(*chosen):
        monkeypatch.setattr(ledger, "verify", functools.partial(ledger.verify, among=chosen))

    return use


def test_expected_verdicts_print_the_ledger_and_exit_with_0(statements, capsys):
    statements(HALVED)
    assert cli.main(["verify"]) == 0
    output, complaints = capsys.readouterr()
    head, _, row, *items = output.splitlines()
    assert [column for column in ledger.COLUMNS if column not in head] == []
    assert row.startswith("Equation (9), halved")
    assert "✓ holds" in row
    assert [line for line in items if "equation_9_halved ✓ holds" in line]
    assert complaints == ""


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (WRONGLY_EXPECTED, "equation_9_halved, ramp at its corner: holds, expected violated"),
        (FALSE, "equation_9_halved, ramp at its corner: violated, expected holds"),
        (SURVIVOR, "one part in a thousand: holds, expected violated"),
    ],
    ids=["a verdict not on record", "a bound that is false", "a mutant that survives"],
)
def test_an_unexpected_verdict_exits_with_1_and_is_named(statements, capsys, statement, complaint):
    statements(statement)
    assert cli.main(["verify"]) == 1
    assert complaint in capsys.readouterr().err


def test_an_unknown_statement_exits_with_2_and_names_the_nearest(capsys):
    assert cli.main(["verify", "lema_4_8"]) == 2
    output, complaint = capsys.readouterr()
    assert output == ""
    assert complaint.startswith("mamllib: no statement is called 'lema_4_8'; the nearest are lemma_4_8")


def test_json_is_json_and_nothing_else(statements, capsys):
    statements(HALVED)
    assert cli.main(["verify", "--json"]) == 0
    recorded = json.loads(capsys.readouterr().out)
    records = recorded["statements"]
    assert set(recorded) == set(schema()["required"])
    assert [record["id"] for record in records] == ["fallah2020/equation_9_halved"]
    assert records[0]["checks"][0]["verdict"] == "holds"
    assert records[0]["checks"][0]["grade"] == "exact"


def test_json_of_an_unexpected_verdict_still_exits_with_1(statements, capsys):
    statements(FALSE)
    assert cli.main(["verify", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["statements"][0]["checks"][0]["verdict"] == "violated"


def test_only_the_statements_named_are_checked(statements, capsys):
    statements(HALVED, replace(HALVED, id="fallah2020/other", title="Other"))
    assert cli.main(["verify", "other"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize("asked", [[], ["fallah2020"]])
def test_a_whole_paper_is_followed_by_all_its_numbered_items(statements, capsys, asked):
    statements(HALVED)
    assert cli.main(["verify", *asked]) == 0
    table = capsys.readouterr().out.split("\n\n")[1].splitlines()
    assert [column for column in ledger.ITEM_COLUMNS if column not in table[0]] == []
    assert [line.split("  ")[0] for line in table[2:]] == [item.name for item in ITEMS]


def test_the_page_of_the_book_has_the_tables_of_the_command(statements, capsys, tmp_path):
    statements(HALVED)
    cli.main(["verify", "--json"])
    page.write(json.loads(capsys.readouterr().out), whereabouts.Whereabouts({}, {}, {}, None), tmp_path, tmp_path)
    cli.main(["verify"])
    ledger_printed, items_printed = (
        [re.split(r"\s{2,}", line) for line in table.splitlines()] for table in capsys.readouterr().out.split("\n\n")
    )
    row = BeautifulSoup((tmp_path / "ledger.html").read_text(encoding="utf-8"), "html.parser").select_one("tbody tr")
    shown = row.get_text(" ")
    kept = [cell for column, cell in zip(*ledger_printed[::2], strict=True) if column not in ("source", "evidence")]
    assert [cell for cell in kept if cell not in shown] == []
    head, _, *rows = (tmp_path / "items.md").read_text(encoding="utf-8").splitlines()
    written = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in (head, *rows)]
    assert written == [items_printed[0], *items_printed[2:]]
    kept = (ROOT / "book" / "ledger.md").read_text(encoding="utf-8")
    assert [name for name in ("ledger.html", "items.md") if f"_generated/{name}" not in kept] == []


def test_the_seed_reaches_the_instances(statements, capsys):
    statements(HALVED)

    def ratio(seed):
        cli.main(["verify", "--json", "--seed", str(seed)])
        recorded = json.loads(capsys.readouterr().out)
        assert recorded["seed"] == seed
        return recorded["statements"][0]["checks"][1]["ratio"]

    assert ratio(0) == ratio(0) != ratio(1)


@pytest.mark.parametrize("arguments", [[], ["verify", "--seed", "x"], ["proclaim"]])
def test_a_command_that_is_none_exits_with_2(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage: mamllib" in capsys.readouterr().err


def test_the_module_runs_as_a_command_and_hands_its_status_on():
    command = [sys.executable, "-m", "mamllib", "verify", "lema_4_8"]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert "the nearest are lemma_4_8" in process.stderr


@pytest.mark.parametrize("name", ["f-is-not-smooth", "equation-9"])
def test_a_figure_is_cited_by_this_companion_s_entry(capsys, name):
    assert cli.main(["cite", name]) == 0
    output, complaints = capsys.readouterr()
    assert re.findall(r"^@\w+\{(.*),$", output, re.MULTILINE) == [f"mamllib:{name}"]
    assert complaints == ""


def test_a_paper_is_cited_by_its_own_entry(capsys):
    assert cli.main(["cite", "fallah2020", "wang2020", "equation_9_halved"]) == 0
    output = capsys.readouterr().out
    keys = ["fallah2020", "wang2020", "mamllib:equation_9_halved"]
    assert re.findall(r"^@\w+\{(.*),$", output, re.MULTILINE) == keys


@pytest.mark.parametrize("name", ["equation_9_halved", "fallah2020/equation_9_halved"])
def test_a_statement_is_cited_by_its_paper_s_entry_and_this_companion_s_with_what_came_out(capsys, name):
    assert cli.main(["cite", name]) == 0
    output, complaints = capsys.readouterr()
    assert re.findall(r"^@\w+\{(.*),$", output, re.MULTILINE) == ["fallah2020", "mamllib:equation_9_halved"]
    (found,) = ml.verify("equation_9_halved")
    assert f"Verdict: {outcome(found.verdict, found.grades)}, version" in output
    assert found.grades["exact"] > 0
    assert complaints == ""


def test_a_statement_that_comes_out_otherwise_is_cited_with_that_and_exits_with_1(monkeypatch, capsys):
    monkeypatch.setattr(ledger, "statement", lambda name: FALSE)
    assert cli.main(["cite", "equation_9_halved"]) == 1
    output, complaint = capsys.readouterr()
    assert "Verdict: violated (instances: 2 exact), version" in output
    assert "equation_9_halved, ramp at its corner: violated, expected holds" in complaint


def test_a_name_that_is_not_known_is_told_before_any_statement_is_checked(monkeypatch, capsys):
    monkeypatch.setattr(citing, "checked", pytest.fail)
    assert cli.main(["cite", "equation_9_halved", "lema_4_8"]) == 2
    assert "the nearest are lemma_4_8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("f-is-not-smoth", "the nearest are f-is-not-smooth"),
        ("lema_4_8", "the nearest are lemma_4_8"),
        ("0", "the gallery and the ledger of the book list them"),
    ],
)
def test_an_unknown_name_cannot_be_cited_and_the_nearest_are_named(capsys, name, hint):
    assert cli.main(["cite", name]) == 2
    output, complaint = capsys.readouterr()
    assert output == ""
    assert complaint.startswith(f"mamllib: no figure, paper or statement is called {name!r}; {hint}")


def test_several_names_are_cited_with_each_entry_once(capsys):
    names = ["equation_9_halved", "f-is-not-smooth", "theorem_4_17_proposition", "equation_9_halved"]
    assert cli.main(["cite", *names]) == 0
    entries = [line for line in capsys.readouterr().out.splitlines() if line.startswith("@")]
    assert len(entries) == len(set(entries)) == 4


def test_power_says_what_became_of_wrong_versions(capsys):
    assert cli.main(["verify", "equation_9", "--power"]) == 0
    table = capsys.readouterr().out
    assert "made: 13 of 16 killed, 3 with a reason" in table  # equation (9), halved
    assert "Hessian is ρ-Lipschitz, by a tenth  true: the halved bound" in table


def test_what_survives_without_a_reason_exits_with_1_and_is_named(statements, capsys):
    statements(replace(HALVED, cases=HALVED.cases[1:], mutants=()))  # without its tight instance
    assert cli.main(["verify", "--power"]) == 1
    complaint = "equation_9_halved, Hessian is ρ-Lipschitz, by a tenth: survives, and nobody says why"
    assert complaint in capsys.readouterr().err
