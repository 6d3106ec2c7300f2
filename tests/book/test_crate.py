"""The RO-Crate of a site: it says what CITATION.cff says, lists what is there, and its gates catch what is wrong."""

import copy
import datetime
import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from rocrate.rocrate import ROCrate

from book._tools import crate, crate_gates, figures
from book._tools.crate_gates import LEDGER, METADATA
from mamllib.figures import companion, provenance
from mamllib.figures.provenance import Commit

COMMIT = Commit("0123456789abcdef0123456789abcdef01234567", "2024-02-29", False)
CITATION = companion.citation()
RECORDED = {"commit": COMMIT.id, "changed": True, "seed": 5, "environment": {"jax": "0.0.1", "device": "cpu"}}
FIGURE = {"id": "square", "caption": "**One claim.** Left: α².", "alt": "a parabola"}
PAGES = ["book/paper/01_square.html"]


@pytest.fixture
def written(tmp_path: Path, monkeypatch) -> Callable[..., Path]:
    """Makes the site of one figure and one chapter with its crate, as of this citation and commit; its folder."""

    def write(citation: dict = CITATION, commit: Commit | None = COMMIT) -> Path:
        monkeypatch.setattr(companion, "citation", lambda: citation)
        monkeypatch.setattr(provenance, "commit", lambda: commit)
        chapter = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Squares of $x$")])
        (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/paper/01_square\n")
        site = tmp_path / "_served"
        for folder in (tmp_path / "book" / "paper", site / "figures" / "square", site / "book" / "paper"):
            folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(chapter, tmp_path / "book" / "paper" / "01_square.ipynb")
        for name in (*LEDGER, *(f"figures/square/{name}" for name in figures.FILES), *PAGES):
            (site / name).write_text("content")
        crate.write(tmp_path, [FIGURE], RECORDED)
        return site

    return write


def entities(site: Path) -> dict[str, dict]:
    graph = json.loads((site / METADATA).read_text(encoding="utf-8"))["@graph"]
    return {entity["@id"]: entity for entity in graph}


def test_what_is_written_passes_every_gate_and_is_read_by_the_library(written):
    site = written()
    assert crate_gates.problems(site, CITATION, PAGES) == []
    assert ROCrate(site).root_dataset["name"] == CITATION["title"]


def test_it_says_what_the_citation_says(written):
    found = entities(written())
    root = found["./"]
    assert root["description"] == " ".join(CITATION["abstract"].split())
    assert (root["version"], root["keywords"]) == (CITATION["version"], CITATION["keywords"])
    assert root["datePublished"] == COMMIT.date
    assert found[root["author"]["@id"]] == {
        "@id": "#author-1",
        "@type": "Organization",
        "name": CITATION["authors"][0]["name"],
    }
    assert root["license"] == {"@id": f"https://spdx.org/licenses/{CITATION['license']}"}
    assert "url" not in root


def test_it_says_of_files_what_they_are_and_how_large(written):
    found = entities(written())
    assert found["figures/square/"]["name"] == "square: One claim"
    assert found["figures/square/"]["description"] == "Left: α²."
    pdf = found["figures/square/figure.pdf"]
    assert (pdf["encodingFormat"], pdf["contentSize"]) == ("application/pdf", "7")
    assert found[PAGES[0]]["name"] == "Squares of x"


def test_it_says_by_what_all_was_made(written):
    found = entities(written())
    build = found[found["./"]["mentions"]["@id"]]
    assert build["description"] == "Statements with seed 5; on jax 0.0.1, device cpu"
    software = found[build["instrument"]["@id"]]
    assert (software["version"], software["identifier"]) == (
        CITATION["version"],
        f"commit {COMMIT.id} with changes",
    )
    assert software["url"] == "book/index.html"
    assert {each["@id"] for each in build["result"]} == {*LEDGER, "figures/square/", *PAGES}


def test_a_release_of_persons_that_is_stamped_brings_date_doi_and_addresses(written):
    # 10.5555 is the prefix that is there for examples.
    persons = [
        {"given-names": "Given", "family-names": "Family"},
        {"given-names": "A", "family-names": "B", "orcid": "https://orcid.org/0000-0002-1825-0097"},
    ]
    citation = CITATION | {"authors": persons, "doi": "10.5555/12345678", "date-released": datetime.date(2031, 1, 2)}
    citation |= {"repository-code": "https://github.com/owner/name"}
    site = written(citation)
    assert crate_gates.problems(site, citation, PAGES) == []
    found = entities(site)
    root = found["./"]
    assert [found[author["@id"]]["name"] for author in root["author"]] == ["Given Family", "A B"]
    assert root["author"][1]["@id"] == persons[1]["orcid"]
    assert root["datePublished"] == "2031-01-02"
    assert found["#mamllib"]["sameAs"] == "https://doi.org/10.5555/12345678"
    assert root["url"] == "https://owner.github.io/name/"
    assert found["#mamllib"]["url"] == "https://github.com/owner/name"


def test_without_a_commit_the_day_is_today_s(written):
    date = datetime.date.fromisoformat(entities(written(commit=None))["./"]["datePublished"])
    assert abs(datetime.datetime.now(datetime.UTC).date() - date) <= datetime.timedelta(days=1)


def test_the_same_build_writes_the_same_bytes(written):
    assert (written() / METADATA).read_bytes() == (written() / METADATA).read_bytes()


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        (METADATA, {"conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"}}, "does not describe ./ as"),
        (METADATA, {"about": {"@id": "figures/square/"}}, "does not describe ./ as"),
        ("./", {"@type": "Book"}, "./ is no Dataset or lacks"),
        ("./", {"description": ""}, "./ is no Dataset or lacks description"),
        ("./", {"datePublished": "today"}, "'today' is no date"),
        ("./", {"license": {"@id": "#author-1"}}, "its licence is #author-1, that of CITATION.cff MIT"),
        ("#author-1", {"name": "Nobody"}, "its authors are ['Nobody'], not those of CITATION.cff"),
        ("#mamllib", {"@type": None}, "#mamllib has no @type"),
        ("#mamllib", {"author": {"@id": "#nobody"}}, "#mamllib: author refers to #nobody, which is not described"),
        ("figures/square/", {"hasPart": []}, "figures/square/data.csv is not listed"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_entity_that_says_something_else_is_caught(written, name: str, change: dict, problem: str):
    site = written()
    changed = json.loads((site / METADATA).read_text(encoding="utf-8"))
    next(entity for entity in changed["@graph"] if entity["@id"] == name).update(change)
    (site / METADATA).write_text(json.dumps(changed))
    found = crate_gates.problems(site, CITATION, PAGES)
    assert [line for line in found if problem in line]


def test_another_context_and_an_entity_twice_are_caught(written):
    site = written()
    changed = json.loads((site / METADATA).read_text(encoding="utf-8"))
    changed["@context"] = "https://schema.org"
    changed["@graph"].append(copy.deepcopy(changed["@graph"][-1]))
    (site / METADATA).write_text(json.dumps(changed))
    assert crate_gates.problems(site, CITATION, PAGES) == [
        "its context is https://schema.org",
        "two entities have one @id",
    ]


@pytest.mark.parametrize("name", ["ledger.json", "figures/square/data.csv", PAGES[0]])
def test_what_is_listed_and_not_there_is_caught(written, name: str):
    site = written()
    (site / name).unlink()
    assert crate_gates.problems(site, CITATION, PAGES) == [f"{name} is listed and not there"]


def test_what_is_there_and_not_listed_is_caught(written):
    site = written()
    (site / "figures" / "circle").mkdir()
    (site / "figures" / "circle" / "data.csv").write_text("x\n")
    assert crate_gates.problems(site, CITATION, [*PAGES, "book/paper/02_circle.html"]) == [
        "figures/circle/ is not listed",
        "figures/circle/data.csv is not listed",
        "book/paper/02_circle.html is not listed",
    ]


def test_a_part_that_hangs_on_nothing_is_caught(written):
    site = written()
    changed = json.loads((site / METADATA).read_text(encoding="utf-8"))
    root = next(entity for entity in changed["@graph"] if entity["@id"] == "./")
    root["hasPart"] = [part for part in root["hasPart"] if part["@id"] != "ledger.csv"]
    (site / METADATA).write_text(json.dumps(changed))
    assert crate_gates.problems(site, CITATION, PAGES) == ["ledger.csv is no part of ./", "ledger.csv is not listed"]
