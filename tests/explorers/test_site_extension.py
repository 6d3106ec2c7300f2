"""The website serves Vega, asks for it only on pages with an explorer, and such a page stays light."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from book._tools import server, weight
from book._tools.places import MATHJAX, ROOT
from mamllib.explorers import Shown

# A page with an explorer may weigh 1.4 MB, any other 1.1 MB.
ADDED = 300_000

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "book" / "_ext")!r})
extensions = ["explorers"]
html_theme = "basic"
"""


@pytest.fixture(scope="module")
def site(shown: dict[str, Shown], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pages, one of them with an explorer, built by Sphinx with the extension."""
    source = tmp_path_factory.mktemp("source")
    (source / "conf.py").write_text(CONF, encoding="utf-8")
    (source / "explorer.html").write_text(shown["theorem_4_17"]._repr_html_(), encoding="utf-8")
    (source / "index.rst").write_text("Plain\n=====\n\n.. toctree::\n\n   with\n", encoding="utf-8")
    (source / "with.rst").write_text("With\n====\n\n.. raw:: html\n   :file: explorer.html\n", encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(source), str(source / "html")]
    environment = {"MAMLLIB_MATHJAX": str(MATHJAX), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return source / "html"


def visit(browser: Browser, address: str, path: str) -> tuple[list[str], int]:
    """What a page asks for, and what it weighs over the wire."""
    context = browser.new_context()
    page = context.new_page()
    scales = weight.Scales(page)
    page.goto(f"{address}/{path}", wait_until="networkidle")
    whole = scales.whole()
    names = sorted(url.rpartition("/")[2].partition("?")[0] for url in scales.parts)
    live = page.locator(".explorer[data-live]").count() if "with" in path else 0
    context.close()
    assert live == ("with" in path)
    return names, whole


def test_only_a_page_with_an_explorer_asks_for_vega(browser: Browser, site: Path):
    with server.serve(site) as address:
        (plain, light), (explorer, heavy) = (visit(browser, address, path) for path in ("index.html", "with.html"))
    assert {"vega.min.js", "explorer.css"} <= set(explorer)
    assert not {"vega.min.js", "explorer.css"} & set(plain)
    assert heavy - light < ADDED
