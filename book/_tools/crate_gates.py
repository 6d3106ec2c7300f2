"""What the RO-Crate at a site's root must pass: it is one, lists what is there alone, and leaves nothing out.

Each gate returns the problems it found, a line each; an empty list is a pass.
"""

import datetime
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

METADATA = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/crate/1.3"
ROOT = "./"
LEDGER = ("ledger.json", "ledger.csv", "ledger.schema.json")
_OF_THE_WHOLE = ("name", "description", "datePublished", "license", "author")

Entities = Mapping[str, Mapping]


def problems(site: Path, citation: Mapping, pages: list[str]) -> list[str]:
    """All that is wrong with the crate of a site.

    Args:
        site: the folder that is served.
        citation: the fields of `CITATION.cff`.
        pages: addresses of the chapters, from the site's root.
    """
    crate = json.loads((site / METADATA).read_text(encoding="utf-8"))
    graph = crate["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    found = [] if crate["@context"] == f"{PROFILE}/context" else [f"its context is {crate['@context']}"]
    found += [] if len(entities) == len(graph) else ["two entities have one @id"]
    found += [f"{name} has no @type" for name, entity in entities.items() if not entity.get("@type")]
    return [*found, *_whole(entities, citation), *_references(entities), *_parts(site, entities, pages)]


def _whole(entities: Entities, citation: Mapping) -> Iterator[str]:
    """The descriptor and the root data entity, whose author and licence are those of the citation."""
    descriptor, root = entities.get(METADATA, {}), entities.get(ROOT, {})
    if descriptor.get("conformsTo") != {"@id": PROFILE} or descriptor.get("about") != {"@id": ROOT}:
        yield f"{METADATA} does not describe {ROOT} as {PROFILE} says"
    missing = [name for name in _OF_THE_WHOLE if not root.get(name)]
    if "Dataset" not in _all(root.get("@type")) or missing:
        yield f"{ROOT} is no Dataset or lacks {', '.join(missing)}"
        return
    try:
        datetime.date.fromisoformat(root["datePublished"])
    except ValueError:
        yield f"{root['datePublished']!r} is no date"
    licence = entities.get(root["license"]["@id"], {})
    if not root["license"]["@id"].endswith(f"/{citation['license']}") or not licence.get("name"):
        yield f"its licence is {root['license']['@id']}, that of CITATION.cff {citation['license']}"
    authors = [entities.get(author["@id"], {}).get("name") for author in _all(root["author"])]
    if authors != [_name(author) for author in citation["authors"]]:
        yield f"its authors are {authors}, not those of CITATION.cff"


def _references(entities: Entities) -> Iterator[str]:
    """Whatever an entity refers to is described."""
    for name, entity in entities.items():
        for field, value in entity.items():
            for other in _all(value):
                unknown = isinstance(other, dict) and other["@id"] not in {*entities, PROFILE}
                if unknown:
                    yield f"{name}: {field} refers to {other['@id']}, which is not described"


def _parts(site: Path, entities: Entities, pages: list[str]) -> Iterator[str]:
    """Files and folders: all are there, all hang together, and ledger, figures and chapters are among them."""
    listed = {name for name, entity in entities.items() if {"File", "Dataset"} & set(_all(entity.get("@type")))}
    yield from (f"{name} is listed and not there" for name in sorted(listed) if not _is_there(site, name))
    reached = _reached(entities, ROOT)
    yield from (f"{name} is no part of {ROOT}" for name in sorted(listed - reached))
    folders = [folder for folder in sorted(site.glob("figures/*")) if folder.is_dir()]
    figures = [f"figures/{folder.name}/" for folder in folders]
    files = [path.relative_to(site).as_posix() for folder in folders for path in sorted(folder.iterdir())]
    yield from (f"{name} is not listed" for name in (*LEDGER, *figures, *files, *pages) if name not in reached)


def _reached(entities: Entities, name: str) -> set[str]:
    parts = [part["@id"] for part in _all(entities.get(name, {}).get("hasPart"))]
    return {name}.union(*(_reached(entities, part) for part in parts))


def _is_there(site: Path, name: str) -> bool:
    path = site / name
    return not urlsplit(name).scheme and (path.is_dir() if name.endswith("/") else path.is_file())


def _all(value: object) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


def _name(author: Mapping) -> str:
    return author.get("name") or f"{author['given-names']} {author['family-names']}"
