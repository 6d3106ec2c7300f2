"""The chapters' runs that tests of the book read: started together, two at a time, each with a limit."""

import os
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import nbformat

from book._tools import alone, execute, processors, rerun
from book._tools.chapters import chapters
from book._tools.processes import Group, TookTooLong

AS_ON_COLAB = bool(os.environ.get("COLAB"))  # set by `make colab`
KINDS = ("stored", "another_seed")  # in this order, for the website waits for what is as stored
ALL_RUNS_MINUTES = 80


def with_another_seed() -> list[Path]:
    """The chapters run with another seed as well: each paper's first, and all by `make colab`."""
    first = {chapter.parent: chapter for chapter in reversed(chapters())}
    return chapters() if AS_ON_COLAB else list(reversed(first.values()))


@dataclass
class ChapterRuns:
    """Every chapter as stored, and some with another seed, alone in an empty folder; two runs at a time.

    `make colab` runs all with another seed and Colab's versions, which share no compiled program with ours: too long
    for every run of the tests, as are ten minutes of processor time for another seed of every chapter.

    All runs that tests read are started when the first is asked for, so that two cores are kept busy. The later a
    chapter, the longer it computes, so the last one is the first to start.

    Attributes:
        folder: that they write to.
        kinds: that tests read; no other is started.
        make_environment: gives the Python of the environment that chapters run alone in.
        minutes: a result is waited for.
    """

    folder: Path
    kinds: Sequence[str] = KINDS
    make_environment: Callable[[], Path] = alone.make_environment
    minutes: float = ALL_RUNS_MINUTES
    pool: ThreadPoolExecutor = field(default_factory=partial(processors.threads, 2))
    group: Group = field(default_factory=Group)
    jobs: dict[tuple[str, Path], Future] = field(default_factory=dict)
    making: threading.Lock = field(default_factory=threading.Lock)
    made: Path | None = None

    def result(self, kind: str, chapter: Path):
        """What the run gave; an exception it raised is raised here.

        Raises:
            TookTooLong: it did not end in time.
        """
        self.start()
        try:
            return self.jobs[kind, chapter].result(60 * self.minutes)
        except TimeoutError:
            raise TookTooLong(f"the run {kind} of {chapter.stem}, with what ran before it,", self.minutes) from None

    def figures(self, chapter: Path) -> Path:
        """Where the run as stored put its figures."""
        return self.folder / "figures" / chapter.stem

    def python(self) -> Path:
        """The Python of that environment, which whoever asks first makes while the others wait."""
        with self.making:
            self.made = self.made or self.make_environment()
        return self.made

    def start(self) -> None:
        """Start all runs, where that is not done."""
        if not self.jobs:
            run = {"stored": self._as_stored, "another_seed": self._with_another_seed}
            run_of = {"stored": chapters(), "another_seed": with_another_seed()}
            each = [(kind, chapter) for kind in self.kinds for chapter in reversed(run_of[kind])]
            self.jobs = {(kind, chapter): self.pool.submit(partial(run[kind], chapter)) for kind, chapter in each}

    def end(self) -> None:
        """End what still runs."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.group.end()

    def _as_stored(self, chapter: Path) -> rerun.Report:
        folder = self.folder / "stored" / chapter.stem
        folder.mkdir(parents=True)
        return rerun.compare(Path(shutil.copy2(chapter, folder)), self.figures(chapter), self.group)

    def _with_another_seed(self, chapter: Path) -> nbformat.NotebookNode:
        python = self.python() if AS_ON_COLAB else Path(sys.executable)
        folder = self.folder / "another_seed" / chapter.stem
        return alone.run(python, chapter, folder, another_seed(chapter), self.group)


def another_seed(chapter: Path) -> dict[str, object]:
    """Parameters of the run that is not as stored."""
    return {"profile": "ci", "seed": execute.stored_parameter(chapter, "seed") + 1}
