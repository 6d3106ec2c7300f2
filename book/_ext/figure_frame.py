"""On a phone a figure keeps the size it was drawn for, in a frame that scrolls: squeezed, its text could not be read.

A chapter's pictures come with half as many pixels again as they are wide on a page (`figure.dpi` 144 against 96).
"""

from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx

PIXELS_OF_A_PICTURE, PIXELS_OF_A_PAGE = 144, 96  # an inch


def width_as_drawn(path: Path) -> int:
    """A picture's width in a page's pixels at the size it was drawn for."""
    with Image.open(path) as picture:
        return round(picture.width * PIXELS_OF_A_PAGE / PIXELS_OF_A_PICTURE)


def _frame(app: Sphinx, doctree: nodes.document, _: str) -> None:
    for image in list(doctree.findall(nodes.image)):
        if isinstance(image.parent, nodes.figure) and image["uri"].endswith(".png"):
            width = width_as_drawn(Path(app.srcdir, image["uri"]))
            start = nodes.raw("", f'<div class="figure-frame" style="--width-as-drawn: {width}px">', format="html")
            image.replace_self([start, image.deepcopy(), nodes.raw("", "</div>", format="html")])


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("doctree-resolved", _frame)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
