"""Every statement has a chapter that judges it, every link of the ledger leads somewhere, and a missing one is told."""

import json
import re
import shutil

import nbformat
import pytest
from docutils.nodes import make_id

import mamllib as ml
from book._tools import whereabouts
from book._tools.chapters import chapters, pages
from book._tools.places import ROOT, STORED_FIGURES
from book._tools.verdicts import MIME
from mamllib.figures import companion

RECORDED = {
    "statements": [
        {"id": statement.id, "checks": [{"instance": case.name} for case in statement.cases]}
        for statement in ml.STATEMENTS
    ]
}


def problems(sections, figures):
    """Statements without a chapter, chapters and headings that do not exist, figures and statements nobody knows."""
    known = {statement.id for statement in ml.STATEMENTS}
    missing = [f"{name} is judged in no chapter" for name in sorted(known - set(sections))]
    dead = [f"{name} links to {section.href}" for name, section in sections.items() if not exists(section.href)]
    shown = [(name, figure) for name, listed in figures.items() for figure in listed]
    strange = [f"{figure} supports {name}, which is no statement" for name, figure in shown if name not in known]
    lost = [f"{name} links to the figure {figure}" for name, figure in shown if figure not in companion.figures()]
    return [*missing, *dead, *strange, *lost]


def caused(before, after):
    """The problems that came with a change."""
    return [problem for problem in problems(*after) if problem not in problems(*before)]


def exists(href):
    """Whether the book has this page, and on it a heading of this anchor."""
    page, _, anchor = href.partition("#")
    name = f"book/{page.removesuffix('.html')}"
    if name not in pages():
        return False
    cells = nbformat.read(ROOT / f"{name}.ipynb", as_version=4).cells
    headings = re.findall(r"^#+ (.*)$", "\n".join(c.source for c in cells if c.cell_type == "markdown"), re.MULTILINE)
    return anchor in [make_id(heading) for heading in headings]


@pytest.fixture(scope="module")
def sections():
    return whereabouts.sections(RECORDED, chapters())


def test_every_statement_has_its_chapter_and_every_link_leads_somewhere(sections):
    assert problems(sections, whereabouts.figures(STORED_FIGURES)) == []


def test_a_chapter_that_judges_nothing_leaves_its_statements_without_a_link(sections, tmp_path):
    chapter = next(path for path in chapters() if path.stem == "02_f_is_not_smooth")
    copied = tmp_path / chapter.relative_to(ROOT)
    copied.parent.mkdir(parents=True)
    notebook = nbformat.read(chapter, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(MIME, None)
    nbformat.write(notebook, copied)
    found = whereabouts.sections(RECORDED, [copied], tmp_path)
    left = {name: section for name, section in sections.items() if "02_f_is_not_smooth" not in section.href} | found
    assert caused((sections, {}), (left, {})) == [
        "fallah2020/lemma_4_8 is judged in no chapter",
        "fallah2020/lemma_4_8_any_alpha is judged in no chapter",
    ]


def test_a_heading_that_is_gone_is_a_dead_link(sections):
    moved = whereabouts.Section("F is not smooth", "fallah2020/02_f_is_not_smooth.html#what-was-believed")
    assert caused((sections, {}), (sections | {"fallah2020/lemma_4_8": moved}, {})) == [
        "fallah2020/lemma_4_8 links to fallah2020/02_f_is_not_smooth.html#what-was-believed"
    ]


def test_a_figure_nobody_published_and_a_statement_nobody_made_are_told(sections, tmp_path):
    shutil.copytree(STORED_FIGURES / "equation-9", tmp_path / "equation-ten")
    described = json.loads((tmp_path / "equation-ten" / "params.json").read_text(encoding="utf-8"))
    described["statements"] = ["fallah2020/equation_9", "fallah2020/equation_10"]
    (tmp_path / "equation-ten" / "params.json").write_text(json.dumps(described), encoding="utf-8")
    assert caused((sections, {}), (sections, whereabouts.figures(tmp_path))) == [
        "equation-ten supports fallah2020/equation_10, which is no statement",
        "fallah2020/equation_9 links to the figure equation-ten",
        "fallah2020/equation_10 links to the figure equation-ten",
    ]


def test_the_section_is_where_most_instances_on_record_are_judged(sections):
    assert sections["fallah2020/lemma_4_8"].href == "fallah2020/02_f_is_not_smooth.html#what-was-checked"
    assert sections["fallah2020/theorem_4_15"].href.endswith("#the-table-of-checks")  # not where runs are tried first


def test_a_section_that_judges_more_of_them_wins_over_an_earlier_one(tmp_path):
    def judged(*instances):
        records = [{"statement": "toys/a", "instance": i, "verdict": "holds", "expected": "holds"} for i in instances]
        output = nbformat.v4.new_output("display_data", {MIME: records})
        return nbformat.v4.new_code_cell("", outputs=[output])

    heading = nbformat.v4.new_markdown_cell
    cells = [heading("# Toys"), judged("one"), heading("## The $K$ others"), judged("one", "two")]
    chapter = tmp_path / "book" / "toys" / "01_toys.ipynb"
    chapter.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), chapter)
    recorded = {"statements": [{"id": "toys/a", "checks": [{"instance": "one"}, {"instance": "two"}]}]}
    found = whereabouts.sections(recorded, [chapter], tmp_path)
    assert found == {"toys/a": whereabouts.Section("Toys", "toys/01_toys.html#the-k-others")}


def test_the_contents_name_the_papers():
    assert whereabouts.papers()["fallah2020"] == "Fallah et al. 2020"


def test_a_file_is_linked_only_where_the_repository_has_an_address(monkeypatch, tmp_path):
    def found(address):
        monkeypatch.setattr(companion, "citation", lambda: {"repository-code": address} if address else {})
        return whereabouts.find({"statements": []}, tmp_path).source("mamllib/ledger.py")

    assert found(None) is None
    assert found("https://example.invalid/maml/") == "https://example.invalid/maml/blob/HEAD/mamllib/ledger.py"


def test_while_the_address_is_the_placeholder_nothing_is_linked(tmp_path):
    found = whereabouts.find({"statements": []}, tmp_path)
    assert found.repository is None or "repository-not-set" not in found.repository
