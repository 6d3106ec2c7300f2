"""A figure's files say which figure they are, of which commit, from which parameters, and what it supports."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from pypdf import PdfReader

from mamllib import cli, figures
from mamllib.figures import carried
from mamllib.figures.provenance import Commit

COMMIT = Commit("0123456789abcdef0123456789abcdef01234567", "2024-02-29", True)
STATEMENTS = ["fallah2020/lemma_4_8", "fallah2020/equation_9"]
JUDGED = {
    "statements": {STATEMENTS[0]: {"verdict": "holds", "grades": {"exact": 4, "float": 2}}, STATEMENTS[1]: None},
    "judged": {"version": "0.1.0", "commit": COMMIT.id, "changed": False, "seed": 7},
}

each_format = pytest.mark.parametrize("kind", ["png", "svg", "pdf"])


def drawn() -> Figure:
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, 1], [0, 1], label="a < b")
    return figure


@pytest.fixture
def published(tmp_path: Path, monkeypatch) -> Path:
    """The folder of a figure that was published."""
    monkeypatch.setenv("MAMLLIB_FIGURES", str(tmp_path))
    monkeypatch.setattr(carried, "commit", lambda: COMMIT)
    data = pd.DataFrame({"x": [0, 1]})
    figures.publish(drawn(), "line", data, {"x": "where"}, STATEMENTS, profile="ci", seed=3, note='√2 < "2" & é')
    return tmp_path / "line"


@each_format
def test_a_published_file_carries_figure_commit_parameters_and_statements(published: Path, kind: str):
    found = figures.whence(published / f"figure.{kind}")
    assert (found["figure"], found["commit"], found["changed"]) == ("line", COMMIT.id, True)
    assert found["parameters"] == {"profile": "ci", "seed": 3, "note": '√2 < "2" & é'}
    assert found["statements"] == dict.fromkeys(STATEMENTS)
    assert (found["judged"], found["repository"]) == (None, None)


@each_format
def test_verdicts_are_put_in_and_nothing_else_changes(published: Path, kind: str):
    path = published / f"figure.{kind}"
    before, wanted = path.read_bytes(), figures.whence(path) | JUDGED
    carried.put(path, wanted)
    assert figures.whence(path) == wanted
    once = path.read_bytes()
    carried.put(path, wanted)
    assert path.read_bytes() == once != before


def test_a_picture_stays_as_it_was_drawn(published: Path):
    png, svg, pdf = (published / f"figure.{kind}" for kind in ("png", "svg", "pdf"))
    noted, lines, drawing = figures.whence(png) | JUDGED, svg.read_text().splitlines(), pdf.read_bytes()
    with Image.open(png) as picture:
        pixels, kept = np.asarray(picture), picture.info
    for path in (png, svg, pdf):
        carried.put(path, noted)
    with Image.open(png) as picture:
        assert np.array_equal(np.asarray(picture), pixels)
        assert {name for name in kept if picture.info[name] != kept[name]} == {"Description"}
    (changed,) = (line for line, old in zip(svg.read_text().splitlines(), lines, strict=True) if line != old)
    assert "<dc:description>" in changed
    assert pdf.read_bytes().startswith(drawing)
    assert PdfReader(pdf).metadata["/Title"] == "Figure line of mamllib: MAML theory, checked"


@each_format
def test_a_picture_of_somebody_else_carries_nothing(tmp_path: Path, kind: str, capsys):
    path = tmp_path / f"other.{kind}"
    drawn().savefig(path)
    with pytest.raises(figures.NothingCarriedError, match=f"other.{kind} carries nothing that says which figure"):
        figures.whence(path)
    assert cli.main(["whence", str(path)]) == 2
    output, complaint = capsys.readouterr()
    assert output == ""
    assert complaint.startswith(f"mamllib: {path} carries nothing")


@pytest.mark.parametrize("description", ["a text", '"a text"', "[1]", '{"title": "another"}'])
def test_another_description_is_not_taken_for_ours(tmp_path: Path, description: str):
    drawn().savefig(tmp_path / "other.svg", metadata={"Description": description})
    with pytest.raises(figures.NothingCarriedError, match="carries nothing that says"):
        figures.whence(tmp_path / "other.svg")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"%PDF-1.4\n", b"<svg", b"<svg/>"])
def test_a_damaged_file_carries_nothing(tmp_path: Path, content: bytes):
    (tmp_path / "damaged").write_bytes(content)
    with pytest.raises(figures.NothingCarriedError, match="damaged carries nothing that says"):
        figures.whence(tmp_path / "damaged")


def test_what_is_no_picture_and_what_is_not_there_are_told_so(tmp_path: Path, capsys):
    (tmp_path / "notes.txt").write_text("a note")
    assert cli.main(["whence", str(tmp_path / "notes.txt")]) == 2
    assert capsys.readouterr().err.endswith("notes.txt is no PNG, SVG or PDF\n")
    assert cli.main(["whence", str(tmp_path / "none.png")]) == 2
    assert f"there is no file {tmp_path / 'none.png'}" in capsys.readouterr().err


def test_where_pypdf_is_missing_a_pdf_says_how_to_get_it(published: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdf.errors", None)
    with pytest.raises(figures.NothingCarriedError, match=r'pip install "mamllib\[pdf\]"'):
        figures.whence(published / "figure.pdf")
    assert figures.whence(published / "figure.png")["figure"] == "line"


def test_a_file_as_published_is_told_without_verdicts(published: Path, capsys):
    assert cli.main(["whence", str(published / "figure.svg")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "figure      line, of mamllib: MAML theory, checked",
        f"version     {figures.whence(published / 'figure.svg')['version']}",
        f"commit      {COMMIT.id} with changes",
        'parameters  profile ci, seed 3, note √2 < "2" & é',
        "supports    fallah2020/lemma_4_8: not judged with this figure",
        "            fallah2020/equation_9: not judged with this figure",
    ]


def test_a_file_of_a_site_is_told_with_its_verdicts(published: Path, capsys):
    path = published / "figure.png"
    carried.put(
        path,
        figures.whence(path) | JUDGED | {"repository": "https://example.org/repo", "commit": None, "changed": None},
    )
    assert cli.main(["whence", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "repository  https://example.org/repo"
    assert lines[3] == "commit      not known"
    assert lines[-3:] == [
        "supports    fallah2020/lemma_4_8: holds (instances: 4 exact, 2 float)",
        "            fallah2020/equation_9: not judged with this figure",
        f"judged      commit {COMMIT.id}, seed 7",
    ]


def test_json_is_what_the_file_carries(published: Path, capsys):
    assert cli.main(["whence", "--json", str(published / "figure.pdf")]) == 0
    assert json.loads(capsys.readouterr().out) == figures.whence(published / "figure.pdf")
