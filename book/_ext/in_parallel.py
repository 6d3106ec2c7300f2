"""Let Sphinx write pages side by side.

Its option for this, which Jupyter Book does not hand on, would have pages read side by side as well, and `sphinx_proof`
cannot do that. So Sphinx is told once all are read.
"""

import os

from sphinx.application import Sphinx


def _write_side_by_side(app: Sphinx, *_: object) -> None:
    app.parallel = os.cpu_count()


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("env-updated", _write_side_by_side)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
