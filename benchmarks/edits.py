"""What `make book` would keep after random edits of the library, and what comes out otherwise: ``benchmarks.edits``.

A copy of the library is edited, one edit at a time, in files that matter to some text. Of small texts that judge
statements it is asked what has changed since they were traced, and then each is executed: a text that comes out
otherwise must not be kept, and of those that do not, few may be run for nothing. The results lie in
``mamllib/measured/edits.csv``.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from benchmarks.random_edits import Edit, edits
from book._tools import marks, places, tracing
from book._tools.sources import Sources

COUNT, SEED = 40, 0
MINUTES = 3  # what an edit may make of seconds
TEXTS = {
    "limit": 'ml.report([*ml.statement("limit").check_all(0), *ml.statement("no_gain_beyond").check_all(0)])',
    "equation": 'ml.report(ml.statement("equation_9").check_all(0))',
    "easy and hard": 'ml.report([*ml.statement("weights").check_all(0), *ml.statement("condition_i").check_all(0)])',
    "spectra": 'ml.report(ml.statement("equal_spectra").check_mutants(0))',
    "few shots": '[ml.report(ml.statement("few_shot").check_all(0)), ml.measured.load("few_shot")]',
    "objective": "[ml.meta_loss(ml.TaskFamily.of([ml.Quadratic(1.0, -1.0), ml.Quadratic(1.0, 2.0)]), 0.5, 0.1)]",
}
# Executes the texts given, each for itself, and prints what each printed, or how it failed.
RUN = """
import contextlib, io, json, sys
found = []
for text in json.loads(sys.argv[1]):
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(text, {})
    except Exception as error:
        print(type(error).__name__, error, file=said)
    found.append(said.getvalue())
print(json.dumps(found))
"""
TRACE = """
import json, sys
from book._tools import tracing
trace = tracing.begin()
exec(sys.argv[1], {})
print()
print(json.dumps(trace.record()))
"""
DOOR = "import mamllib"  # what is asked first of all: a library that cannot be imported stops every run


class Copy:
    """A library in a folder of its own, and texts of which it is known what they print and what they depend on."""

    def __init__(self, root: Path, texts: Mapping[str, str], options: Sequence[str] = ()):
        self.root, self.texts, self.options = root, texts, options
        self.write("book/_tools/__init__.py", "")
        for module in (marks, tracing, places):
            self.write(f"book/_tools/{Path(module.__file__).name}", Path(module.__file__).read_text(encoding="utf-8"))
        self.traces = {name: json.loads(self._python(TRACE, text)[-1]) for name, text in texts.items()}
        self.needed, self.said = self._needed(), self._said()

    def write(self, file: str, text: str) -> None:
        """Write a file of the library."""
        (self.root / file).parent.mkdir(parents=True, exist_ok=True)
        (self.root / file).write_text(text, encoding="utf-8")

    def tried(self, edit: Edit) -> tuple[set[str], set[str]]:
        """The texts that would be run again after an edit, and those that come out otherwise."""
        before = (self.root / edit.file).read_text(encoding="utf-8")
        self.write(edit.file, edit.text)
        try:
            needed, said = self._needed(), self._said()
        finally:
            self.write(edit.file, before)
        stale = {name for name in self.texts if needed[name] != self.needed[name] or said[DOOR]}
        return stale, {name for name in self.texts if said[name] != self.said[name]}

    @property
    def files(self) -> set[str]:
        """The files in which any text needs anything: edits of others matter to none."""
        return {part.split(":")[0] for needed in self.needed.values() for part in needed}

    def _needed(self) -> dict[str, dict[str, str]]:
        found = Sources(self.root)
        return {
            name: found.needed(trace, set(re.findall(r"\w+", self.texts[name]))) for name, trace in self.traces.items()
        }

    def _said(self) -> dict[str, str]:
        texts = {DOOR: DOOR} | dict(self.texts)
        return dict(zip(texts, json.loads(self._python(RUN, json.dumps(list(texts.values())))[-1]), strict=True))

    def _python(self, *arguments: str) -> list[str]:
        command = [sys.executable, *self.options, "-c", *arguments]
        own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            command, cwd=self.root, env=own, capture_output=True, text=True, check=True, timeout=60 * MINUTES
        )
        return done.stdout.splitlines()


def main() -> None:
    """Try as many edits of the library as ``COUNT``, and write what came of each."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("mamllib", "CITATION.cff", "book/references.bib"):
            (root / name).parent.mkdir(exist_ok=True)
            copy = shutil.copytree if (places.ROOT / name).is_dir() else shutil.copy2
            copy(places.ROOT / name, root / name)
        tried = Copy(root, {name: f"import mamllib as ml\nprint({text})" for name, text in TEXTS.items()})
        files = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in root.rglob("*.py")}
        library = {file: text for file, text in files.items() if file in tried.files}
        rows = [_row(edit, *tried.tried(edit)) for edit in tqdm(edits(library, COUNT, SEED), unit="edit")]
    table = pd.DataFrame(rows)
    table.to_csv(places.ROOT / "mamllib" / "measured" / "edits.csv", index=False)
    print(table[["otherwise", "missed", "as_before", "run_for_nothing"]].sum())


def _row(edit: Edit, stale: set[str], wrong: set[str]) -> dict:
    """Of all texts: how many come out otherwise, how many of them are missed, and how many are run for nothing."""
    return {
        "file": edit.file,
        "line": edit.line,
        "kind": edit.kind,
        "otherwise": len(wrong),
        "missed": len(wrong - stale),
        "as_before": len(TEXTS) - len(wrong),
        "run_for_nothing": len(stale - wrong),
    }


if __name__ == "__main__":
    main()
