"""Explorers as they are displayed, each on a page of its own, served the way the website serves them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import mamllib as ml
from book._tools import chromium, page_gates, server
from book._tools.places import ROOT
from mamllib.explorers import NAMES, Shown

VEGA = ROOT / "node_modules" / "vega" / "build" / "vega.min.js"

PAGE = """<!DOCTYPE html><html lang="en" data-content_root="./"><head><meta charset="utf-8"><title>{name}</title>
<link rel="icon" href="data:,"></head>
<body><main><h1>{name}</h1>{html}</main></body></html>"""


@pytest.fixture(scope="package")
def shown() -> dict[str, Shown]:
    """Every explorer, computed once."""
    return {name: ml.explorers.show(name) for name in NAMES}


@pytest.fixture(scope="package")
def folder(shown: dict[str, Shown], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages and Vega."""
    assert VEGA.is_file(), "no Vega: the tests of explorers need Node, for `npm ci` to bring it"
    folder = tmp_path_factory.mktemp("explorers")
    (folder / "_static").mkdir()
    shutil.copy2(VEGA, folder / "_static")
    for name, one in shown.items():
        (folder / f"{name}.html").write_text(PAGE.format(name=name, html=one._repr_html_()), encoding="utf-8")
    return folder


@pytest.fixture(scope="package")
def address(folder: Path) -> Iterator[str]:
    with server.serve(folder) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = chromium.find()
    assert executable, "no Chromium: `python -m book._tools.chromium` installs it or says how"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=page_gates.CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def page(browser: Browser, address: str, name: str) -> Iterator[Page]:
    """The explorer's page, drawn, with no complaint in the console."""
    context = browser.new_context(viewport=page_gates.DESK)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/{name}.html")
    page.wait_for_selector(".explorer[data-live]", timeout=10_000)
    yield page
    context.close()
    assert said == []
