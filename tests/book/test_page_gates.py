"""Each gate of the site catches a page that is broken in the way the gate is there for."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from book._tools import links, validity
from book._tools.evaluation import evaluate
from book._tools.page_gates import Visit, formulas
from book._tools.places import MATHJAX
from book._tools.processes import TookTooLong
from book._tools.server import serve

SHELL = """<!DOCTYPE html>
<html lang="en" data-theme="light"><head><meta name="viewport" content="width=device-width"><title>Small</title>
<link rel="icon" href="data:,">
<script>MathJax = {{options: {{ignoreHtmlClass: "document", processHtmlClass: "math"}}}}</script>
<script src="mathjax/tex-chtml-full.js"></script></head>
<body class="document" style="margin: 0; background: rgb(255, 255, 255)">
<main><h1>Small</h1>{body}</main></body></html>"""

SOUND = r'<p>A formula, <span class="math">\(x^2\)</span>, and code: <code>$HOME \alpha</code>.</p>'

TURNS_DARK = """<script>
window.system = matchMedia("(prefers-color-scheme: dark)");
window.system.onchange = () => {
  document.documentElement.dataset.theme = "dark";
  Object.assign(document.body.style, {background: "rgb(0, 0, 0)", color: "rgb(255, 255, 255)"});
};
</script>"""


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
    assert visit(SOUND + TURNS_DARK).problems() == []


@pytest.mark.parametrize("script", ["() => new Promise(() => {})", "() => { while (true); }"])
def test_a_script_that_does_not_end_is_named(visit, script):
    with pytest.raises(TookTooLong, match=r"a script in http.*page.html took longer than 0.01 minutes"):
        evaluate(visit(SOUND).page, script, minutes=0.01)


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


@pytest.mark.parametrize(("width", "found"), [("648px", []), ("100%", ["drawn for 648 px, shown in 374: panels"])])
def test_a_figure_squeezed_on_a_phone_is_caught(visit, folder, width, found):
    Image.new("1", (972, 300)).save(folder / "panels.png")
    frame = (
        f'<div style="overflow-x: auto; margin: 8px"><img src="panels.png" alt="panels" style="width: {width}"></div>'
    )
    assert visit(f"<figure style='margin: 0'>{frame}</figure>").squeezed() == found


@pytest.mark.parametrize(("direction", "found"), [("row", 0), ("row-reverse", 1)])
def test_a_formula_that_begins_out_of_sight_is_caught(visit, direction, found):
    style = f"display: flex; flex-direction: {direction}; overflow: auto"
    wide = r"\[" + "+".join("x" * 60) + r"\]"
    page = visit(f'<div class="math" style="{style}"><span>(1)</span><div style="flex-shrink: 0">{wide}</div></div>')
    assert len(page.cut_off()) == found


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


def test_a_line_break_that_asks_for_room_is_no_formula():
    assert formulas(r"<body><p>\[\begin{cases}x\\[1ex]y\end{cases}\]</p></body>") == 1


def test_a_page_wider_than_a_phone_is_caught(visit):
    assert visit(SOUND + '<div style="width: 500px">wide</div>').overflow() != []


def test_what_scrolls_within_itself_is_let_through(visit):
    assert visit('<div style="overflow-x: auto"><div style="width: 500px">wide</div></div>').overflow() == []


def test_a_page_that_stays_light_when_the_system_turns_dark_is_caught(visit):
    (problem,) = visit(SOUND).problems()
    assert problem.startswith("asked for dark, the page says light")


def test_text_that_is_illegible_in_the_dark_alone_is_caught(visit):
    (problem,) = visit(SOUND + TURNS_DARK.replace("rgb(255, 255, 255)", "rgb(60, 60, 60)")).problems()
    assert problem.startswith("axe: color-contrast")


def test_a_page_that_stays_light_is_caught(visit):
    assert visit(SOUND, "dark").scheme("dark") != []


def test_a_page_that_is_dark_and_says_otherwise_is_caught(visit):
    assert visit(SOUND + "<style>body { background: black !important }</style>", "dark").scheme("dark") != []


def test_a_page_that_only_says_it_is_dark_is_caught(visit):
    page = visit(SOUND + '<script>document.documentElement.dataset.theme = "dark"</script>', "dark")
    assert page.scheme("dark") != []


def test_an_icon_without_a_font_is_caught(visit):
    page = visit(SOUND + '<style>p::before { content: "\\f0f3" }</style>')
    assert page.missing_icons() == ["no font draws the icon U+F0F3"]


@pytest.mark.parametrize(("body", "found"), [("", 1), ('<div class="explorer"></div>', 0)])
def test_a_page_with_an_explorer_may_weigh_more(visit, folder, body, found):
    (folder / "vega.js").write_bytes(b"//" + random.Random(1).randbytes(900_000).hex().encode())
    assert len(visit(SOUND + body + '<script src="vega.js"></script>').weight()) == found


def test_a_page_too_heavy_is_caught(visit, folder):
    (folder / "heavy.js").write_bytes(b"//" + random.Random(0).randbytes(2_000_000).hex().encode())
    problems = visit(SOUND + '<script src="heavy.js"></script>').weight()
    assert len(problems) == 1
    assert "heavy.js" in problems[0]


def test_what_compresses_well_is_weighed_as_it_is_sent(visit, folder):
    (folder / "long.js").write_text("// the same again\n" * 200_000)
    assert visit(SOUND + '<script src="long.js"></script>').weight() == []


def test_a_picture_that_waits_to_be_scrolled_to_is_weighed(visit, folder):
    Image.frombytes("L", (1500, 1500), random.Random(0).randbytes(1500**2)).save(folder / "heavy.png")
    late = '<div style="height: 20000px"></div><img src="heavy.png" loading="lazy" alt="">'
    assert visit(SOUND + late).weight() != []


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<img src="data:," >', "image-alt"),
        ('<p style="color: #bbb">pale</p>', "color-contrast"),
        ("<table><tr><th></th><th>a</th></tr><tr><td>1</td><td>2</td></tr></table>", "empty-table-header"),
        ("<h3>a level left out</h3>", "heading-order"),
        ("<button></button>", "button-name"),
    ],
)
def test_what_shuts_a_reader_out_is_caught(visit, body, rule):
    assert any(rule in problem for problem in visit(SOUND + body).inaccessible())


@pytest.mark.parametrize("place", range(4))
def test_a_pale_word_of_code_is_caught_wherever_it_stands(visit, place):
    words = ['<span class="n">alpha</span>', '<span class="n">beta</span>', '<span class="k">for</span>', "plain"]
    words[place] = f'<span class="pale"><span class="n">{words[place]}</span></span>'
    page = visit(f"{SOUND}<style>.pale, .pale * {{ color: #bbb }}</style><pre>{' '.join(words)}</pre>")
    assert [problem.split(",")[:2] for problem in page.inaccessible()] == [["axe: color-contrast", " 1 times"]]


def test_what_scrolls_on_a_phone_without_a_keyboard_is_caught(visit):
    wide = f'<pre style="overflow-x: auto" tabindex="-1">{"wide " * 20}</pre>'
    page = visit(SOUND + wide)
    assert page.inaccessible() == []
    assert [problem.split(",")[0] for problem in page.inaccessible_on_a_phone()] == ["axe: scrollable-region-focusable"]


@pytest.fixture
def small_site(tmp_path: Path):
    """Writes one page with the body given beside another, and gives what is dead in the first."""

    def write(body: str) -> list[str]:
        (tmp_path / "there.html").write_text('<body><h1 id="place">There</h1></body>')
        page = tmp_path / "page.html"
        page.write_text(f'<body id="here">{body}</body>')
        return links.dead_links(tmp_path, [page])

    return write


@pytest.mark.parametrize(
    "target", ["#here", "there.html", "there.html#place", "there.html?q=1#place", "#top", "https://x.invalid/#y"]
)
def test_a_link_that_leads_somewhere_is_let_through(small_site, target):
    assert small_site(f'<a href="{target}">x</a>') == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('<a href="gone.html">x</a>', "gone.html, which is not there"),
        ('<img src="gone.png">', "gone.png, which is not there"),
        ('<a href="#nowhere">x</a>', "#nowhere, a place that is not in it"),
        ('<a href="there.html#nowhere">x</a>', "there.html#nowhere, a place that is not in it"),
    ],
)
def test_a_dead_link_is_caught(small_site, body, problem):
    assert small_site(body) == [f"page.html links to {problem}"]


VALID = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Small</title></head><body>{body}</body></html>'
)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<p id="a">x</p><p id="a">y</p>', "no-dup-id"),
        ("<div><style>p { color: red }</style></div>", "element-permitted-content"),
        ("<p>a <b>b</p>", "close-order"),
        ('<img alt="no source">', "element-required-attributes"),
    ],
)
def test_invalid_html_is_caught(tmp_path, body, rule):
    page = tmp_path / "page.html"
    page.write_text(VALID.format(body=body))
    assert any(rule in mistake for mistake in validity.mistakes([page]))


def test_valid_html_is_let_through(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(VALID.format(body='<h1 id="a">x</h1><p>y</p>'))
    assert validity.mistakes([page]) == []
