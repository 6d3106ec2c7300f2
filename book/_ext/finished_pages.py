"""Mend every page after it was written: what themes and extensions leave heavy, invalid or unreadable to some.

The pages' source is not at fault, so nothing there can be changed to the same effect; and a template of our own for
each would have to follow the theme from version to version.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import accessible
import light
import valid
from bs4 import BeautifulSoup
from sphinx.application import Sphinx

_MENDS = (*valid.MENDS, *accessible.MENDS, *light.MENDS)


def mended(html: str) -> str:
    """The page's source after every mend."""
    page = BeautifulSoup(html, "html.parser")
    for mend in _MENDS:
        mend(page)
    return page.decode(formatter="html5")


def _mend_all(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    pages = [path for path in site.rglob("*.html") if "_static" not in path.relative_to(site).parts]
    # The largest first, or one process would end with it alone. Forked, for these modules are not on everyone's path.
    pages.sort(key=lambda path: -path.stat().st_size)
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        list(pool.map(_mend, pages))
    light.keep_only_the_icons_used(site)


def _mend(path: Path) -> None:
    path.write_text(mended(path.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("build-finished", _mend_all)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
