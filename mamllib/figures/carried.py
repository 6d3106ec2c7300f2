"""What a figure's files carry inside: which figure it is, of which commit, its parameters, and what it supports.

One text in JSON, where each format keeps a description: ``Description`` of a PNG, ``dc:description`` in the RDF of an
SVG, ``Subject`` in the information of a PDF. Only a PDF needs a library for that: ``pip install "mamllib[pdf]"``.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from mamllib.figures.companion import citation
from mamllib.figures.provenance import commit

PNG, SVG, PDF = "png", "svg", "pdf"
_DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"
_PLACE = re.compile(r"(?<=<dc:description>).*?(?=</dc:description>)", re.DOTALL)


class NothingCarriedError(LookupError):
    """A file is not there, or carries nothing of a figure of this companion."""


def note(name: str, parameters: Mapping, statements: Sequence[str]) -> dict:
    """What the files of a figure carry when it is drawn; no statement is judged with it.

    Args:
        name: of the figure.
        parameters: values that produced it.
        statements: ids of the statements that it supports.
    """
    known, state = citation(), commit()
    return {
        "figure": name,
        "companion": known["title"],
        "repository": known.get("repository-code"),
        "version": known["version"],
        "commit": state and state.id,
        "changed": state and state.changed,
        "parameters": dict(parameters),
        "statements": dict.fromkeys(statements),
        "judged": None,
    }


def metadata(noted: Mapping) -> dict[str, dict[str, str | None]]:
    """For each format what Matplotlib's ``savefig`` is to write into a file, and no date."""
    text = _text(noted)
    title = f"Figure {noted['figure']} of {noted['companion']}"
    return {
        PDF: {"CreationDate": None, "Title": title, "Subject": text},
        SVG: {"Date": None, "Title": title, "Description": text},
        PNG: {"Software": None, "Title": title, "Description": text},
    }


def put(path: Path, noted: Mapping) -> None:
    """Let a figure's file carry this in the place of what it carries; its picture stays as it is."""
    _format(path, path.read_bytes())[1](path, _text(noted))


def whence(path: str | Path) -> dict:
    """What a figure's file carries: ``figure``, ``commit``, ``parameters``, ``statements``, ….

    ``statements`` has for each statement ``verdict`` and ``grades``, and ``None`` where it was not ``judged`` with the
    figure.

    Raises:
        NothingCarriedError: the file is not there, or no PNG, SVG or PDF, or not a figure of this companion.
    """
    path = Path(path)
    if not path.is_file():
        raise NothingCarriedError(f"there is no file {path}")
    read, _ = _format(path, path.read_bytes())
    try:
        noted = json.loads(read(path) or "null")
    except ValueError:
        noted = None
    if not isinstance(noted, dict) or "figure" not in noted:
        raise NothingCarriedError(f"{path} carries nothing that says which figure of this companion it is")
    return noted


def _text(noted: Mapping) -> str:
    return json.dumps(noted, ensure_ascii=False)


def _format(path: Path, content: bytes) -> tuple[Callable, Callable]:
    """How a file's description is read, and replaced, by what the file begins with."""
    if content.startswith(b"\x89PNG"):
        return _read_png, _put_png
    if content.startswith(b"%PDF"):
        return _read_pdf, _put_pdf
    if b"<svg" in content[:1000]:
        return _read_svg, _put_svg
    raise NothingCarriedError(f"{path} is no PNG, SVG or PDF")


def _read_png(path: Path) -> str | None:
    try:
        with Image.open(path) as picture:
            return picture.info.get("Description")
    except OSError:  # no picture after all
        return None


def _put_png(path: Path, text: str) -> None:
    with Image.open(path) as picture:
        kept = PngInfo()
        for name, value in (picture.text | {"Description": text}).items():
            kept.add_text(name, value)
        picture.save(path, "png", pnginfo=kept, dpi=picture.info.get("dpi"))


def _read_svg(path: Path) -> str | None:
    try:
        return ElementTree.parse(path).getroot().findtext(f".//{_DESCRIPTION}")
    except ElementTree.ParseError:
        return None


def _put_svg(path: Path, text: str) -> None:
    drawn = path.read_text(encoding="utf-8")
    path.write_text(_PLACE.sub(lambda _: escape(text), drawn, count=1), encoding="utf-8")


def _read_pdf(path: Path) -> str | None:
    pypdf = _pypdf()
    try:
        return (pypdf.PdfReader(path).metadata or {}).get("/Subject")
    except pypdf.errors.PyPdfError:
        return None


def _put_pdf(path: Path, text: str) -> None:
    writer = _pypdf().PdfWriter(path, incremental=True)  # what is drawn stays byte for byte
    writer.add_metadata({"/Subject": text})
    writer.write(path)


def _pypdf():
    try:
        import pypdf.errors
    except ModuleNotFoundError:
        raise NothingCarriedError('what a PDF carries is read by pypdf: pip install "mamllib[pdf]"') from None
    return pypdf
