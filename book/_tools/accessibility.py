"""What axe-core finds wrong with a page as it stands in the browser."""

from functools import cache

from playwright.sync_api import Page

from .evaluation import evaluate
from .places import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

# Every rule of these kinds, none left out. Colours are judged when the theme's transitions have ended, and what
# scrolls when the page's own script has seen the window's new width.
KINDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

# A phone in the light scheme shows the colours that the desk showed there, and colours are half of the work.
COLOURS = ("color-contrast", "link-in-text-block")

# A drawn formula is some hundred elements of style sheets and MathML, in which axe finds next to nothing to judge and
# spends two thirds of its time: a box of the same size stands for each.
_BOX_FORMULAS = """() => {
  const drawn = [...document.querySelectorAll("mjx-math")].map((math) => [math, math.getBoundingClientRect()]);
  for (const [math, {width, height}] of drawn) {
    math.replaceChildren();
    Object.assign(math.style, {display: "inline-block", width: `${width}px`, height: `${height}px`});
  }
  document.querySelectorAll("mjx-assistive-mml").forEach((spoken) => spoken.replaceChildren());
}"""

# Half of a chapter's elements are words of code. Those of one class in one block are of one style, so the first stands
# for all, and the others become plain text of the block.
_ONE_WORD_OF_EACH_CLASS = """() => {
  const way = (node) => node.matches("pre") ? "" : `${way(node.parentElement)}/${node.className}`;
  const isPlain = (word) => !word.children.length && word.getAttributeNames().every((name) => name === "class");
  for (const block of document.querySelectorAll("pre")) {
    const seen = new Set();
    for (const word of [...block.querySelectorAll("span")].filter(isPlain))
      if (seen.has(way(word))) word.replaceWith(...word.childNodes); else seen.add(way(word));
    block.normalize();
  }
}"""

_RUN = """async ([kinds, skipped, only]) => {
  document.getAnimations().forEach((animation) => animation.finish());
  await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
  const rules = Object.fromEntries(skipped.map((id) => [id, {enabled: false}]));
  const runOnly = only.length ? only : kinds;
  const {violations} = await axe.run(document, {runOnly, rules, resultTypes: ["violations"]});
  return violations.map(({id, nodes}) =>
    `axe: ${id}, ${nodes.length} times, first ${nodes[0].target.join(" ")}: ${nodes[0].html.slice(0, 100)}`);
}"""


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page, skipped: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> list[str]:
    """Every rule (of ``only``, if given) that axe says the page breaks, with how often and where first.

    The page's formulas are gone then, and its code is in fewer pieces.
    """
    if not evaluate(page, "() => Boolean(window.axe)"):
        page.evaluate(_source())
        evaluate(page, _BOX_FORMULAS)
        evaluate(page, _ONE_WORD_OF_EACH_CLASS)
    return evaluate(page, _RUN, [list(KINDS), list(skipped), list(only)])
