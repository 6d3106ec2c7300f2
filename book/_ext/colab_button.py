"""A button on every chapter that opens it on Colab, once the repository has an address: no button beats a dead one."""

import os

from sphinx.application import Sphinx
from sphinx.config import Config

COLAB = "https://colab.research.google.com"
# The publishing workflow keeps the stamped chapters here, so that a fork's buttons open the fork's chapters.
BRANCH = "colab"


def _offer(app: Sphinx, config: Config) -> None:
    address = os.environ.get("MAMLLIB_REPOSITORY")  # the library knows it, and takes seconds to be imported
    if address:
        config.html_theme_options["repository_url"] = address
        config.html_theme_options["repository_branch"] = BRANCH
        config.html_theme_options["launch_buttons"] = {"colab_url": COLAB}


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("config-inited", _offer)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
