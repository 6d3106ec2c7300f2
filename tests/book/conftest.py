"""What the tests of the book share: the chapters' runs, the site, a browser, and a tiny chapter to tamper with."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, sync_playwright

import mamllib as ml
from book._tools import chromium, normalise, page_gates
from book._tools.chapters import chapters
from book._tools.places import MATHJAX, ROOT
from book._tools.render import build
from mamllib import ledger
from tests.book.chapter_runs import KINDS, ChapterRuns


@pytest.fixture(scope="session")
def runs(shared: Path, request: pytest.FixtureRequest) -> Iterator[ChapterRuns]:
    folder = shared / "chapters"
    folder.mkdir()  # fails in a second process: no chapter is run by two
    read = {name for item in request.session.items for name in item.fixturenames}
    runs = ChapterRuns(folder, [kind for kind in KINDS if kind in read])
    yield runs
    runs.end()


@pytest.fixture(scope="session")
def stored(runs: ChapterRuns) -> Callable:
    """(chapter) → what re-running it as stored gave."""
    return partial(runs.result, "stored")


@pytest.fixture(scope="session")
def another_seed(runs: ChapterRuns) -> Callable:
    """(chapter) → the chapter as it came out alone and with another seed."""
    return partial(runs.result, "another_seed")


@pytest.fixture(scope="session")
def recorded(judged: Callable) -> dict:
    """What `mamllib verify --json --power` prints, from what the statements' tests read too.

    It begins at the end, while the tests of statements in another process begin at the start.
    """
    entries = [judged(statement).entry for statement in reversed(ml.STATEMENTS)]
    assert [check for entry in entries for check in entry.unexpected] == []
    return json.loads(json.dumps(ledger.records(entries[::-1])))


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, runs: ChapterRuns, stored: Callable, request: pytest.FixtureRequest
) -> Path:
    """The website, rendered from the stored chapters and the figures of their re-run."""
    folder = tmp_path_factory.mktemp("site")
    runs.start()
    recorded = request.getfixturevalue("recorded")  # while the chapters run
    for chapter in chapters():
        stored(chapter)
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


# A white pixel: drawing a picture would take most of the time of a chapter that is run so often.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGP4DwABAQEAsTjQPgAAAABJRU5ErkJggg=="

TINY_CELLS = {
    "parameters": 'profile = "ci"\nseed = 0',
    "figure": """\
import os
from base64 import b64decode
from pathlib import Path
from IPython.display import Image, display
x = [0.0, 0.5, 1.0]
y = [value**2 for value in x]
folder = Path(os.environ.get("MAMLLIB_FIGURES", "figures")) / "square"
folder.mkdir(parents=True, exist_ok=True)
rows = "".join(f"{a},{b}\\n" for a, b in zip(x, y))
_ = (folder / "data.csv").write_text("x,y\\n" + rows)
display(Image(b64decode(PICTURE)))""".replace("PICTURE", repr(PICTURE)),
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
