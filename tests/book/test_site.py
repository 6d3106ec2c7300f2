"""Every page of the website, in a browser: whole, light, open to every reader, also on a phone and in the dark."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from playwright.sync_api import Browser

from book._tools import crate_gates, figures, links, page_gates, pdf_gates, validity
from book._tools.chapters import chapters, pages
from book._tools.page_gates import Visit
from book._tools.places import ROOT
from book._tools.server import serve
from mamllib.figures import companion

GENERATED = ["genindex.html", "prf-prf.html", "search.html"]
PAGES = sorted([*(f"{page}.html" for page in pages()), *GENERATED])

each_page = pytest.mark.parametrize("page", PAGES)


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with serve(site) as address:
        yield address


def test_every_page_of_the_site_is_tested(site: Path):
    assert [page.relative_to(site).as_posix() for page in page_gates.pages(site)] == PAGES


def test_no_link_is_dead(site: Path):
    assert links.dead_links(site, page_gates.pages(site)) == []


def test_every_page_is_valid_html(site: Path):
    assert validity.mistakes([*page_gates.pages(site), site / "index.html"]) == []


@each_page
def test_page(browser: Browser, address: str, page: str):
    with Visit(browser, address, page) as visit:
        assert visit.problems() == []


def test_a_page_opened_in_the_dark_is_dark(browser: Browser, address: str):
    with Visit(browser, address, "book/index.html", "dark") as visit:
        assert visit.scheme("dark") == []


def test_the_first_address_leads_to_the_book(browser: Browser, address: str):
    page = browser.new_page()
    page.goto(f"{address}/index.html")
    page.wait_for_url("**/book/index.html")
    page.close()


def test_every_figure_has_its_card_its_place_in_the_gallery_and_its_files(site: Path):
    assert figures.missing(site, list(companion.figures())) == []


def test_every_picture_carries_the_verdicts_of_the_ledger(site: Path):
    recorded = json.loads((site / "ledger.json").read_text(encoding="utf-8"))
    assert figures.unmarked(site, recorded) == []


def test_every_figure_can_be_printed(site: Path):
    assert pdf_gates.figures(site / "figures") == []


def test_the_record_served_is_what_the_schema_beside_it_says(site: Path):
    record, schema = (json.loads((site / f"ledger{kind}.json").read_text(encoding="utf-8")) for kind in ("", ".schema"))
    jsonschema.Draft202012Validator(schema).validate(record)


def test_the_crate_lists_the_ledger_every_figure_and_every_chapter(site: Path):
    chapter_pages = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in chapters()]
    assert crate_gates.problems(site, companion.citation(), chapter_pages) == []
