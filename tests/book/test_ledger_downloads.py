"""What the ledger page offers for download: record, table and schema, which say the same in the same words."""

import csv
import json
import re
from pathlib import Path

import jsonschema
import pytest
from bs4 import BeautifulSoup

import mamllib as ml
from book._tools import ledger, ledger_rows
from book._tools.places import ROOT
from tests.book.toys import FOUND, TOYS, recorded

RECORDED = recorded(*TOYS)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page offers for download."""
    folder = tmp_path_factory.mktemp("ledger")
    ledger.write(RECORDED, FOUND, folder / "pages", folder / "served")
    return folder / "served"


def read(served: Path) -> tuple[dict, list[dict[str, str]]]:
    """The record, which is strict JSON, and the table."""
    record = json.loads((served / "ledger.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    with open(served / "ledger.csv", encoding="utf-8", newline="") as file:
        return record, list(csv.DictReader(file))


def test_the_record_of_a_site_adds_what_only_the_site_knows(served: Path):
    record, _ = read(served)
    added = [(each.pop("chapter"), each.pop("figures")) for each in record["statements"]]
    assert record == RECORDED
    assert added[:2] == [("toys/01_chapter.html#what-was-checked", ["a-figure", "another-figure"]), (None, [])]


def test_the_record_of_a_site_is_what_the_schema_beside_it_says(served: Path):
    schema = json.loads((served / "ledger.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(read(served)[0])


def test_record_and_table_say_the_same_in_the_same_words(served: Path):
    record, lines = read(served)
    for statement, line in zip(record["statements"], lines, strict=True):
        whole = record | statement
        known = {name: value for name, value in whole.items() if not isinstance(value, dict) and name in line}
        known |= {f"grades {name}": count for name, count in whole["grades"].items()}
        known |= {f"environment {name}": version for name, version in whole["environment"].items()}
        text = {name: value if isinstance(value, str) else json.dumps(value) for name, value in known.items()}
        text |= {name: " ".join(known[name]) for name in ("figures", "rests on")}
        empty = {name: "" for name, value in known.items() if value is None} | {
            f"grades {grade}": "" for grade in ml.Grade if grade not in whole["grades"]
        }
        assert line == text | empty
    shown = [lines[0][name] for name in ("verdict", "lhs", "largest lhs/rhs", "least hypothesis", "grades float")]
    assert shown == ["holds", "3.0", "0.75", "room", "2"]


def test_numbers_of_the_table_are_numbers(served: Path):
    _, lines = read(served)
    for name in ("lhs", "rhs", "slack", "largest lhs/rhs", "least hypothesis margin"):
        assert [float(line[name]) for line in lines]


def test_every_column_is_explained_on_the_page(served: Path):
    _, (first, *_) = read(served)
    explained = re.findall(
        r"^\| `(.*?)` \| (.+) \|$", (served.parent / "pages" / "columns.md").read_text(), re.MULTILINE
    )
    assert [name for name, _ in explained] == list(first)
    assert len({what for _, what in explained}) == len(explained)
    assert "_generated/columns.md" in (ROOT / "book" / "ledger.md").read_text(encoding="utf-8")


def test_the_page_offers_record_table_and_schema(served: Path):
    links = {
        link["href"]
        for link in BeautifulSoup(ledger_rows.table(RECORDED, FOUND), "html.parser").select(".ledger-downloads a")
    }
    assert links == {f"../{path.name}" for path in served.iterdir()}
