"""Groups of statements are judged apart: records as of one process, traces of each group alone, and what is kept."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import mamllib as ml
from book._tools.places import ROOT

ASKED = ("collins2022/equal_spectra", "collins2022/up_weighted")
RUN = """
import json, pathlib, sys
from book._tools import judging, tracing
trace = tracing.begin()
from mamllib import ledger
statements = [ledger.statement(name) for name in json.loads(sys.argv[3])]
print(json.dumps(judging.judged(statements, pathlib.Path(sys.argv[1]), json.loads(sys.argv[2]), trace)))
"""


def judged(folder: Path, *kept: str) -> list[dict]:
    command = [sys.executable, "-c", RUN, str(folder), json.dumps(kept), json.dumps(ASKED)]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger")


@pytest.fixture(scope="module")
def records(folder: Path) -> list[dict]:
    return judged(folder)


def test_records_are_those_of_one_process(records):
    entries = [ml.ledger.judge(ml.statement(name), power=True) for name in ASKED]
    assert records == json.loads(json.dumps([entry.record() for entry in entries]))


def test_a_group_notes_what_it_ran_and_nothing_of_another(records, folder):
    ran = {file.stem: json.loads(file.read_text())["trace"]["ran"] for file in (folder / "collins2022").iterdir()}
    own = {
        "Mixture": "statements/collins2022/condition_i.py:",
        "TwoSpectra": "statements/collins2022/equal_spectra.py:",
    }
    assert set(ran) == set(own)
    for group, file in own.items():
        assert {other for other in own if any(file in mark for mark in ran[other])} == {group}


def test_what_is_kept_is_read_and_not_judged(records, folder):
    kept = folder / "collins2022" / "Mixture.json"
    known = json.loads(kept.read_text())
    known["statements"] = [record | {"claim": "as kept"} for record in known["statements"]]
    kept.write_text(json.dumps(known))
    assert [record["claim"] for record in judged(folder, "collins2022/Mixture")] == [records[0]["claim"], "as kept"]
