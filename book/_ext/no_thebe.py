"""Leave out Thebe, which Jupyter Book always loads: its script names an outside host, and no page here uses it."""

from sphinx.application import Sphinx
from sphinx.config import Config


def _leave_out(app: Sphinx, _: Config) -> None:
    for event, listeners in app.events.listeners.items():
        app.events.listeners[event] = [each for each in listeners if each.handler.__module__ != "sphinx_thebe"]
    app.registry.css_files[:] = [each for each in app.registry.css_files if each[0] != "sphinx-thebe.css"]


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("config-inited", _leave_out)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
