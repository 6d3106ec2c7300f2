"""The status page tells what was recorded of each chapter's run, and says where nothing was."""

from bs4 import BeautifulSoup

from book._tools import execution, status

CHAPTERS = ["book/toys/01_first", "book/toys/02_second"]
TITLES = dict(zip(CHAPTERS, ("A first toy", "Another"), strict=True))
AROUND = dict.fromkeys(execution.FACTS, "1.0") | {"device": "cpu", "commit": None}


def tables(runs) -> tuple[dict[str, str], list[list[str]]]:
    page = BeautifulSoup(status.page(TITLES, runs), "html.parser")
    facts, chapters = page.select("table")
    pairs = {row.th.text: row.td.text for row in facts.select("tbody tr")}
    return pairs, [[cell.text for cell in row.select("th, td")] for row in chapters.select("tbody tr")]


def run(**changes) -> dict:
    kept = {"date": "2026-01-01 12:00", "seconds": 12.3, "parameters": {"profile": "ci", "seed": 0}}
    kept |= {"why": "ran, for a change"}
    return kept | {"environment": AROUND} | changes


def test_what_was_recorded_is_shown():
    facts, chapters = tables({name: run() for name in CHAPTERS})
    assert facts["jax"] == "1.0"
    assert facts["device"] == "cpu"
    assert facts["commit"] == "not recorded"
    assert facts["executed (UTC)"] == "2026-01-01 12:00"
    assert chapters[0] == ["toys", "A first toy", "12 s", "ci", "0", "2026-01-01 12:00", "ran, for a change"]


def test_what_was_not_recorded_is_said():
    facts, chapters = tables({})
    assert set(facts) == {*execution.FACTS, "executed (UTC)"}
    assert set(facts.values()) == {"not recorded"}
    assert [set(row[2:]) for row in chapters] == [{"not recorded"}] * 2


def test_runs_that_differ_are_both_told():
    later = run(
        date="2026-01-02 12:00", seconds=600.0, environment=AROUND | {"device": "NVIDIA"}, parameters={"seed": 1}
    )
    facts, chapters = tables({CHAPTERS[0]: run(), CHAPTERS[1]: later})
    assert facts["device"] == "cpu, NVIDIA"
    assert facts["executed (UTC)"] == "2026-01-01 12:00 to 2026-01-02 12:00"
    assert chapters[1] == ["toys", "Another", "10.0 min", "not recorded", "1", "2026-01-02 12:00", "ran, for a change"]


def test_a_run_takes_the_place_of_an_earlier_one_and_leaves_the_others(tmp_path):
    assert execution.read(tmp_path) == {}
    for chapter, seconds in ((CHAPTERS[0], 1.0), (CHAPTERS[1], 2.0), (CHAPTERS[0], 3.0)):
        execution.record(tmp_path, chapter, seconds=seconds, parameters={}, environment=AROUND)
    assert {name: run["seconds"] for name, run in execution.read(tmp_path).items()} == dict(
        zip(CHAPTERS, (3.0, 2.0), strict=True)
    )


def test_the_environment_names_versions_and_device():
    known = execution.environment()
    assert tuple(known) == execution.FACTS
    assert [fact for fact in execution.FACTS if fact != "commit" and not known[fact]] == []


def test_a_run_that_is_kept_says_what_has_not_changed(tmp_path):
    needs = {"definitions": 700, "files": 50, "data": 1}
    execution.record(tmp_path, CHAPTERS[0], seconds=12.3, why="ran, for a change", needs=needs)
    said = execution.keep(tmp_path, CHAPTERS[0])
    assert said == "of 700 definitions in 50 files of code, and of 1 files that it reads, none has changed"
    kept = execution.read(tmp_path)[CHAPTERS[0]]
    assert kept["why"].startswith("kept on ")
    assert kept["why"].endswith(said)
    assert kept["seconds"] == 12.3
