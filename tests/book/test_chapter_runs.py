"""The runs of chapters start as they are read, wait for no one who waits for them, and end in time."""

import time
from functools import partial

import pytest

from book._tools.chapters import chapters
from book._tools.processes import TookTooLong
from tests.book.chapter_runs import ChapterRuns, with_another_seed

LAST = chapters()[-1]


@pytest.fixture
def runs_in(tmp_path):
    """Chapter runs that are ended with the test."""
    started = []

    def start(**options) -> ChapterRuns:
        started.append(ChapterRuns(tmp_path, **options))
        return started[-1]

    yield start
    for runs in started:
        runs.end()


def test_as_many_as_run_at_a_time_may_wait_for_the_environment(runs_in):
    made = []
    runs = runs_in(make_environment=lambda: made.append(1) or "python", minutes=0.05)
    runs.jobs = {("another_seed", each): runs.pool.submit(runs.python) for each in chapters()[:2]}
    assert [runs.result("another_seed", each) for each in chapters()[:2]] == ["python", "python"]
    assert made == [1]


def test_a_run_that_does_not_end_is_named_with_its_limit(runs_in):
    runs = runs_in(minutes=0.001)
    runs.jobs["stored", LAST] = runs.pool.submit(partial(time.sleep, 1))
    with pytest.raises(TookTooLong, match=f"the run stored of {LAST.stem}.* took longer than 0.001 minutes"):
        runs.result("stored", LAST)


def test_only_the_runs_that_are_read_are_started(runs_in, monkeypatch):
    monkeypatch.setattr(ChapterRuns, "_as_stored", lambda self, chapter: pytest.fail("as stored"))
    monkeypatch.setattr(ChapterRuns, "_with_another_seed", lambda self, chapter: chapter.stem)
    runs = runs_in(kinds=["another_seed"])
    first, *_ = with_another_seed()
    assert runs.result("another_seed", first) == first.stem
    assert {kind for kind, _ in runs.jobs} == {"another_seed"}
