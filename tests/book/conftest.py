"""What the tests of the book share: the chapters' runs, the site, a browser, and a tiny chapter to tamper with."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, sync_playwright

import mamllib as ml
from book._tools import alone, chromium, execute, normalise, page_gates, rerun
from book._tools.chapters import chapters
from book._tools.places import MATHJAX, ROOT
from book._tools.render import build
from mamllib import ledger

AS_ON_COLAB = bool(os.environ.get("COLAB"))  # set by `make colab`


@dataclass
class ChapterRuns:
    """Every chapter, run twice, two runs at a time: as stored, and with another seed, alone in an empty folder.

    `make colab` runs them alone with Colab's versions, which share no compiled program with ours: too long for every
    run of the tests.

    All runs are started when the first is asked for, so that two cores are kept busy. The later a chapter, the longer
    it computes, so the last one is the first to start.
    """

    folder: Path
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=2))
    environment: Future | None = None
    jobs: dict[tuple[str, Path], Future] = field(default_factory=dict)

    def result(self, kind: str, chapter: Path):
        """What the run gave; an exception it raised is raised here."""
        self.start()
        return self.jobs[kind, chapter].result()

    def figures(self, chapter: Path) -> Path:
        """Where the run as stored put its figures."""
        return self.folder / "figures" / chapter.stem

    def python(self) -> Path:
        """The Python of the environment that chapters run alone in."""
        if not self.environment:
            self.environment = self.pool.submit(alone.make_environment)
        return self.environment.result()

    def start(self) -> None:
        """Start all runs, where that is not done: those as stored first, for the website waits for them."""
        if self.jobs:
            return
        for kind, job in (("stored", self._as_stored), ("alone", self._alone)):
            for chapter in reversed(chapters()):
                self.jobs[kind, chapter] = self.pool.submit(job, chapter)

    def _as_stored(self, chapter: Path) -> rerun.Report:
        folder = self.folder / "stored" / chapter.stem
        folder.mkdir(parents=True)
        return rerun.compare(Path(shutil.copy2(chapter, folder)), self.figures(chapter))

    def _alone(self, chapter: Path) -> nbformat.NotebookNode:
        python = self.python() if AS_ON_COLAB else Path(sys.executable)
        return alone.run(python, chapter, self.folder / "alone" / chapter.stem, another_seed(chapter))


def another_seed(chapter: Path) -> dict[str, object]:
    """Parameters of the run that is not as stored."""
    return {"profile": "ci", "seed": execute.stored_parameter(chapter, "seed") + 1}


@pytest.fixture(scope="session")
def runs(shared: Path) -> Iterator[ChapterRuns]:
    folder = shared / "chapters"
    folder.mkdir()  # fails in a second process: no chapter is run by two
    runs = ChapterRuns(folder)
    yield runs
    runs.pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def recorded(case_check: Callable, mutant_check: Callable) -> dict:
    """What `mamllib verify --json` prints, from the checks that the statements' tests read too."""
    entries = [
        ledger.Entry(
            statement,
            tuple(case_check(statement.id, case.name) for case in statement.cases),
            tuple(mutant_check(statement, mutant) for mutant in statement.mutants),
        )
        for statement in ml.STATEMENTS
    ]
    assert [check for entry in entries for check in entry.unexpected] == []
    return json.loads(json.dumps(ledger.records(entries)))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, runs: ChapterRuns, request: pytest.FixtureRequest) -> Path:
    """The website, rendered from the stored chapters and the figures of their re-run."""
    folder = tmp_path_factory.mktemp("site")
    runs.start()
    recorded = request.getfixturevalue("recorded")  # while the chapters run
    for chapter in chapters():
        runs.result("stored", chapter)
        kept = folder / "executed" / chapter.relative_to(ROOT)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(chapter, kept)
        if runs.figures(chapter).is_dir():
            shutil.copytree(runs.figures(chapter), folder / "executed" / "book" / "figures", dirs_exist_ok=True)
    build(folder / "executed", folder / "stage", folder / "html", recorded)
    return folder / "html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = chromium.find()
    assert executable, "no Chromium: `python -m book._tools.chromium` installs it or says how"
    assert MATHJAX.is_dir(), "no MathJax: the site's tests need Node, for `npm ci` to bring it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=page_gates.CHROMIUM_FLAGS)
        yield browser
        browser.close()


@dataclass
class TinyChapter:
    """A chapter small enough to run many times, stored the way every chapter is, with its figure's data."""

    path: Path
    figures: Path

    @property
    def notebook(self) -> nbformat.NotebookNode:
        return nbformat.read(self.path, as_version=4)

    def tampered(self, folder: Path, change) -> Path:
        """A copy in `folder` after `change(notebook)`."""
        notebook = self.notebook
        change(notebook)
        path = folder / "tampered" / self.path.name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path


TINY_CELLS = {
    "parameters": 'profile = "ci"\nseed = 0',
    "figure": """\
import os
from pathlib import Path
import matplotlib.pyplot as plt
x = [0.0, 0.5, 1.0]
y = [value**2 for value in x]
_ = plt.plot(x, y)
folder = Path(os.environ.get("MAMLLIB_FIGURES", "figures")) / "square"
folder.mkdir(parents=True, exist_ok=True)
rows = "".join(f"{a},{b}\\n" for a, b in zip(x, y))
_ = (folder / "data.csv").write_text("x,y\\n" + rows)
plt.show()""",
    "summary": 'print(f"largest {max(y):.4g}")',
    "verdict": """\
from IPython.display import display
verdict = {"statement": "lemma_0", "instance": "unit", "verdict": "holds", "expected": "holds"}
display({"text/plain": "lemma_0: holds", "application/vnd.mamllib.verdicts+json": [verdict]}, raw=True)""",
}


def tiny_notebook() -> nbformat.NotebookNode:
    """The tiny chapter, not yet executed."""
    cells = [nbformat.v4.new_markdown_cell("# A tiny chapter", id="title")]
    cells += [nbformat.v4.new_code_cell(source, id=name) for name, source in TINY_CELLS.items()]
    cells[1].metadata.tags = ["parameters"]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyChapter:
    folder = tmp_path_factory.mktemp("tiny")
    chapter = TinyChapter(folder / "tiny.ipynb", folder / "figures")
    nbformat.write(tiny_notebook(), chapter.path)
    normalise.store(chapter.path, chapter.figures)
    return chapter


@pytest.fixture
def unexecuted(tmp_path: Path):
    """Writes the tiny chapter, not executed, with one cell's source replaced, and gives its path."""

    def write(**replaced: str) -> Path:
        notebook = tiny_notebook()
        for cell in notebook.cells:
            cell.source = replaced.get(cell.id, cell.source)
        path = tmp_path / "tiny.ipynb"
        nbformat.write(notebook, path)
        return path

    return write
