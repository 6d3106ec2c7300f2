"""Of a small library edited at random nothing is kept that comes out otherwise, and little is run for nothing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.random_edits import edits
from book._tools import marks, places, tracing
from book._tools.sources import Sources
from tests.book.small_library import CHAPTERS, LIBRARY

# Runs the texts given, each as if it were alone, and prints what each printed, or how it failed.
RUN = """
import contextlib, io, json, sys
found = []
for text in json.loads(sys.argv[1]):
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(text, {})
    except Exception as error:
        print(type(error).__name__, file=said)
    found.append(said.getvalue())
print(json.dumps(found))
"""
TRACED = """
import json, sys
from book._tools import tracing
trace = tracing.begin()
exec(sys.argv[1], {})
print()
print(json.dumps(trace.record()))
"""


class Small:
    """The small library in a folder, with what traces a process."""

    def __init__(self, root: Path):
        self.root = root
        for file, text in LIBRARY.items():
            self.write(file, text)
        for module in (marks, tracing, places):
            self.write(f"book/_tools/{Path(module.__file__).name}", Path(module.__file__).read_text())
        self.write("book/_tools/__init__.py", "")
        self.traces = {name: self._trace(text) for name, text in CHAPTERS.items()}
        self.needed = self.now_needed()
        self.said = self.now_said()

    def write(self, file: str, text: str) -> None:
        (self.root / file).parent.mkdir(parents=True, exist_ok=True)
        (self.root / file).write_text(text)

    def now_said(self) -> dict[str, str]:
        """What each chapter prints."""
        said = json.loads(self._python(RUN, json.dumps(list(CHAPTERS.values()))).splitlines()[-1])
        return dict(zip(CHAPTERS, said, strict=True))

    def now_needed(self) -> dict[str, dict[str, str]]:
        """What each chapter depends on."""
        found = Sources(self.root)
        return {name: found.needed(trace, self.words(name)) for name, trace in self.traces.items()}

    def stale(self) -> set[str]:
        """The chapters of which something has changed; all where the library cannot be imported, as is seen first."""
        if not self._imports():
            return set(CHAPTERS)
        now = self.now_needed()
        return {name for name in CHAPTERS if now[name] != self.needed[name]}

    def wrong(self) -> set[str]:
        """The chapters that print something else now."""
        now = self.now_said()
        return {name for name in CHAPTERS if now[name] != self.said[name]}

    @staticmethod
    def words(name: str) -> set[str]:
        return set(re.findall(r"\w+", CHAPTERS[name]))

    def _imports(self) -> bool:
        return json.loads(self._python(RUN, json.dumps(["import mamllib"])).splitlines()[-1]) == [""]

    def _trace(self, text: str) -> dict:
        return json.loads(self._python(TRACED, text).splitlines()[-1])

    def _python(self, *arguments: str) -> str:
        command = [sys.executable, "-B", "-S", "-c", *arguments]
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.run(command, cwd=self.root, env=own, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(tmp_path_factory.mktemp("small"))


def judged(small: Small, count: int, seed: int) -> list[tuple]:
    """For each edit and chapter: the edit, the chapter, whether it is stale, and whether it comes out otherwise."""
    texts = {file: text for file, text in LIBRARY.items() if file.endswith(".py") and text}
    found = []
    for edit in edits(texts, count, seed):
        small.write(edit.file, edit.text)
        stale, wrong = small.stale(), small.wrong()
        small.write(edit.file, LIBRARY[edit.file])
        found += [(edit, name, name in stale, name in wrong) for name in CHAPTERS]
    return found


def test_of_forty_edits_none_that_changes_a_result_is_missed_and_few_others_count(small):
    found = judged(small, 40, seed=0)
    assert [(edit[:3], name) for edit, name, stale, wrong in found if wrong and not stale] == []
    for_nothing = [(edit[:3], name) for edit, name, stale, wrong in found if stale and not wrong]
    assert sum(wrong for *_, wrong in found) >= 20
    assert len(for_nothing) <= sum(not wrong for *_, wrong in found) / 4
