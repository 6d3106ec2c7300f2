"""What every page of the website must pass in a real browser.

Bad TeX does not fail a Jupyter Book build, and neither does a page that asks another host for a script; only a
browser shows either.
"""

import re
from pathlib import Path

from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from . import accessibility, icons
from .evaluation import evaluate
from .weight import Scales

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_NOT_PROSE = ("script", "style", "pre", "code", "template")
_REDIRECTION = re.compile(r"<meta[^>]+http-equiv=\"refresh\"", re.IGNORECASE)
_FORMULA = re.compile(r"(?<!\\)\\[(\[]")  # and not a line break that asks for room

FORMULAS_DRAWN = "async () => { await window.MathJax?.startup?.promise; }"

# Text a reader sees outside code and outside formulas that were drawn.
_VISIBLE_TEXT = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const skipped = "script, style, pre, code, template, textarea, mjx-container";
  const texts = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!node.parentElement.closest(skipped)) texts.push(node.data);
  return texts;
}"""

# An unknown macro is drawn as red text, any other mistake as a marked error.
_BAD_FORMULAS = """() => {
  const formulas = [...(window.MathJax?.startup?.document?.math ?? [])];
  const red = (node) => getComputedStyle(node).color === "rgb(255, 0, 0)";
  const complaint = ({typesetRoot}) => {
    const marked = typesetRoot.querySelector("[data-mjx-error]");
    if (marked) return marked.dataset.mjxError;
    return [...typesetRoot.querySelectorAll("mjx-mtext")].some(red) ? "red text" : null;
  };
  return formulas.filter(complaint).map((formula) => `${complaint(formula)} in ${formula.math}`);
}"""

# A directive or role that was not understood passes Sphinx without a warning and is shown as it was typed.
_RAW_MARKUP = re.compile(r"```|:::|\{[a-z-]+:[a-z-]+\}|\*\*\w")
_RAW_TEX = re.compile(r"\$|\\\(|\\\)|\\\[|\\\]|\\begin\{|\\[a-zA-Z]{2,}")


class Visit:
    """One page opened in the browser, with what it asked for and what went wrong meanwhile."""

    def __init__(self, browser: Browser, site: str, path: str, scheme: str = "light"):
        self.site = site
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.context = browser.new_context(viewport=DESK, color_scheme=scheme)
        self.page = self.context.new_page()
        self.scales = Scales(self.page)
        self._listen()
        self.html = self.page.goto(f"{site}/{path}", wait_until="load").text()
        evaluate(self.page, FORMULAS_DRAWN)

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def _listen(self) -> None:
        self.context.route(lambda url: not self._is_local(url), lambda route: route.abort())
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def _is_local(self, url: str) -> bool:
        return url.startswith((self.site + "/", "data:", "blob:", "about:"))

    def problems(self) -> list[str]:
        """What every gate finds, those that change the page last."""
        return [
            *self.external_requests(),
            *self.console_errors(),
            *self.formula_errors(),
            *self.raw_tex(),
            *self.raw_markup(),
            *self.formula_count(),
            *self.scheme("light"),
            *self.missing_icons(),
            *self.weight(),
            *self.overflow(),
            *self.cut_off(),
            *self.squeezed(),
            *self.inaccessible_on_a_phone(),
            *self.inaccessible(),
            *self.problems_in_the_dark(),
        ]

    def external_requests(self) -> list[str]:
        """Opening the page asks no other host for anything."""
        return [f"asks for {url}" for url in self.requests if not self._is_local(url)]

    def console_errors(self) -> list[str]:
        """The page's scripts ran, and all it names was found."""
        return [f"console: {text}" for text in self.errors]

    def formula_errors(self) -> list[str]:
        """MathJax understood every formula."""
        return [f"TeX: {problem}" for problem in evaluate(self.page, _BAD_FORMULAS)]

    def raw_tex(self) -> list[str]:
        """No TeX is left as text for the reader to see."""
        return [f"raw TeX: {text}" for text in self._texts_with(_RAW_TEX)]

    def raw_markup(self) -> list[str]:
        """No markup is left as text for the reader to see."""
        return [f"raw markup: {text}" for text in self._texts_with(_RAW_MARKUP)]

    def formula_count(self) -> list[str]:
        """As many formulas were drawn as the page's source has."""
        written, drawn = formulas(self.html), self.page.locator("mjx-container").count()
        return [] if written == drawn else [f"{written} formulas in the source, {drawn} drawn"]

    def missing_icons(self) -> list[str]:
        """Every icon is drawn by a font that came with the page."""
        return icons.missing(self.page, self.requests)

    def weight(self) -> list[str]:
        """The whole page, scrolled to its end, comes over the wire within the limit."""
        return self.scales.problems()

    def inaccessible(self) -> list[str]:
        """The page breaks no rule of axe-core."""
        self.page.set_viewport_size(DESK)
        return accessibility.violations(self.page)

    def problems_in_the_dark(self) -> list[str]:
        """An open page turns dark when its reader's system does; only colours differ, and they are judged again."""
        self.page.emulate_media(color_scheme="dark")
        evaluate(self.page, _NEXT_FRAME)  # scripts hear of it there
        return [*self.scheme("dark"), *accessibility.violations(self.page, only=accessibility.COLOURS)]

    def inaccessible_on_a_phone(self) -> list[str]:
        """Nor does it where it is narrow and more has to scroll; colours are judged on the desk."""
        self.page.set_viewport_size(PHONE)
        return accessibility.violations(self.page, skipped=accessibility.COLOURS)

    def overflow(self) -> list[str]:
        """On a phone the page does not scroll sideways."""
        self.page.set_viewport_size(PHONE)
        width = evaluate(self.page, "() => document.documentElement.scrollWidth")
        return (
            [f"{width} px wide on a phone of {PHONE['width']}: {_widest(self.page)}"] if width > PHONE["width"] else []
        )

    def cut_off(self) -> list[str]:
        """On a phone a wide formula begins at its left end, where reading begins, and is scrolled from there."""
        self.page.set_viewport_size(PHONE)
        return [f"begins {hidden} px left of its place: {tex}" for hidden, tex in evaluate(self.page, _CUT_OFF)]

    def squeezed(self) -> list[str]:
        """On a phone a figure's text is as large as in print; what is wider than the phone scrolls."""
        self.page.set_viewport_size(PHONE)
        evaluate(self.page, _ALL_LOADED)
        return [
            f"drawn for {drawn} px, shown in {shown}: {name}" for name, drawn, shown in evaluate(self.page, _SQUEEZED)
        ]

    def scheme(self, expected: str) -> list[str]:
        """The page follows the reader's choice of light or dark."""
        theme = evaluate(self.page, "() => document.documentElement.dataset.theme")
        light = evaluate(self.page, _BACKGROUND_LIGHTNESS)
        return (
            []
            if theme == expected and (light > 0.5) == (expected == "light")
            else [f"asked for {expected}, the page says {theme} and its background has lightness {light:.2f}"]
        )

    def _texts_with(self, pattern: re.Pattern) -> list[str]:
        texts = evaluate(self.page, _VISIBLE_TEXT)
        return [text.strip()[:80] for text in texts if pattern.search(text)]


_CUT_OFF = """() => [...document.querySelectorAll("div.math mjx-container[display]")].map((formula) => [
  Math.round(formula.closest("div.math").getBoundingClientRect().left - formula.getBoundingClientRect().left),
  formula.textContent.slice(0, 60)]).filter(([hidden]) => hidden > 1)"""

# A figure far down may not have been asked for yet.
_ALL_LOADED = """() => Promise.all([...document.querySelectorAll("figure img")].map((picture) => {
  picture.loading = "eager";
  return picture.decode();
}))"""

_SQUEEZED = """() => [...document.querySelectorAll("figure img")]
  .filter((picture) => picture.currentSrc.endsWith(".png"))
  .map((picture) => [picture.alt.slice(0, 60), Math.round(picture.naturalWidth / 1.5),
    Math.round(picture.getBoundingClientRect().width)])
  .filter(([, drawn, shown]) => shown < 0.98 * drawn)"""

_NEXT_FRAME = "() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))"

_BACKGROUND_LIGHTNESS = """() => {
  const [r, g, b, a] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
  return a === 0 ? 1 : (r + g + b) / 765;
}"""

_WIDEST = """(limit) => [...document.body.querySelectorAll("*")]
  .filter((node) => node.getBoundingClientRect().right > limit + 1)
  .slice(-3).map((node) => node.outerHTML.slice(0, 120))"""


def _widest(page: Page) -> str:
    return " | ".join(evaluate(page, _WIDEST, PHONE["width"]))


def formulas(html: str) -> int:
    """How many formulas a page's source holds."""
    body = BeautifulSoup(html, "html.parser").body
    for tag in body(_NOT_PROSE):
        tag.decompose()
    return len(_FORMULA.findall(body.get_text()))


def pages(site: Path) -> list[Path]:
    """Every page a reader can stay on: a whole document, neither a fragment of the theme's nor a mere redirection."""
    return [page for page in sorted(site.rglob("*.html")) if _is_for_reading(page.read_text(encoding="utf-8"))]


def _is_for_reading(html: str) -> bool:
    return html.lstrip().startswith("<!DOCTYPE") and not _REDIRECTION.search(html)
