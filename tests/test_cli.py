"""``mamllib verify``: exit statuses, the table, the records, and silence where nobody watches."""

import functools
import json
import subprocess
import sys
from dataclasses import replace

import pytest

import mamllib as ml
from mamllib import cli, ledger

HALVED = replace(ml.EQUATION_9_HALVED, cases=ml.EQUATION_9_HALVED.cases[:2])
WRONGLY_EXPECTED = replace(HALVED, cases=(replace(HALVED.cases[0], expected=ml.Verdict.VIOLATED),))
FALSE = replace(HALVED, rhs=lambda probe: ml.EQUATION_9_HALVED.rhs(probe) / 2)
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
    head, _, *rows = output.splitlines()
    assert [column for column in ledger.COLUMNS if column not in head] == []
    assert len(rows) == 1
    assert rows[0].startswith("Equation (9), halved")
    assert "✓ holds" in rows[0]
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
    records = json.loads(capsys.readouterr().out)
    assert [record["id"] for record in records] == ["fallah2020/equation_9_halved"]
    assert records[0]["checks"][0]["verdict"] == "holds"
    assert records[0]["checks"][0]["grade"] == "exact"


def test_json_of_an_unexpected_verdict_still_exits_with_1(statements, capsys):
    statements(FALSE)
    assert cli.main(["verify", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["checks"][0]["verdict"] == "violated"


def test_only_the_statements_named_are_checked(statements, capsys):
    statements(HALVED, replace(HALVED, id="fallah2020/other", title="Other"))
    assert cli.main(["verify", "other"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_the_seed_reaches_the_instances(statements, capsys):
    statements(HALVED)

    def ratio(seed):
        cli.main(["verify", "--json", "--seed", str(seed)])
        return json.loads(capsys.readouterr().out)[0]["checks"][1]["ratio"]

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
