"""The card under a figure, the gallery's entries, and what the files served with a figure carry."""

import importlib.util
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure
from PIL import Image
from playwright.sync_api import Browser

from book._tools import figures
from book._tools.places import ROOT
from book._tools.server import serve
from mamllib.figures import NothingCarriedError, carried, companion, whence

SHOWN = {
    "figure": {"caption": "**One claim.** Left: α² ≤ ‖F̂‖, 5 % of w_0.", "name": "fig-square"},
    "image": {"alt": 'Points "on" a parabola'},
}
DESCRIBED = {
    "figure": "square",
    "columns": {"x": "where", "y": "x², <measured>"},
    "statements": ["fallah2020/lemma_4_8", "fallah2020/equation_9"],
    "parameters": {"profile": "full", "seed": 3},
}
RECORDED = {"version": "0.0.1", "commit": None, "changed": None, "seed": 5} | {
    "statements": [
        {"id": "fallah2020/equation_9", "verdict": "holds", "grades": {"exact": 2, "float": 1}},
        {"id": "fallah2020/lemma_4_8", "verdict": "violated", "grades": {"float": 4}},
    ]
}


@pytest.fixture(scope="session")
def extension():
    """The Sphinx extension, which Sphinx alone imports by its folder."""
    path = ROOT / "book" / "_ext" / "figure_card.py"
    spec = importlib.util.spec_from_file_location("figure_card", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A staged book of one chapter with one published figure."""
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/paper/01_square\n")
    show = nbformat.v4.new_code_cell("plot()", id="plot", metadata={"mystnb": SHOWN})
    text = {"text/plain": "square: 2 rows\n  x: 0 … 1", "text/html": '<details class="plotted">…</details>'}
    output = nbformat.v4.new_output("execute_result", text, execution_count=2)
    publish = nbformat.v4.new_code_cell("publish()", id="publish", outputs=[output])
    (tmp_path / "book" / "paper").mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=[show, publish])
    nbformat.write(notebook, tmp_path / "book" / "paper" / "01_square.ipynb")
    folder = tmp_path / "_served" / "figures" / "square"
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(json.dumps(DESCRIBED))
    (folder / "environment.json").write_text(json.dumps({"jax": "0.0.1", "commit": None}))
    (folder / "cite.bib").write_text("@misc{mamllib:square,\n  note = {a <b> & c},\n}\n")
    noted = carried.note("square", DESCRIBED["parameters"], DESCRIBED["statements"])
    for kind, metadata in carried.metadata(noted).items():
        Figure(figsize=(6.75, 3), dpi=300).savefig(folder / f"figure.{kind}", metadata=metadata)
    return tmp_path


@pytest.fixture
def record(stage: Path) -> dict:
    figures.write(stage, RECORDED)
    (record,) = json.loads((stage / "book" / "_generated" / "figures.json").read_text(encoding="utf-8"))
    return record


def test_a_record_has_what_the_chapter_and_the_library_say(record: dict):
    assert (record["id"], record["chapter"], record["label"]) == ("square", "book/paper/01_square", "fig-square")
    assert (record["caption"], record["alt"]) == (SHOWN["figure"]["caption"], SHOWN["image"]["alt"])
    assert record["columns"] == DESCRIBED["columns"]
    assert record["environment"] == {"jax": "0.0.1", "commit": None}
    assert [each["row"] for each in record["statements"]] == [
        "statement-fallah2020-lemma-4-8",
        "statement-fallah2020-equation-9",
    ]


def test_the_files_served_have_caption_and_environment(stage: Path, record: dict):
    folder = stage / "_served" / "figures" / "square"
    served = json.loads((folder / "params.json").read_text(encoding="utf-8"))
    assert served["environment"] == {"jax": "0.0.1", "commit": None}
    assert served["alt"] == SHOWN["image"]["alt"]
    assert served["statements"] == DESCRIBED["statements"]
    assert r"\textbf{One claim.} Left: \ensuremath{\alpha}" in (folder / "snippet.tex").read_text()
    with Image.open(folder / figures.THUMBNAIL) as small:
        assert list(small.size) == record["size"] == [608, 270]


def test_the_pictures_served_carry_the_verdicts_of_the_same_build(stage: Path, record: dict):
    folder = stage / "_served" / "figures" / "square"
    verdicts = {
        "fallah2020/lemma_4_8": {"verdict": "violated", "grades": {"float": 4}},
        "fallah2020/equation_9": {"verdict": "holds", "grades": {"exact": 2, "float": 1}},
    }
    for picture in figures.PICTURES:
        found = whence(folder / picture)
        assert (found["figure"], found["parameters"]) == ("square", DESCRIBED["parameters"])
        assert found["statements"] == verdicts
        assert found["judged"] == {"version": "0.0.1", "commit": None, "changed": None, "seed": 5}
    assert json.loads((folder / "params.json").read_text(encoding="utf-8"))["verdicts"] == verdicts


def test_a_picture_that_carries_another_verdict_is_named(stage: Path, record: dict):
    served = stage / "_served"
    assert figures.unmarked(served, RECORDED) == []
    picture = served / "figures" / "square" / "figure.svg"
    noted = whence(picture)
    noted["statements"]["fallah2020/lemma_4_8"]["verdict"] = "holds"
    carried.put(picture, noted)
    assert figures.unmarked(served, RECORDED) == ["square: figure.svg carries other verdicts than the ledger's"]
    carried.put(picture, noted | {"statements": dict.fromkeys(DESCRIBED["statements"])})
    assert len(figures.unmarked(served, RECORDED)) == 1


def test_a_picture_that_carries_nothing_is_not_served(stage: Path):
    Figure().savefig(stage / "_served" / "figures" / "square" / "figure.svg")
    with pytest.raises(NothingCarriedError, match=r"figure\.svg carries nothing"):
        figures.write(stage, RECORDED)


def test_the_card_offers_everything(extension, record: dict):
    card = BeautifulSoup(extension.card(record, "../../"), "html.parser")
    downloads = {link["href"]: link["download"] for link in card.select("a[download]")}
    assert downloads == {
        "../../figures/square/figure.pdf": "square.pdf",
        "../../figures/square/figure.svg": "square.svg",
        "../../figures/square/figure.png": "square.png",
        "../../figures/square/data.csv": "square.csv",
        "../../figures/square/params.json": "square.json",
    }
    links = [link["href"] for link in card.select("a:not([download])")]
    assert links == [
        "../../book/figures.html#square",
        "../../book/ledger.html#statement-fallah2020-lemma-4-8",
        "../../book/ledger.html#statement-fallah2020-equation-9",
    ]
    copied = [block.text for block in card.select(".highlight pre")]
    assert copied[0] == record["bibtex"].strip()
    assert copied[1] == record["snippet"].strip()
    assert copied[2:] == ["make chapter CHAPTER=01_square PROFILE=full SEED=3"]
    terms = [(term.text, term.find_next("dd").text) for term in card.select("dt")]
    assert terms[:2] == [("x", "where"), ("y", "x², <measured>")]
    assert ("seed", "3") in terms
    assert ("jax", "0.0.1") in terms
    assert "commit" not in dict(terms)


def links(extension, record: dict) -> dict[str, str]:
    card = BeautifulSoup(extension.card(record, "../"), "html.parser")
    return {link.text: link["href"] for link in card.select(".files a:not([download])")}


def test_a_copy_without_an_address_says_so_and_offers_no_permanent_link(extension, record: dict):
    assert record["address"] is None
    assert links(extension, record) == {"in the gallery": "../book/figures.html#square"}
    assert "<p>None: this copy of the book has no address.</p>" in extension.card(record, "../")


def test_a_stamped_copy_shows_the_absolute_address(extension, stage: Path, monkeypatch):
    monkeypatch.setattr(companion, "citation", lambda: {"repository-code": "https://github.com/Owner/name"})
    address = "https://owner.github.io/name/book/figures.html#square"
    figures.write(stage, RECORDED)
    (record,) = json.loads((stage / "book" / "_generated" / "figures.json").read_text(encoding="utf-8"))
    assert record["address"] == address
    assert links(extension, record) == {"permanent link": address}
    card = BeautifulSoup(extension.card(record, "../"), "html.parser")
    assert address in [block.text for block in card.select(".highlight pre")]
    assert "no address" not in card.text
    served = json.loads((stage / "_served" / "figures" / "square" / "params.json").read_text(encoding="utf-8"))
    assert served["address"] == address


def test_the_card_is_folded_but_for_one_row(extension, record: dict):
    card = BeautifulSoup(extension.card(record, ""), "html.parser")
    (details,) = card.select("details")
    assert not details.has_attr("open")
    details.decompose()
    assert len(card.select("p")) == 1


def test_the_profile_of_the_stored_chapters_needs_not_be_named(extension, record: dict):
    usual = record | {"parameters": {"profile": "ci", "seed": 0}}
    assert extension._command(usual) == "make chapter CHAPTER=01_square SEED=0"


def test_the_gallery_shows_a_small_picture_that_leads_to_the_chapter(extension, record: dict):
    (image,) = BeautifulSoup(extension.thumbnail(record, "../"), "html.parser").select("a img")
    assert image.parent["href"] == "../book/paper/01_square.html#fig-square"
    assert (image["alt"], image["loading"]) == (SHOWN["image"]["alt"], "lazy")


def test_the_gallery_names_a_figure_by_its_message(stage: Path, record: dict):
    written = (stage / "book" / "_generated" / "figures.md").read_text(encoding="utf-8")
    assert written.startswith("(square)=\n## One claim\n")
    assert "{doc}`/book/paper/01_square`" in written


def test_a_figure_that_was_published_before_it_was_cited_is_cited_still(stage: Path):
    folder = stage / "_served" / "figures" / "square"
    (folder / "cite.bib").unlink()
    (folder / "environment.json").unlink()
    figures.write(stage, RECORDED)
    assert "@misc{mamllib:square," in (folder / "cite.bib").read_text()


def test_what_the_site_lacks_of_a_figure_is_named(tmp_path: Path, extension, stage: Path, record: dict):
    site = tmp_path / "site"
    (site / "book" / "paper").mkdir(parents=True)
    shutil.copytree(stage / "_served" / "figures", site / "figures")
    for file in ("figure.pdf", "figure.svg", "data.csv"):
        (site / "figures" / "square" / file).write_text("")
    chapter, gallery = site / "book" / "paper" / "01_square.html", site / "book" / "figures.html"
    chapter.write_text(extension.card(record, "../../"))
    gallery.write_text(f'<section><span id="square"></span>{extension.card(record, "../")}</section>')
    assert figures.missing(site, ["square"]) == []
    chapter.write_text("")
    gallery.write_text("")
    (site / "figures" / "square" / "figure.svg").unlink()
    assert figures.missing(site, ["square"]) == [
        "square: 0 cards in chapters",
        "square: not in the gallery",
        "square: no figure.svg",
    ]


def test_a_figure_without_files_has_no_card(stage: Path):
    shutil.rmtree(stage / "_served" / "figures" / "square")
    figures.write(stage, RECORDED)
    assert json.loads((stage / "book" / "_generated" / "figures.json").read_text(encoding="utf-8")) == []


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, extension):
    """A gallery of two figures, with the script, and no theme."""
    folder = tmp_path_factory.mktemp("gallery")
    shutil.copy2(ROOT / "book" / "_static" / "figure_card.js", folder)
    card = '<section><h2>{0}</h2><div class="figure-card"></div></section>'
    body = extension.SEARCH + card.format("two-slopes") + card.format("one-floor")
    (folder / "index.html").write_text(f"<body>{body}<script src='figure_card.js'></script>")
    with serve(folder) as address:
        yield address


def test_the_gallery_s_search_hides_what_does_not_match(browser: Browser, page: str):
    with browser.new_context() as context:
        opened = context.new_page()
        opened.goto(f"{page}/index.html")
        opened.get_by_label("Search the figures").fill("Slopes TWO")
        assert opened.locator("section:visible h2").all_inner_texts() == ["two-slopes"]
        assert opened.locator("output").inner_text() == "1 of 2 figures"
        opened.get_by_label("Search the figures").fill("")
        assert opened.locator("section:visible").count() == 2


def test_without_scripts_everything_is_there_but_the_search_box(browser: Browser, page: str):
    with browser.new_context(java_script_enabled=False) as context:
        opened = context.new_page()
        opened.goto(f"{page}/index.html")
        assert opened.locator("section:visible").count() == 2
        assert not opened.locator(".figure-search").is_visible()
