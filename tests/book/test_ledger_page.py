"""The ledger page: what a row says, what a reader can do with it, and that it says the same without its script."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from book._tools import ledger_rows
from book._tools.page_gates import PHONE
from book._tools.places import ROOT
from tests.book.toys import FOUND, HOLDS, LOOSE, TOYS, recorded, toy

STATIC = ROOT / "book" / "_static"
RECORDED = recorded(*TOYS)
TITLES = ["Toy lemma", "Toy theorem", "Toy false_one", "Toy lemma"]


def source(found=FOUND, records=RECORDED) -> BeautifulSoup:
    return BeautifulSoup(ledger_rows.table(records, found), "html.parser")


def verdicts(page: BeautifulSoup) -> dict[str, str]:
    """What each row is coloured as, and says."""
    shown = {
        row["id"]: (row["data-verdict"], row.select_one(".ledger-verdict").text) for row in page.select("tbody[id]")
    }
    assert [name for name, (verdict, text) in shown.items() if verdict not in text] == []
    return {name: verdict for name, (verdict, _) in shown.items()}


def test_a_row_has_all_that_its_record_has():
    row = source().select_one("#statement-toys-lemma")
    cells = {cell["data-label"]: cell.get_text(" ", strip=True) for cell in row.select("td[data-label]")}
    assert cells == {
        "paper": "Toys et al. 2020",
        "verdict": "✓ holds",
        "grade": "exact 1, float 2",
        "lhs": "3",
        "rhs": "4",
        "slack": "1",
        "largest lhs/rhs": "0.75 at tight",
        "least hypothesis margin": "0.25 (room)",
        "mutants caught": "1 of 2",
    }
    assert [item.get_text(" ", strip=True) for item in row.select("details li")] == [
        "halved: caught, 0.5 of it",
        "harmless: not caught (holds): loose there",
    ]
    margins = row.select("details table")[1]
    assert [cell.text for cell in margins.select("tbody td")] == ["0.25", "0.5", "1", "−∞"]


def test_wrong_versions_that_were_made_are_listed_with_what_became_of_them():
    page = source(records=recorded(TOYS[0], power=True))
    table = page.select_one('[aria-label="Wrong versions made of Toy lemma"] table')
    rows = [[cell.text for cell in row.select("th, td")] for row in table.select("tbody tr")]
    assert ["rhs/2", "killed", "tight", "2"] in rows
    assert ["2rhs", "weaker", "Toy lemma", "2"] in rows
    assert table.caption.text.startswith("Wrong versions that were made: ")


def test_a_row_links_to_chapter_figures_and_premises_but_to_no_placeholder():
    page = source()
    assert [link["href"] for link in page.select("#statement-toys-lemma a")] == [
        "#statement-toys-lemma",
        "toys/01_chapter.html#what-was-checked",
        "figures.html#a-figure",
        "figures.html#another-figure",
    ]
    assert [link["href"] for link in page.select("#statement-toys-theorem a")][1:] == ["#statement-toys-lemma"]
    assert [link["href"] for link in page.select("a") if "://" in link["href"]] == []


def test_every_verdict_shown_is_the_one_on_record():
    on_record = {"statement-toys-lemma": "holds", "statement-toys-theorem": "holds"}
    on_record |= {"statement-toys-false-one": "violated", "statement-games-lemma": "holds"}
    assert verdicts(source()) == on_record
    turned = json.loads(json.dumps(RECORDED))
    turned["statements"][0]["verdict"] = "violated"
    turned["statements"][0]["shown"]["verdict"] = "✗ violated"
    assert verdicts(source(records=turned)) == on_record | {"statement-toys-lemma": "violated"}


def test_what_a_statement_says_is_not_taken_for_markup():
    odd = recorded(toy("toys/odd", replace(LOOSE, name="a < b & <script>")))
    assert "<script>" not in ledger_rows.table(odd, FOUND)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The table with its style and script, in a page of its own."""
    style, script = ((STATIC / f"ledger.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    page = tmp_path / "ledger.html"
    page.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Ledger</title><style>{style}</style><article>{source()}</article><script>{script}</script></html>",
        encoding="utf-8",
    )
    return page


@pytest.fixture
def page(browser: Browser, written: Path):
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(written.as_uri())
    yield page
    page.close()
    assert errors == []


def rows(page: Page) -> list[str]:
    return page.locator("tbody[id]:visible > tr:first-child > th").all_inner_texts()


def test_a_filter_leaves_what_it_names_and_says_how_many(page: Page):
    assert rows(page) == TITLES
    assert page.get_by_role("status").inner_text() == "4 of 4 statements shown"
    page.get_by_label("Paper").select_option("games")
    assert rows(page) == ["Toy lemma"]
    page.get_by_label("Paper").select_option("toys")
    page.get_by_label("Verdict").select_option("violated")
    assert rows(page) == ["Toy false_one"]
    assert page.get_by_role("status").inner_text() == "1 of 4 statements shown"
    page.get_by_label("Verdict").select_option("")
    page.get_by_label("Grade").select_option("float")
    assert rows(page) == TITLES[:3]
    page.get_by_label("Grade").select_option("exact")
    assert rows(page) == ["Toy lemma"]


def test_a_column_is_sorted_from_the_keyboard_and_tells_so(page: Page):
    head = page.get_by_role("columnheader", name="largest lhs/rhs")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert rows(page) == ["Toy theorem", "Toy lemma", "Toy lemma", "Toy false_one"]
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert rows(page) == ["Toy false_one", "Toy lemma", "Toy theorem", "Toy lemma"]
    assert page.get_by_role("status").inner_text().endswith("sorted by largest lhs/rhs, descending")
    page.get_by_role("columnheader", name="paper").get_by_role("button").click()
    assert rows(page) == ["Toy lemma", *TITLES[:3]]
    assert page.locator("[aria-sort]").count() == 1
    page.get_by_role("columnheader", name="statement").get_by_role("button").click()
    assert rows(page) == TITLES


def test_details_stay_with_their_row_when_it_moves(page: Page):
    page.get_by_role("columnheader", name="verdict").get_by_role("button").click()
    moved = page.locator("#statement-toys-false-one details")
    assert "Instances of Toy false_one" in moved.inner_html()


def test_a_link_to_a_row_shows_it_although_a_filter_hid_it(page: Page):
    page.get_by_label("Verdict").select_option("violated")
    page.evaluate("() => { location.hash = 'statement-toys-lemma'; }")
    page.wait_for_function("() => document.querySelector('.ledger-shown').textContent.startsWith('4 of 4')")
    assert rows(page) == TITLES
    assert page.get_by_label("Verdict").input_value() == ""


def test_without_its_script_everything_is_there(browser: Browser, written: Path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written.as_uri())
    assert rows(page) == TITLES
    assert not page.locator(".ledger-filters").is_visible()
    assert page.locator("details").count() == len(TITLES)
    context.close()


def test_on_a_phone_a_row_is_a_card_no_wider_than_the_screen(page: Page):
    page.set_viewport_size(PHONE)
    cells = page.locator("#statement-toys-lemma > tr:first-child > td")
    tops = [cell.bounding_box()["y"] for cell in cells.all()]
    assert tops == sorted(set(tops))
    label = "getComputedStyle(node, '::before').content"
    assert cells.nth(3).evaluate(f"node => {label}") in ('"lhs"', "attr(data-label)")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.get_by_role("button", name="slack").is_visible()


def test_the_tightest_instance_is_the_one_shown():
    record = recorded(toy("toys/two", LOOSE, HOLDS))["statements"][0]
    assert (record["at"], record["least hypothesis margin"]) == ("tight", 0.25)
