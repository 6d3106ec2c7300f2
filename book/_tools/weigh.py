"""Weigh every page of the built site, and time how long it takes to show something: `python -m book._tools.weigh`.

Times depend on the machine, so no test looks at them; the weights are tested.
"""

import argparse
import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from . import chromium
from .evaluation import evaluate
from .page_gates import CHROMIUM_FLAGS, DESK, FORMULAS_DRAWN, pages
from .places import SITE
from .server import serve
from .weight import Scales

_FIRST_PAINT = """() => new Promise((then) => new PerformanceObserver((list) =>
  list.getEntriesByName("first-contentful-paint").forEach((paint) => then(paint.startTime))
).observe({type: "paint", buffered: true}))"""


def _load(browser: Browser, url: str) -> tuple[float, int, int, int]:
    """Milliseconds to the first paint with content, bytes of the first view, of the whole page, and of its limit."""
    context = browser.new_context(viewport=DESK)  # nothing is cached
    page = context.new_page()
    scales = Scales(page)
    page.goto(url, wait_until="load")
    evaluate(page, FORMULAS_DRAWN)
    paint, first = evaluate(page, _FIRST_PAINT), scales.first_view()
    whole, limit = scales.whole(), scales.limit()
    context.close()
    return paint, first, whole, limit


def measure(site: Path, loads: int) -> None:
    """Print a table: each page's weight and the median time of its first paint over several loads."""
    print(f"{'page':58} first view    whole  of limit  first paint (median of {loads})")
    with serve(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=CHROMIUM_FLAGS)
        _load(browser, f"{address}/{pages(site)[0].relative_to(site)}")  # the browser's own start
        for page in pages(site):
            results = [_load(browser, f"{address}/{page.relative_to(site)}") for _ in range(loads)]
            paint, (_, first, whole, limit) = statistics.median(result[0] for result in results), results[-1]
            kilobytes = f"{first / 1e3:7.0f} kB {whole / 1e3:5.0f} kB"
            print(f"{page.relative_to(site)!s:58} {kilobytes} {whole / limit:8.0%} {paint:9.0f} ms")


def main() -> None:
    """Measure the site that `make book` built, or the one given."""
    parser = argparse.ArgumentParser(prog="python -m book._tools.weigh", description=main.__doc__)
    parser.add_argument("site", type=Path, nargs="?", default=SITE)
    parser.add_argument("--loads", type=int, default=5)
    arguments = parser.parse_args()
    measure(arguments.site, arguments.loads)


if __name__ == "__main__":
    main()
