"""What the PDF of every published figure must pass before a publisher sees it.

Each gate returns the problems it found, a line each; an empty list is a pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pypdfium2
from pypdf import PageObject, PdfReader, mult
from pypdf.generic import ContentStream, DictionaryObject

from mamllib.figures.style import COLUMN, PAGE, SMALLEST, share_of_page

# Scripts of scripts are 0.49 of the text, in TeX and in Matplotlib; a radical sign lies in between.
_SMALLEST_SCRIPT = 0.48
_IDENTITY = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]


def figures(folder: Path) -> list[str]:
    """Every gate on every figure of the folder, which has a folder for each."""
    gates = (fonts, text_size, drawn)
    return [
        f"{pdf.parent.name}: {problem}"
        for pdf in sorted(folder.glob("*/figure.pdf"))
        for gate in gates
        for problem in gate(pdf)
    ]


def fonts(pdf: Path) -> list[str]:
    """Every font is embedded as TrueType (Type 42), and there is text in the figure at all."""
    found = {str(font["/BaseFont"]): _kind(font) for page in PdfReader(pdf).pages for font in _fonts(page)}
    wrong = [f"font {name} is {kind}" for name, kind in sorted(found.items()) if kind != "embedded TrueType"]
    return wrong if found else ["no text"]


def text_size(pdf: Path) -> list[str]:
    """Text is at least 7 points where the figure is shown: in one column if it is narrow, else as wide as it is."""
    (page,) = PdfReader(pdf).pages
    scale = _scale(float(page.mediabox.width) / 72)
    small = {f"{text.size * scale:.2f} pt for {text.shown!r}" for text in texts(page) if _too_small(text, scale)}
    return sorted(small)


def drawn(pdf: Path) -> list[str]:
    """Drawn without LaTeX, the page shows something: marks on at least a hundredth of it, in several greys."""
    grey = proof(pdf)
    marked = np.mean(grey < 250)
    problems = [f"only {marked:.2%} of the page is marked"] if marked < 0.01 else []
    return problems + (["all marks are of one grey"] if marked and len(np.unique(grey[grey < 250])) < 8 else [])


def proof(pdf: Path, dpi: int = 100) -> np.ndarray:
    """The figure as greys from 0 to 255, one a pixel."""
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].render(scale=dpi / 72, grayscale=True).to_numpy().squeeze().copy()


@dataclass
class Text:
    """What one text object of a page shows: its largest size in points, and all its sizes."""

    shown: str = ""
    sizes: set[float] = field(default_factory=set)

    @property
    def size(self) -> float:
        """The size of what stands on the line."""
        return max(self.sizes)


def texts(page: PageObject) -> Iterator[Text]:
    """The texts of a page, with sizes as they come out under all transformations."""
    reader = _Reader()
    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        yield from reader.read(operator, operands)


class _Reader:
    """Follows the drawing operators that decide how large a text is."""

    def __init__(self):
        self.matrix, self.stack, self.line = _IDENTITY, [], _IDENTITY
        self.font_size, self.text = 0.0, Text()

    def read(self, operator: bytes, operands: list) -> Iterator[Text]:
        match operator:
            case b"q":
                self.stack.append(self.matrix)
            case b"Q":
                self.matrix = self.stack.pop()
            case b"cm":
                self.matrix = mult([float(x) for x in operands], self.matrix)
            case b"BT":
                self.line, self.text = _IDENTITY, Text()
            case b"Tm":
                self.line = [float(x) for x in operands]
            case b"Tf":
                self.font_size = float(operands[1])
            case b"Tj" | b"TJ":
                self._show(operands[0])
            case b"ET" if self.text.sizes:
                yield self.text

    def _show(self, operand: object) -> None:
        _, _, c, d, *_ = mult(self.line, self.matrix)
        self.text.sizes.add(self.font_size * float(np.hypot(c, d)))
        pieces = operand if isinstance(operand, list) else [operand]
        self.text.shown += "".join(str(piece) for piece in pieces if isinstance(piece, str))


def _too_small(text: Text, scale: float) -> bool:
    """What stands on the line decides; beside it a script may be as small as TeX makes it."""
    return text.size * scale < SMALLEST - 0.005 or min(text.sizes) < _SMALLEST_SCRIPT * text.size


def _scale(width: float) -> float:
    share = share_of_page(width)
    return COLUMN / width if share is None else min(1.0, PAGE / width)


def _fonts(page: PageObject) -> Iterator[DictionaryObject]:
    for reference in page["/Resources"].get("/Font", {}).values():
        yield reference.get_object()


def _kind(font: DictionaryObject) -> str:
    if font["/Subtype"] == "/Type0":
        font = font["/DescendantFonts"][0].get_object()
    true_type = font["/Subtype"] in ("/TrueType", "/CIDFontType2")
    embedded = "/FontFile2" in font.get("/FontDescriptor", DictionaryObject()).get_object()
    return "embedded TrueType" if true_type and embedded else f"{font['/Subtype'][1:]}, embedded: {embedded}"
