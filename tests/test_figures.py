"""A published figure: its files, the same bytes twice, fonts a publisher accepts, and no column left unexplained."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mamllib import figures
from mamllib.figures import publish, style

STABLE = ["data.csv", "figure.pdf", "figure.png", "figure.svg", "params.json"]
NAMING_THEIR_ORIGIN = ["cite.bib", "environment.json", "snippet.tex"]
FILES = sorted(STABLE + NAMING_THEIR_ORIGIN)
DATA = pd.DataFrame({"n": [1, 10, 100], "ratio": [0.5, 1 / 3, 2e-20], "task": ["a", "b", "c"]})
COLUMNS = {"n": "index of the point", "ratio": "lhs/rhs", "task": "name of the task"}


@pytest.fixture(autouse=True)
def published_style():
    """The style of the figures, and afterwards whatever was set before."""
    with mpl.rc_context():
        level = logging.getLogger("fontTools").level
        figures.use()
        yield
        logging.getLogger("fontTools").setLevel(level)


def drawn() -> Figure:
    figure = Figure(figsize=(style.COLUMN, 2))
    axes = figure.subplots()
    axes.loglog(DATA.n, DATA.ratio, marker="o", color=style.MEASURED, label=r"$\|\nabla F\|$ and text")
    style.reference_slope(axes, [1, 100], 0.5, -1.0, "slope −1")
    axes.legend()
    return figure


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Publishes the same figure into a folder of the given name and gives that folder."""

    def into(folder):
        monkeypatch.setenv("MAMLLIB_FIGURES", str(tmp_path / folder))
        publish(drawn(), "divergence", DATA, COLUMNS, ["fallah2020/lemma_4_8"], seed=3, profile="ci")
        return tmp_path / folder / "divergence"

    return into


def test_all_files_are_written(published):
    assert sorted(path.name for path in published("first").iterdir()) == FILES


def test_the_same_figure_has_the_same_bytes_twice(published):
    first, second = published("first"), published("second")
    for name in FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


PUBLISHING = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import test_figures as test
test.figures.use()
test.publish(test.drawn(), "divergence", test.DATA, test.COLUMNS, [], seed=3)
"""


def test_two_processes_write_the_same_bytes(tmp_path):
    for folder in ("first", "second"):
        # Another seed for the order of sets, where bytes could come from.
        surroundings = os.environ | {"MAMLLIB_FIGURES": str(tmp_path / folder), "PYTHONHASHSEED": str(len(folder))}
        subprocess.run([sys.executable, "-c", PUBLISHING], env=surroundings, check=True)
    first, second = tmp_path / "first" / "divergence", tmp_path / "second" / "divergence"
    assert sorted(path.name for path in first.iterdir()) == FILES
    assert [name for name in FILES if (first / name).read_bytes() != (second / name).read_bytes()] == []


def test_what_is_stored_names_neither_version_nor_commit_nor_device(published):
    folder = published("first")
    made = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
    assert set(made) == {"mamllib", "jax", "numpy", "matplotlib", "python", "device", "commit"}
    assert set(json.loads((folder / "params.json").read_text(encoding="utf-8"))) == {
        "figure",
        "columns",
        "statements",
        "parameters",
    }


@pytest.mark.parametrize("width", [style.COLUMN, 4.6, style.PAGE])
def test_a_figure_is_as_wide_as_it_was_made(tmp_path, monkeypatch, width):
    monkeypatch.setenv("MAMLLIB_FIGURES", str(tmp_path))
    figure = drawn()
    figure.set_figwidth(width)
    publish(figure, "divergence", DATA, COLUMNS, [])
    box = (tmp_path / "divergence" / "figure.pdf").read_bytes().split(b"/MediaBox [ 0 0 ")[1].split()
    assert abs(float(box[0]) / 72 - width) < 0.02


@pytest.mark.parametrize(("width", "share"), [(3.25, None), (3.4, None), (3.6, 3.6 / 6.75), (6.75, 1.0), (8.0, 1.0)])
def test_a_figure_is_put_into_one_column_only_where_its_labels_stay_legible(width, share):
    assert style.share_of_page(width) == share


def test_no_file_carries_a_date(published):
    folder = published("first")
    assert b"CreationDate" not in (folder / "figure.pdf").read_bytes()
    assert b"dc:date" not in (folder / "figure.svg").read_bytes()


def test_the_fonts_of_the_pdf_are_type_42(published):
    pdf = (published("first") / "figure.pdf").read_bytes()
    assert b"/Type3" not in pdf
    assert b"/FontFile2" in pdf


def test_another_font_type_would_be_seen(published):
    mpl.rcParams["pdf.fonttype"] = 3
    assert b"/Type3" in (published("first") / "figure.pdf").read_bytes()


def test_the_data_is_what_is_plotted(published):
    table = pd.read_csv(published("first") / "data.csv")
    assert list(table.columns) == list(DATA.columns)
    np.testing.assert_allclose(table.ratio, DATA.ratio, rtol=1e-11)


def test_the_parameters_say_what_was_plotted_and_from_what(published):
    described = json.loads((published("first") / "params.json").read_text(encoding="utf-8"))
    assert described["figure"] == "divergence"
    assert described["columns"] == COLUMNS
    assert described["statements"] == ["fallah2020/lemma_4_8"]
    assert described["parameters"] == {"seed": 3, "profile": "ci"}


@pytest.mark.parametrize(
    "columns", [{"n": "index", "ratio": "lhs/rhs"}, {**COLUMNS, "slope": "not plotted"}], ids=["missing", "too many"]
)
def test_columns_and_descriptions_must_match(columns):
    with pytest.raises(
        ValueError, match=r"columns described \[.*\] differ from those plotted \['n', 'ratio', 'task'\]"
    ):
        publish(drawn(), "divergence", DATA, columns, [])


def test_a_summary_of_the_numbers_is_returned_for_comparison(tmp_path, monkeypatch):
    monkeypatch.setenv("MAMLLIB_FIGURES", str(tmp_path))
    summary = publish(drawn(), "divergence", DATA, COLUMNS, [])
    numbers = ["n: 1 … 10 … 100", "ratio: 0 … 0.3333 … 0.5"]
    assert repr(summary).splitlines() == ["divergence: 3 rows", *(f"  {line}" for line in numbers)]
    page = summary._repr_html_()
    assert all(line in page for line in ("Plotted: divergence: 3 rows", *numbers))


def test_the_resolution_and_the_type_are_those_of_the_venues():
    assert (mpl.rcParams["savefig.dpi"], mpl.rcParams["pdf.fonttype"], mpl.rcParams["font.size"]) == (300, 42, 8)
    assert (style.COLUMN, style.PAGE) == (3.25, 6.75)


def test_a_reference_slope_is_a_straight_line_in_logarithms():
    axes = Figure().subplots()
    style.reference_slope(axes, [1, 10, 100], 2.0, -0.5, "slope")
    x, y = axes.lines[0].get_data()
    np.testing.assert_allclose((x, y), [[1, 100], [2.0, 0.2]])
