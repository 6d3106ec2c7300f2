"""Each mend of a finished page changes what it is there for, and a sound page stays as it is."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from book._tools.places import ROOT

SHELL = '<!DOCTYPE html><html lang="en"><head><title>Small</title></head><body><main>{}</main></body></html>'


@pytest.fixture(scope="module")
def extensions() -> Iterator[None]:
    """The folder from which Sphinx loads the book's extensions."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    yield
    sys.path.remove(str(ROOT / "book" / "_ext"))


@pytest.fixture
def mended(extensions: None) -> Callable[[str], str]:
    import finished_pages

    return lambda body: finished_pages.mended(SHELL.format(body)).replace("\n<html", "<html")


def test_a_sound_page_stays_as_it_is(mended):
    body = '<h1 id="a">x &lt; y</h1><pre>  two\n spaces</pre><table><tr><th>head</th></tr></table>'
    assert mended(body) == SHELL.format(body)


@pytest.mark.parametrize(
    ("body", "better"),
    [
        ('<p id="a">x</p><p id="a">y</p>', '<p id="a">x</p><p>y</p>'),
        ("<div><style>p {}</style><table></table></div>", "<div><table></table></div>"),
        ('<summary><p class="b">Show</p></summary>', '<summary><span class="b">Show</span></summary>'),
        ("<table><tr><th></th><th>a</th></tr></table>", "<table><tr><td></td><th>a</th></tr></table>"),
        (
            '<div role="list"><div role="doc-biblioentry">x</div></div>',
            '<div role="list"><div role="listitem">x</div></div>',
        ),
        (
            '<div id="pst-primary-sidebar">x</div>',
            '<div aria-label="Book" id="pst-primary-sidebar" role="complementary">x</div>',
        ),
        (
            '<button aria-label="Search" class="search-button-field">Search Ctrl+K</button>',
            '<button class="search-button-field">Search Ctrl+K</button>',
        ),
        (
            '<details class="hide"><summary aria-label="Toggle hidden content">Show</summary></details>',
            '<details class="hide"><summary>Show</summary></details>',
        ),
        ('<i class="fas fa-sun"></i>', '<i aria-hidden="true" class="fas fa-sun"></i>'),
        (
            '<figure><img alt="x" src="a.png"></figure>',
            '<figure><div class="figure-frame"><img alt="x" src="a.png"></div></figure>',
        ),
        ('<script src="_static/scripts/fontawesome.js?digest=1"></script>', ""),
    ],
)
def test_a_fault_is_mended(mended, body, better):
    assert mended(body) == SHELL.format(better)


def test_the_way_back_up_moves_into_the_article(extensions):
    import finished_pages

    page = '<html><body><button id="pst-back-to-top">x</button><main>y</main></body></html>'
    assert "<main>y<button" in finished_pages.mended(page)


def test_the_redirection_becomes_a_document(extensions):
    import finished_pages

    page = finished_pages.mended('<meta http-equiv="Refresh" content="0; url=book/index.html" />')
    assert page.startswith("<!DOCTYPE html>")
    assert '<a href="book/index.html">' in page


STATIC = "_static/styles/pydata-sphinx-theme.css"
FONTS = "_static/vendor/fontawesome/webfonts"
SOURCES = 'src:url(../fonts/fa-solid-900.woff2) format("woff2"),url(../fonts/fa-solid-900.ttf) format("truetype")'
ICONS = '.fa-bars:before,.fa-navicon:before{content:"\\f0c9"}.fa-bell:before{content:"\\f0f3"}'
VARIABLE = ':root{--pst-icon-x:"\uf00d"}'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of one page that shows one icon, of three that the theme's font has."""
    for path, text in {
        "page.html": '<i class="fas fa-bars"></i>',
        "_static/scripts/fontawesome.js": "",
        STATIC: f"@font-face{{{SOURCES}}}{ICONS}{VARIABLE}",
        f"{FONTS}/fa-brands-400.ttf": "",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    _font({0xF0C9: "bars", 0xF0F3: "bell", 0xF00D: "x"}).save(tmp_path / FONTS / "fa-solid-900.ttf")
    return tmp_path


def _font(letters: dict[int, str]) -> FontBuilder:
    font = FontBuilder(512)
    font.setupGlyphOrder([".notdef", *letters.values()])
    font.setupCharacterMap(letters)
    font.setupGlyf({name: TTGlyphPen(None).glyph() for name in font.font.getGlyphOrder()})
    font.setupHorizontalMetrics(dict.fromkeys(font.font.getGlyphOrder(), (512, 0)))
    font.setupHorizontalHeader()
    font.setupNameTable({"familyName": "Small"})
    font.setupOS2()
    font.setupPost()
    return font


def test_the_icon_font_holds_what_the_site_names_and_no_more(extensions, site):
    import light

    light.keep_only_the_icons_used(site)
    assert [path.name for path in (site / FONTS).iterdir()] == ["fa-solid-900.woff"]
    assert TTFont(site / FONTS / "fa-solid-900.woff").getBestCmap().keys() == {0xF0C9, 0xF00D}
    css = (site / STATIC).read_text(encoding="utf-8")
    assert "fa-solid-900.woff)" in css
    assert "fa-bell" not in css


def test_the_icon_font_is_the_same_at_every_build(extensions, site, tmp_path_factory):
    import light

    again = Path(shutil.copytree(site, tmp_path_factory.mktemp("again") / "site"))
    for copy in (site, again):
        light.keep_only_the_icons_used(copy)
    assert (site / FONTS / "fa-solid-900.woff").read_bytes() == (again / FONTS / "fa-solid-900.woff").read_bytes()


def test_a_theme_that_names_its_font_otherwise_is_noticed(extensions, site):
    import light

    (site / STATIC).write_text("@font-face{src:url(other.woff2)}", encoding="utf-8")
    with pytest.raises(ValueError, match="icon font"):
        light.keep_only_the_icons_used(site)
