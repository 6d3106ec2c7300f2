"""What the site says of each published figure: gathered from the chapters as executed and the files beside them."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from PIL import Image

from . import caption
from .chapters import chapters
from .stage import SERVED
from .whereabouts import row_id

GALLERY = "book/figures.html"
THUMBNAIL = "thumbnail.webp"
PICTURES = ("figure.pdf", "figure.svg", "figure.png")
FILES = (
    *PICTURES,
    "data.csv",
    "params.json",
    "cite.bib",
    "snippet.tex",
    THUMBNAIL,
)
_DPI, _THUMBNAIL_DPI = 300, 90  # of figure.png, and of the gallery's pictures, where all text is of one size
_CARD = re.compile(r'\bdata-figure="([\w-]+)"')
_PUBLISHED = re.compile(r"(?P<name>[\w-]+): \d+ rows\n")


def write(stage: Path, recorded: Mapping) -> list[dict]:
    """Complete the files served with each figure, and write ``figures.json`` and the gallery that the book includes.

    The pictures carry what came of the statements in the same build. The records of the figures are given back.
    """
    generated = stage / "book" / "_generated"
    generated.mkdir(parents=True, exist_ok=True)
    records = [record for chapter in chapters(stage) for record in _records(stage, chapter, recorded)]
    (generated / "figures.json").write_text(_json(records), encoding="utf-8")
    (generated / "figures.md").write_text("\n".join(map(_entry, records)), encoding="utf-8")
    return records


def published(notebook: NotebookNode) -> Iterator[tuple[str, dict]]:
    """Each figure that a chapter publishes, by its id, with the metadata of the cell that shows it."""
    shown: dict = {}
    for cell in notebook.cells:
        shown = cell.metadata.get("mystnb", {}) if "figure" in cell.metadata.get("mystnb", {}) else shown
        for output in cell.get("outputs", []):
            if found := _PUBLISHED.match(output.get("data", {}).get("text/plain", "")):
                yield found["name"], shown


def _records(stage: Path, chapter: Path, recorded: Mapping) -> Iterator[dict]:
    """A record for each figure of a chapter whose files are served: a chapter shown as stored may have none yet."""
    for name, shown in published(nbformat.read(chapter, as_version=4)):
        folder = stage / SERVED / "figures" / name
        if not folder.is_dir():
            continue
        record = {
            "id": name,
            "chapter": chapter.relative_to(stage).with_suffix("").as_posix(),
            "label": shown["figure"]["name"],
            "caption": shown["figure"]["caption"],
            "alt": shown["image"]["alt"],
        }
        yield record | _complete(folder, record, recorded)


def _complete(folder: Path, record: dict, recorded: Mapping) -> dict:
    """Put caption, alternative text, environment and verdicts where publishing could not know them."""
    described = json.loads((folder / "params.json").read_text(encoding="utf-8"))
    made = folder / "environment.json"
    described |= {"environment": json.loads(made.read_text(encoding="utf-8")) if made.is_file() else {}}
    described |= {key: record[key] for key in ("chapter", "caption", "alt")}
    described |= {"verdicts": _stamp(folder, recorded), "address": _address(record["id"])}
    made.unlink(missing_ok=True)
    (folder / "params.json").write_text(_json(described), encoding="utf-8")
    size, width = _shrink(folder)
    return described | _citation(folder, record, width) | {"size": size, "statements": _found(described["statements"])}


def _address(name: str) -> str | None:
    """The figure's permanent address, if this copy of the book has one."""
    from mamllib.figures import companion

    site = companion.site()
    return site and f"{site}{GALLERY}#{name}"


def _stamp(folder: Path, recorded: Mapping) -> dict:
    """Let the pictures carry the verdicts on record of the statements that they support; these verdicts."""
    from mamllib.figures import carried, whence

    judged = {name: recorded[name] for name in ("version", "commit", "changed", "seed")}
    found = {record["id"]: {name: record[name] for name in ("verdict", "grades")} for record in recorded["statements"]}
    for picture in PICTURES:
        noted = whence(folder / picture)
        noted |= {"statements": {name: found.get(name) for name in noted["statements"]}, "judged": judged}
        carried.put(folder / picture, noted)
    return noted["statements"]


def _citation(folder: Path, record: dict, width: float) -> dict:
    from mamllib.figures import citation

    entry = folder / "cite.bib"
    if not entry.is_file():
        entry.write_text(citation.figure_entry(record["id"]), encoding="utf-8")
    snippet = citation.snippet(record["id"], width, caption.latex(record["caption"]))
    (folder / "snippet.tex").write_text(snippet, encoding="utf-8")
    return {"bibtex": entry.read_text(encoding="utf-8"), "snippet": snippet}


def _shrink(folder: Path) -> tuple[list[int], float]:
    """Draw the gallery's small picture; its size in pixels, and the figure's width in inches."""
    with Image.open(folder / "figure.png") as picture:
        width = picture.width / _DPI
        small = picture.convert("RGB")
    small = small.resize([round(side * _THUMBNAIL_DPI / _DPI) for side in small.size], Image.Resampling.LANCZOS)
    small.save(folder / THUMBNAIL, quality=45, method=6)
    return list(small.size), width


def _found(statements: list[str]) -> list[dict[str, str]]:
    """Each statement's title and its row of the ledger."""
    from mamllib import ledger

    return [{"title": ledger.statement(name).title, "row": row_id(name)} for name in statements]


def _entry(record: dict) -> str:
    return "\n".join(
        [
            f"({record['id']})=",
            f"## {caption.message(record['caption'])}",
            "",
            "```{figure-thumbnail} " + record["id"],
            "```",
            "",
            caption.rest(record["caption"]),
            "",
            f"From {{doc}}`/{record['chapter']}`.",
            "",
            "```{figure-card} " + record["id"],
            "```",
            "",
        ]
    )


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def missing(site: Path, names: list[str]) -> list[str]:
    """Figures without a card in a chapter, without their place in the gallery, or without a file that a card offers."""
    problems = []
    cards = [card for page in sorted(site.glob("book/*/*.html")) for card in _cards(page)]
    gallery = (site / GALLERY).read_text(encoding="utf-8")
    for name in names:
        problems += [] if cards.count(name) == 1 else [f"{name}: {cards.count(name)} cards in chapters"]
        problems += [] if f' id="{name}"' in gallery else [f"{name}: not in the gallery"]
        problems += [f"{name}: no {file}" for file in FILES if not (site / "figures" / name / file).is_file()]
    return problems


def unmarked(site: Path, recorded: Mapping) -> list[str]:
    """Pictures served that do not carry the verdicts on record of all statements that their figure supports."""
    from mamllib.figures import whence

    known = {record["id"]: record["verdict"] for record in recorded["statements"]}
    problems = []
    for described in sorted(site.glob("figures/*/params.json")):
        wanted = {name: known[name] for name in json.loads(described.read_text(encoding="utf-8"))["statements"]}
        for picture in PICTURES:
            carried = whence(described.with_name(picture))["statements"]
            if {name: found and found["verdict"] for name, found in carried.items()} != wanted:
                problems.append(f"{described.parent.name}: {picture} carries other verdicts than the ledger's")
    return problems


def _cards(page: Path) -> list[str]:
    return _CARD.findall(page.read_text(encoding="utf-8"))
