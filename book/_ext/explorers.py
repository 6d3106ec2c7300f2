"""Give pages with an explorer its style and Vega, and no other page: Vega weighs as much as half a page.

An explorer brings its script along (`mamllib/explorers`) and asks the site for Vega. It comes from npm like MathJax, in
the folder beside it; without it the explorer's picture stays.
"""

import importlib.util
import os
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

STYLE = "explorer.css"
_MARK = 'class="explorer"'


def _vega() -> Path | None:
    mathjax = os.environ.get("MAMLLIB_MATHJAX")  # …/node_modules/mathjax/es5
    script = mathjax and Path(mathjax).parents[1] / "vega" / "build" / "vega.min.js"
    return script if script and script.is_file() else None


def _assets() -> Path:
    """The library's own style sheet; found without importing the library, which takes seconds."""
    return Path(importlib.util.find_spec("mamllib").origin).parent / "explorers" / "assets" / STYLE


def _serve(_: Sphinx, config: Config) -> None:
    config.html_static_path += [str(file) for file in (_assets(), _vega()) if file]


def _add_style(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    if _MARK in context.get("body", ""):
        app.add_css_file(STYLE)


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("config-inited", _serve)
    app.connect("html-page-context", _add_style)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
