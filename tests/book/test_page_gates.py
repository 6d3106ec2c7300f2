"""Each gate of the site catches a page that is broken in the way the gate is there for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from book._tools import page_gates
from book._tools.page_gates import Visit
from book._tools.places import MATHJAX
from book._tools.server import serve

SHELL = """<!DOCTYPE html>
<html data-theme="light"><head><meta name="viewport" content="width=device-width"><title>Small</title>
<link rel="icon" href="data:,">
<script>MathJax = {{options: {{ignoreHtmlClass: "document", processHtmlClass: "math"}}}}</script>
<script src="mathjax/tex-chtml-full.js"></script></head>
<body class="document" style="margin: 0; background: rgb(255, 255, 255)">{body}</body></html>"""

SOUND = r'<p>A formula, <span class="math">\(x^2\)</span>, and code: <code>$HOME \alpha</code>.</p>'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "mathjax").symlink_to(MATHJAX)
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serve(folder) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, folder: Path, address: str) -> Iterator:
    """Opens a page with the body given."""
    opened: list[Visit] = []

    def open_page(body: str, scheme: str = "light") -> Visit:
        (folder / "page.html").write_text(SHELL.format(body=body), encoding="utf-8")
        opened.append(Visit(browser, address, "page.html", scheme))
        return opened[-1]

    yield open_page
    for page in opened:
        page.context.close()


def test_a_sound_page_passes_every_gate(visit):
    assert visit(SOUND).problems("light") == []


def test_an_external_request_is_caught(visit):
    page = visit(SOUND + '<script src="https://elsewhere.invalid/x.js"></script>')
    assert page.external_requests() == ["asks for https://elsewhere.invalid/x.js"]


def test_an_error_of_a_script_is_caught(visit):
    assert visit(SOUND + "<script>nothing.here()</script>").console_errors() != []


def test_a_file_that_is_not_there_is_caught(visit):
    assert visit(SOUND + '<img src="missing.png" alt="">').console_errors() != []


def test_a_mistake_in_a_formula_is_caught(visit):
    page = visit(r'<p class="math">\(\frac{1}\)</p>')
    assert page.formula_errors() == [r"TeX: Missing argument for \frac in \frac{1}"]


def test_an_unknown_macro_is_caught(visit):
    page = visit(r'<p class="math">\(\nosuchmacro{x}\)</p>')
    assert page.formula_errors() == [r"TeX: red text in \nosuchmacro{x}"]


@pytest.mark.parametrize("text", ["$x^2$", r"\(x\)", r"\[x\]", r"\begin{align}x\end{align}", r"the step \alpha"])
def test_tex_left_as_text_is_caught(visit, text):
    assert visit(f"<p>{text}</p>").raw_tex() != []


@pytest.mark.parametrize("text", ["```{prf:lemma} of x", "{cite:t}`fallah2020`", ":::{note}", "**Why care.**"])
def test_markup_left_as_text_is_caught(visit, text):
    assert visit(f"<p>{text}</p>").raw_markup() != []


@pytest.mark.parametrize("formula", [r"<p>\(y\)</p>", r'<p class="math">\(\frac{1}{\)</p>'])
def test_a_formula_that_is_not_drawn_is_caught(visit, formula):
    page = visit(SOUND + formula)
    assert page.formula_count() == ["2 formulas in the source, 1 drawn"]


def test_a_page_wider_than_a_phone_is_caught(visit):
    assert visit(SOUND + '<div style="width: 500px">wide</div>').overflow() != []


def test_what_scrolls_within_itself_is_let_through(visit):
    assert visit('<div style="overflow-x: auto"><div style="width: 500px">wide</div></div>').overflow() == []


def test_a_page_that_stays_light_is_caught(visit):
    assert visit(SOUND, "dark").scheme("dark") != []


def test_a_page_that_is_dark_and_says_otherwise_is_caught(visit):
    assert visit(SOUND + "<style>body { background: black !important }</style>", "dark").scheme("dark") != []


def test_a_page_that_only_says_it_is_dark_is_caught(visit):
    page = visit(SOUND + '<script>document.documentElement.dataset.theme = "dark"</script>', "dark")
    assert page.scheme("dark") != []


def test_a_dead_link_is_caught(tmp_path):
    (tmp_path / "page.html").write_text('<body><a href="there.html">x</a><a href="page.html#top">y</a></body>')
    assert page_gates.dead_links(tmp_path) == ["page.html links to there.html, which is not there"]
