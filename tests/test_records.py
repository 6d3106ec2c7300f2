"""The record of statements: as its schema says, which describes every field and refuses whatever is another."""

import copy
import importlib.resources
import json
from collections.abc import Callable, Iterator

import jsonschema
import pytest

import mamllib as ml
from mamllib import ledger, records
from mamllib.figures.provenance import Commit
from tests.book.toys import FALSE, SILENT, TOYS, recorded, toy

SCHEMA = records.schema()
RECORDED = recorded(*TOYS, power=True)


def invalid(record: dict) -> list[str]:
    """What the schema finds."""
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(record)]


def test_the_schema_is_one_and_lies_in_the_package():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"].endswith("/2020-12/schema")
    assert importlib.resources.files("mamllib").joinpath(records.SCHEMA).is_file()


def test_the_record_of_toys_is_valid():
    assert RECORDED["statements"][0]["made"]
    assert invalid(RECORDED) == []


def test_the_record_of_silence_and_of_what_is_no_number_is_valid():
    endless = ml.Case("endless", lambda seed: SILENT.build(seed)._replace(margin=float("nan")), ml.Verdict.SILENT)
    assert invalid(recorded(toy("toys/silent", SILENT, endless, mutants=()), toy("toys/false", FALSE))) == []


@pytest.mark.parametrize("name", ["equation_9", "theorem_4_17_proposition", "counts"])
def test_the_record_of_a_statement_is_valid(judged: Callable, name: str):
    entry = judged(ml.statement(name)).entry
    assert invalid(json.loads(json.dumps(ledger.records([entry])))) == []


def fields(described: dict, at: str = "") -> Iterator[tuple[str, dict]]:
    """Every field that the schema describes, by where it stands."""
    for name, field in described.get("properties", {}).items():
        yield f"{at}/{name}", field
        yield from fields(field, f"{at}/{name}")
    for name, definition in described.get("$defs", {}).items():
        yield from fields(definition, name)


def test_every_field_is_described():
    found = dict(fields(SCHEMA))
    assert "statement/largest lhs/rhs" in found
    assert [where for where, field in found.items() if len(field.get("description", "")) < 3] == []


def changed(where: tuple, value: object) -> dict:
    """The record of toys with one value changed, or taken out where it is ``None``."""
    record = copy.deepcopy(RECORDED)
    *way, last = where
    place = record
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return record


@pytest.mark.parametrize(
    ("where", "value", "complaint"),
    [
        (("commit",), None, "'commit' is a required property"),
        (("commit",), "yesterday", "does not match"),
        (("schema",), "0.9", "'1.0' was expected"),
        (("seed",), "0", "not of type 'integer'"),
        (("colour",), "red", "'colour' was unexpected"),
        (("environment", "device"), None, "'device' is a required property"),
        (("statements", 0, "verdict"), "✓ holds", "is not one of"),
        (("statements", 0, "lhs"), "3", "is not valid under any"),
        (("statements", 0, "grades", "certain"), 1, "'certain' was unexpected"),
        (("statements", 0, "mutants caught"), "1 of 2", "not of type 'integer'"),
        (("statements", 0, "shown", "lhs"), 3.0, "not of type 'string'"),
        (("statements", 0, "checks", 0, "ratio"), "∞", "is not valid under any"),
        (("statements", 0, "checks", 0, "mood"), "good", "Unevaluated properties"),
        (("statements", 0, "mutants", 0, "survives"), None, "'survives' is a required property"),
        (("statements", 0, "made", 0, "fate"), "unknown", "is not one of"),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_record_that_says_something_else_is_refused(where: tuple, value: object, complaint: str):
    (found,) = invalid(changed(where, value))
    assert complaint in found


def test_a_record_says_what_it_was_made_with(monkeypatch):
    monkeypatch.setattr(records.provenance, "commit", lambda: Commit("0" * 40, "2024-02-29", True))
    made = records.header(seed=3, profile="full")
    assert (made["commit"], made["changed"], made["seed"], made["profile"]) == ("0" * 40, True, 3, "full")
    around = records.provenance.environment()
    assert made["version"] == around["mamllib"]
    assert made["environment"] == {name: around[name] for name in ("jax", "numpy", "matplotlib", "python", "device")}


def test_a_record_without_a_commit_is_valid(monkeypatch):
    monkeypatch.setattr(records.provenance, "commit", lambda: None)
    assert invalid(RECORDED | records.header(seed=0)) == []


def test_an_outcome_is_verdict_and_grades():
    assert [records.outcome(record["verdict"], record["grades"]) for record in RECORDED["statements"]] == [
        "holds (instances: 1 exact, 2 float)",
        "holds (instances: 1 float)",
        "violated (instances: 1 float)",
        "holds (instances: 1 float)",
    ]
    assert records.outcome("silent", {}) == "silent"
