"""Serve MathJax with the site, so that a page draws its formulas without asking any other host.

MathJax comes from npm (`MAMLLIB_MATHJAX` names its `es5` folder) and is copied into the built site. Without it the
pages use the address Sphinx itself would use. Either way it is the full component: with the plain one a single
`\\boldsymbol` blanks a page.
"""

import os
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.ext.mathjax import MATHJAX_URL

COMPONENT = "tex-chtml-full.js"
# The component, its fonts, and what the reader's own menu can ask for: speech and the explorer.
SERVED = (COMPONENT, "output/chtml/fonts", "a11y", "sre")


def _source() -> Path | None:
    folder = os.environ.get("MAMLLIB_MATHJAX")
    return Path(folder) if folder and Path(folder, COMPONENT).is_file() else None


def _choose_address(_: Sphinx, config: Config) -> None:
    public = MATHJAX_URL.rsplit("/", 1)[0]
    config.mathjax_path = f"{'mathjax' if _source() else public}/{COMPONENT}"


def _copy(app: Sphinx, exception: Exception | None) -> None:
    source = _source()
    if exception is not None or source is None or app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "mathjax")
    for name in SERVED:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.set_html_assets_policy("always")  # the sidebar has formulas on pages that have none themselves
    app.connect("config-inited", _choose_address)
    app.connect("build-finished", _copy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
