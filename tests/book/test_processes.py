"""A command has an end, and so has what it started; of jobs beside each other the first failure ends the others."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from book._tools import alone, execute, pool, rerun
from book._tools.execute import ChapterFailed
from book._tools.processes import Ended, Group, TookTooLong

LONG = "import time; time.sleep(100)"


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def soon(condition, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def test_what_a_command_prints_is_given():
    done = Group().run("hello", 1, python("import sys; print('out'); sys.stderr.write('err'); sys.exit(3)"))
    assert (done.returncode, sorted(done.stdout.split())) == (3, ["err", "out"])


def test_a_command_that_takes_too_long_is_ended_and_named(tmp_path):
    kept = tmp_path / "process"
    with pytest.raises(TookTooLong, match=r"a nap took longer than 0.02 minutes"):
        Group().run("a nap", 0.02, ["sh", "-c", f"echo $$ > {kept}; exec sleep 100"])
    assert not exists(int(kept.read_text()))


def test_a_group_that_is_ended_starts_nothing():
    group = Group()
    group.end()
    with pytest.raises(Ended):
        group.run("late", 1, python(""))


def test_a_group_ends_what_runs():
    group = Group()
    threading.Timer(0.5, group.end).start()
    start = time.monotonic()
    with pytest.raises(Ended):
        group.run("a nap", 1, python(LONG))
    assert time.monotonic() - start < 20


def test_jobs_begin_in_order_and_give_what_they_have_as_they_end():
    quick, slow = (lambda group, seconds=seconds: time.sleep(seconds) or seconds for seconds in (0.0, 0.5))
    assert list(pool.run([slow, quick, quick])) == [0.0, 0.0, 0.5]
    assert list(pool.run([slow, quick], at_once=1)) == [0.5, 0.0]


@pytest.fixture
def two_chapters(unexecuted, tmp_path) -> list[Path]:
    """One that fails once the other, which takes a minute, has begun."""
    kernel = tmp_path / "kernel"
    wait = f"import time\nwhile not os.path.exists({str(kernel)!r}): time.sleep(.05)\nraise RuntimeError('no')"
    begin = f"Path({str(kernel)!r}).write_text(str(os.getpid()))\nimport time\ntime.sleep(60)"
    cells = {"slow": begin, "fails": wait}
    return [unexecuted(summary=cells[name]).rename(tmp_path / f"{name}.ipynb") for name in cells]


def test_a_chapter_that_fails_is_named_and_ends_the_others_with_their_kernels(two_chapters, tmp_path):
    def job(chapter: Path):
        return lambda group: execute.apart(chapter, tmp_path / "out" / chapter.name, tmp_path / "figures", {}, group)

    with pytest.raises(ChapterFailed, match="fails, cell 4: RuntimeError: no"):
        list(pool.run(map(job, two_chapters)))
    kernel = int((tmp_path / "kernel").read_text())
    assert soon(lambda: not exists(kernel))


def test_a_chapter_that_takes_too_long_is_named(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(rerun, "CHAPTER_MINUTES", 0.001)
    monkeypatch.setattr(alone, "CHAPTER_MINUTES", 0.001)
    for run in (
        lambda: rerun.compare(tiny.path, tmp_path),
        lambda: alone.run(Path(sys.executable), tiny.path, tmp_path, {}),
    ):
        with pytest.raises(TookTooLong, match=r"tiny took longer than 0.001 minutes"):
            run()


def test_a_chapter_whose_process_breaks_is_named(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "__name__", "nowhere")
    with pytest.raises(ChapterFailed, match=r"tiny did not end well:\n.*No module named nowhere"):
        execute.apart(tiny.path, tmp_path / "out.ipynb", tmp_path / "figures", {})


def test_an_environment_that_takes_too_long_to_make_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(alone, "ENVIRONMENT_MINUTES", 0.001)
    with pytest.raises(TookTooLong, match=r"making Colab's environment .* took longer than 0.001 minutes"):
        alone.make_environment(tmp_path / "environment")
