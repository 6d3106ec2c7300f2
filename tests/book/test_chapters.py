"""Every chapter comes out as stored, and, with another seed and alone, some have the verdicts stored."""

from pathlib import Path

import nbformat
import pytest

from book._tools import gates, verdicts
from book._tools.chapters import chapters
from book._tools.execute import stored_parameter
from book._tools.places import ROOT, STORED_FIGURES
from tests.book.chapter_runs import with_another_seed

each_chapter = pytest.mark.parametrize("chapter", chapters(), ids=lambda path: path.stem)


def test_every_notebook_of_the_book_is_in_the_table_of_contents():
    notebooks = [path for path in (ROOT / "book").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts]
    assert sorted(notebooks) == sorted(chapters())


@each_chapter
def test_stored_outputs_are_whole(chapter: Path):
    assert gates.stored(nbformat.read(chapter, as_version=4)) == []


@each_chapter
def test_stored_outputs_come_out_again(stored, chapter: Path):
    report = stored(chapter)
    assert report.differences == []
    assert report.cells == sum(cell.cell_type == "code" for cell in nbformat.read(chapter, as_version=4).cells)


@each_chapter
def test_figures_come_out_again(runs, stored, chapter: Path):
    stored(chapter)
    assert gates.figure_data(STORED_FIGURES, runs.figures(chapter)) == []


def test_every_stored_figure_is_drawn(runs, stored):
    for chapter in chapters():
        stored(chapter)
    assert gates.figures_nobody_draws(STORED_FIGURES, [runs.figures(chapter) for chapter in chapters()]) == []


@pytest.mark.parametrize("chapter", with_another_seed(), ids=lambda path: path.stem)
def test_another_seed_gives_the_stored_verdicts(another_seed, chapter: Path):
    executed = another_seed(chapter)
    assert executed.metadata.papermill.parameters == {"profile": "ci", "seed": stored_parameter(chapter, "seed") + 1}
    assert verdicts.read(executed), "a chapter has at least one verdict"
    assert verdicts.unexpected(executed) == []
    assert set(verdicts.read(executed)) == set(verdicts.read(nbformat.read(chapter, as_version=4)))
    assert gates.stored(executed) == []
