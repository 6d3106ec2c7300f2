"""Give the ledger, the map and the status page their style and script, and no other page."""

from sphinx.application import Sphinx

PAGES = ("book/ledger", "book/map", "book/status")


def _add_files(app: Sphinx, pagename: str, *_: object) -> None:
    if pagename in PAGES:
        app.add_css_file("ledger.css")
    if pagename == "book/ledger":
        app.add_js_file("ledger.js", loading_method="defer")


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("html-page-context", _add_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
