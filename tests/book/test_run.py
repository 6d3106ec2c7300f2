"""All that the site shows is run two at a time, what takes longest first, and a person can follow it."""

import re

import pytest

from book._tools import execute, execution, fresh, pool, run, verification
from book._tools.chapters import chapters
from book._tools.execute import ChapterFailed

AROUND = {"device": "cpu"}


@pytest.fixture
def here(tiny, monkeypatch):
    """Lets the tiny chapter be the book's; whatever it is run on takes no time to ask."""
    monkeypatch.setattr(run, "ROOT", tiny.path.parent)
    monkeypatch.setattr(run, "chapters", lambda: [tiny.path])
    monkeypatch.setattr(execution, "environment", lambda: AROUND)
    monkeypatch.setattr(execution, "statements", lambda: [["toys/one", "toys.py"]])
    return tiny


@pytest.fixture
def ledger(monkeypatch) -> dict:
    """Lets the ledger be judged in no time, as what this dictionary holds."""
    recorded = {"schema": verification.version(), "statements": [1, 2], "profile": None}
    monkeypatch.setattr(verification, "run", lambda group, folder, kept: recorded)
    return recorded


def test_a_chapter_s_run_is_told_and_recorded(here, tmp_path, capsys):
    run.run([here.path], tmp_path, {"seed": 7})
    begun, ended = capsys.readouterr().out.splitlines()
    assert begun == "tiny begins: it was asked for"
    assert re.fullmatch(r"1/1 tiny: \d+\.\d s, 1 holds, all as the book says", ended)
    recorded = execution.read(tmp_path)["tiny"]
    assert recorded["parameters"] == {"profile": "ci", "seed": 7}
    assert recorded["environment"] == AROUND
    assert recorded["seconds"] > 0


def test_the_ledger_runs_beside_the_chapters_and_is_kept(here, ledger, tmp_path, capsys):
    (tmp_path / "left.txt").write_text("of an earlier run")
    run.everything(tmp_path, {})
    told = capsys.readouterr().out
    assert re.search(r"^1/2 ledger: \d+\.\d s, 2 statements, all as on record$", told, re.MULTILINE)
    assert re.search(r"^2/2 tiny: ", told, re.MULTILINE)
    assert verification.kept(tmp_path) == ledger | {"profile": "ci"}
    assert not (tmp_path / "left.txt").exists()


def test_a_chapter_of_which_nothing_has_changed_is_kept(here, ledger, tmp_path, capsys):
    run.everything(tmp_path, {})
    executed = (tmp_path / "tiny.ipynb").stat().st_mtime_ns
    capsys.readouterr()
    run.everything(tmp_path, {})
    assert "tiny kept: of " in capsys.readouterr().out
    assert (tmp_path / "tiny.ipynb").stat().st_mtime_ns == executed
    assert execution.read(tmp_path)["tiny"]["why"].startswith("kept on ")


@pytest.mark.parametrize(
    ("parameters", "around", "why"),
    [
        ({"seed": 7}, AROUND, "a parameter changed"),
        ({}, {"device": "another"}, "device changed"),
        ({}, AROUND | {"jax": "9"}, "jax changed"),
    ],
)
def test_a_chapter_runs_again_where_something_has_changed(
    here, ledger, tmp_path, monkeypatch, capsys, parameters, around, why
):
    asked = []
    run.everything(tmp_path, {})
    monkeypatch.setattr(execution, "environment", lambda: around)
    monkeypatch.setattr(run, "run", lambda notebooks, *others: asked.append(others[-1]))
    run.everything(tmp_path, parameters)
    assert asked == [{here.path: why}]


def test_a_run_that_fails_leaves_nothing_to_keep(here, ledger, tmp_path, monkeypatch):
    run.everything(tmp_path, {})

    def fail(*given, **options):
        raise ChapterFailed("tiny failed")

    monkeypatch.setattr(run, "apart", fail)
    with pytest.raises(ChapterFailed):
        run.run([here.path], tmp_path, {})
    results = fresh.Results(tmp_path, {})
    assert results.why("tiny", {}, set()) == "there is no record of a run that ended well"


def test_a_kept_ledger_of_another_schema_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(verification, "run", lambda: "made anew")
    verification.keep({"schema": "0.0"}, tmp_path)
    assert verification.kept(tmp_path) == "made anew"
    verification.keep({"schema": verification.version()}, tmp_path)
    assert verification.kept(tmp_path) == {"schema": verification.version()}


def test_a_ledger_that_fails_ends_the_chapters(here, tmp_path, monkeypatch):
    def fail(group, folder, kept):
        raise verification.LedgerFailed("a statement came out wrong")

    monkeypatch.setattr(verification, "run", fail)
    monkeypatch.setattr(run, "apart", lambda *given, trace: given[-1].run("tiny", None, ["sleep", "60"]))
    with pytest.raises(verification.LedgerFailed, match="a statement came out wrong"):
        run.everything(tmp_path, {})


def test_a_mistyped_parameter_is_told_before_anything_runs(here, tmp_path, capsys):
    with pytest.raises(ChapterFailed, match="tiny: no parameter named sede"):
        run.run([here.path], tmp_path, {"sede": 1})
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("device", "at_once"), [("cpu", pool.AT_ONCE), ("NVIDIA H100", 1)])
def test_a_gpu_is_not_shared(here, tmp_path, monkeypatch, device, at_once):
    asked = []
    monkeypatch.setattr(execution, "environment", lambda: {"device": device})
    monkeypatch.setattr(pool, "run", lambda jobs, at_once: asked.append(at_once) or [])
    run.run([here.path], tmp_path, {})
    assert asked == [at_once]


def test_what_took_longest_begins_first_and_before_it_what_never_ran():
    first, second, third, *others = chapters()
    earlier = {run.name(each): {"seconds": 9.0} for each in others} | {
        run.name(second): {"seconds": 1.0},
        run.name(third): {"seconds": 20.0},
    }
    assert run.longest_first(chapters(), earlier) == [first, third, *reversed(others), second]
    assert run.longest_first(chapters(), {}) == chapters()[::-1]


def test_a_chapter_runs_in_a_process_of_its_own(tiny, tmp_path):
    executed = execute.apart(tiny.path, tmp_path / "out" / "tiny.ipynb", tmp_path / "figures", {"seed": 5})
    assert executed.metadata.papermill.parameters == {"seed": 5}
    assert (tmp_path / "figures" / "square" / "data.csv").is_file()
