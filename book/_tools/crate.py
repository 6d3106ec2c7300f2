"""The site for machines: one RO-Crate 1.3 at its root that lists the ledger, the figures and the chapters.

https://w3id.org/ro/crate/1.3 says what it holds; `crate_gates` is what a site must pass.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rocrate.model import ContextEntity, Dataset, Entity, File
from rocrate.rocrate import ROCrate

from . import caption
from .chapters import chapters, title
from .ledger import RECORD, TABLE
from .stage import SERVED

VERSION = "1.3"
FRONT = "book/index.html"
ENCODINGS = {
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
    ".webp": "image/webp",
}
_OF_A_FIGURE = {
    "figure.pdf": "the figure with embedded fonts",
    "figure.svg": "the figure as outlines",
    "figure.png": "the figure at 300 dots an inch",
    "data.csv": "what is plotted; params.json says what each column is",
    "params.json": "columns, statements with verdicts, parameters, versions, caption",
    "cite.bib": "BibTeX entry",
    "snippet.tex": "LaTeX that shows and cites the figure",
    "thumbnail.webp": "a small picture",
}


def write(stage: Path, figures: Iterable[Mapping], recorded: Mapping) -> None:
    """Write `ro-crate-metadata.json` beside what the site serves.

    Args:
        stage: what the site is built from, all of it.
        figures: their records, as `figures.write` gives them.
        recorded: the statements as judged.
    """
    served = stage / SERVED
    crate = ROCrate(version=VERSION)
    software = _describe(crate, recorded)
    made = [*_ledger(crate, served), *(_figure(crate, served, record) for record in figures)]
    pages = [_chapter(crate, stage, chapter) for chapter in chapters(stage)]
    crate.root_dataset["hasPart"] = [*made, *pages]
    crate.root_dataset["mentions"] = _made_by(crate, software, [*made, *pages], recorded)
    crate.metadata.write(served)


def _describe(crate: ROCrate, recorded: Mapping) -> Entity:
    """Say of the whole what `CITATION.cff` says; the software that made it."""
    from mamllib.figures import companion, provenance

    known, state = companion.citation(), provenance.commit()
    today = datetime.datetime.now(datetime.UTC).date()
    authors = [_author(crate, place, author) for place, author in enumerate(known["authors"], start=1)]
    common = {
        "author": authors if len(authors) > 1 else authors[0],
        "license": _licence(crate, known["license"]),
        "version": known["version"],
    }
    whole = common | {
        "name": known["title"],
        "description": " ".join(known["abstract"].split()),
        "keywords": known["keywords"],
        "datePublished": str(known.get("date-released") or (state.date if state else today)),
        "url": companion.site(),
    }
    for name, value in whole.items():
        if value is not None:
            crate.root_dataset[name] = value
    commit = recorded["commit"] and f"commit {recorded['commit']}{' with changes' * bool(recorded['changed'])}"
    return _entity(
        crate,
        "#mamllib",
        "SoftwareApplication",
        **common,
        name="mamllib",
        identifier=commit,
        sameAs=known.get("doi") and f"https://doi.org/{known['doi']}",
        url=known.get("repository-code", FRONT),  # it must have one
    )


def _author(crate: ROCrate, place: int, author: Mapping) -> Entity:
    if "name" in author:
        return _entity(crate, f"#author-{place}", "Organization", name=author["name"])
    name = f"{author['given-names']} {author['family-names']}"
    return _entity(crate, author.get("orcid", f"#author-{place}"), "Person", name=name)


def _licence(crate: ROCrate, name: str) -> Entity:
    described = f"The licence of this companion, by the name that SPDX gives it: {name}."
    return _entity(crate, f"https://spdx.org/licenses/{name}", "CreativeWork", name=name, description=described)


def _ledger(crate: ROCrate, served: Path) -> Iterator[Entity]:
    from mamllib.records import SCHEMA

    described = {
        SCHEMA: "JSON Schema of the record of statements: what each field of the ledger is",
        RECORD: "Every statement with every instance it was judged on, and its wrong versions",
        TABLE: "Every statement with its verdict and the numbers where it is tightest, a row each",
    }
    for name, what in described.items():
        yield _file(crate, served, name, name=name, description=what)


def _figure(crate: ROCrate, served: Path, record: Mapping) -> Entity:
    """A figure's folder, with all that is in it."""
    place = f"figures/{record['id']}"
    files = [
        _file(crate, served, f"{place}/{name}", name=f"{record['id']}: {name}", description=what)
        for name, what in _OF_A_FIGURE.items()
    ]
    folder = crate.add(Dataset(crate, dest_path=f"{place}/"))
    folder["name"] = f"{record['id']}: {caption.message(record['caption'])}"
    folder["description"] = caption.rest(record["caption"]) or record["alt"]
    folder["hasPart"] = files
    return folder


def _chapter(crate: ROCrate, stage: Path, chapter: Path) -> Entity:
    """A chapter's page, which is rendered later."""
    place = chapter.relative_to(stage).with_suffix(".html").as_posix()
    page = crate.add(File(crate, dest_path=place))
    page["name"], page["description"] = title(chapter), "A chapter of the book, as executed for this site"
    page["encodingFormat"] = ENCODINGS[".html"]
    return page


def _made_by(crate: ROCrate, software: Entity, made: list[Entity], recorded: Mapping) -> Entity:
    around = ", ".join(f"{name} {value}" for name, value in recorded["environment"].items())
    return _entity(
        crate,
        "#build",
        "CreateAction",
        name="Every statement judged, every chapter executed",
        description=f"Statements with seed {recorded['seed']}; on {around}",
        agent=crate.root_dataset["author"],
        instrument=software,
        result=made,
    )


def _file(crate: ROCrate, served: Path, place: str, **properties: str) -> Entity:
    described = {"encodingFormat": ENCODINGS[Path(place).suffix], "contentSize": str((served / place).stat().st_size)}
    return crate.add(File(crate, dest_path=place, properties=properties | described))


def _entity(crate: ROCrate, at: str, kind: str, **properties: object) -> Entity:
    entity = crate.add(ContextEntity(crate, at, properties={"@type": kind}))
    for name, value in properties.items():
        if value is not None:
            entity[name] = value
    return entity
