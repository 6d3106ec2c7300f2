"""Icons of a page that no font draws: a reader sees an empty box in their place."""

from io import BytesIO

from fontTools.ttLib import TTFont
from playwright.sync_api import Page

from .evaluation import evaluate

# Letters of Unicode's private area in what style sheets add before and after elements, formulas aside.
_SHOWN = """() => {
  const shown = new Set();
  const {SHOW_ELEMENT, FILTER_REJECT, FILTER_ACCEPT} = NodeFilter;
  const outside = (node) => node.matches("mjx-container") ? FILTER_REJECT : FILTER_ACCEPT;
  const walker = document.createTreeWalker(document.body, SHOW_ELEMENT, outside);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    for (const side of ["::before", "::after"])
      for (const letter of getComputedStyle(node, side).content.match(/[\\ue000-\\uf8ff]/g) ?? []) shown.add(letter);
  return [...shown];
}"""


def missing(page: Page, loaded: list[str]) -> list[str]:
    """Icons shown on the page that none of the fonts among the addresses it loaded holds."""
    fonts = [url for url in loaded if url.endswith((".woff", ".woff2", ".ttf")) and "mathjax" not in url]
    drawn: set[int] = set()
    for url in fonts:
        drawn |= TTFont(BytesIO(page.context.request.get(url).body())).getBestCmap().keys()
    shown = evaluate(page, _SHOWN)
    return [f"no font draws the icon U+{ord(letter):04X}" for letter in shown if ord(letter) not in drawn]
