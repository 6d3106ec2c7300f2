"""Each gate on a figure's PDF catches a figure with the fault it is there for."""

import logging
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from book._tools import pdf_gates
from mamllib import figures
from mamllib.figures import style


@pytest.fixture(autouse=True)
def published_style():
    with mpl.rc_context():
        level = logging.getLogger("fontTools").level
        figures.use()
        yield
        logging.getLogger("fontTools").setLevel(level)


@pytest.fixture
def saved(tmp_path: Path):
    """Saves a figure of this width after `change(axes)`, and gives its PDF."""

    def save(change=lambda axes: None, width: float = style.PAGE) -> Path:
        figure = Figure(figsize=(width, 2))
        axes = figure.subplots()
        axes.loglog([1, 10, 100], [1, 3, 2], marker="o")
        axes.set(xlabel=r"$\sqrt{D_{\mathrm{in}}}$", ylabel="share")
        change(axes)
        path = tmp_path / "one" / "figure.pdf"
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path, metadata={"CreationDate": None}, pad_inches=1 / 24)
        return path

    return save


def without_text(axes):
    axes.set_axis_off()


def pale(axes):
    axes.clear()
    axes.set_axis_off()
    axes.text(0.5, 0.5, "x", color="0.99")


@pytest.mark.parametrize("width", [style.COLUMN, 3.4, 4.6, style.PAGE])
def test_a_figure_in_the_style_of_the_book_passes_every_gate(saved, width):
    path = saved(width=width)
    assert pdf_gates.figures(path.parent.parent) == []


def test_a_type_3_font_is_caught(saved):
    mpl.rcParams["pdf.fonttype"] = 3
    problems = pdf_gates.fonts(saved())
    assert problems
    assert all("Type3" in problem for problem in problems)


def test_a_font_that_is_not_embedded_is_caught(saved):
    mpl.rcParams["pdf.use14corefonts"] = True
    mpl.rcParams["text.usetex"] = False
    problems = pdf_gates.fonts(saved(lambda axes: axes.set(xlabel="plain", xscale="linear", yscale="linear")))
    assert any("Type1, embedded: False" in problem for problem in problems)


def test_text_as_outlines_is_caught(saved):
    assert pdf_gates.fonts(saved(without_text)) == ["no text"]


@pytest.mark.parametrize(("size", "caught"), [(7, []), (6.9, ["6.90 pt for 'small'"])])
def test_text_below_seven_points_is_caught(saved, size, caught):
    assert pdf_gates.text_size(saved(lambda axes: axes.annotate("small", (1, 1), fontsize=size))) == caught


def test_turned_text_is_measured_too(saved):
    path = saved(lambda axes: axes.text(1, 1, "small", fontsize=6, rotation=30))
    assert pdf_gates.text_size(path) == ["6.00 pt for 'small'"]


def test_text_is_measured_at_the_size_at_which_a_narrow_figure_is_shown(saved):
    path = saved(lambda axes: axes.annotate("note", (1, 1), fontsize=7), width=3.45)
    assert pdf_gates.text_size(path) == ["6.59 pt for 'note'"]


def test_text_is_measured_at_the_size_at_which_a_wide_figure_is_shown(saved):
    assert pdf_gates.text_size(saved(width=9.0)) != []


def test_an_empty_page_is_caught(saved):
    (problem, *_) = pdf_gates.drawn(saved(pale))
    assert "of the page is marked" in problem


def test_a_problem_names_its_figure(saved):
    path = saved(lambda axes: axes.annotate("small", (1, 1), fontsize=5))
    assert pdf_gates.figures(path.parent.parent) == ["one: 5.00 pt for 'small'"]


def test_the_proof_is_the_figure_drawn_in_grey(saved):
    path = saved(width=3.25)
    grey = pdf_gates.proof(path, dpi=100)
    assert grey.shape == (200, 325)
    assert grey.dtype == np.uint8
    assert grey.min() < 60
    assert grey.max() == 255
