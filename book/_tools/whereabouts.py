"""Where a statement is found: its chapter, the figures that support it, its row of the ledger, its file."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml
from docutils.nodes import make_id

from . import verdicts
from .chapters import chapters
from .places import ROOT

_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A section of a chapter: the chapter's title, and the address for a page beside ``book/index.html``."""

    chapter: str
    href: str


def row_id(statement: str) -> str:
    """The anchor of a statement's row on the ledger page."""
    return "statement-" + re.sub(r"[/_]", "-", statement)


@dataclass(frozen=True)
class Whereabouts:
    """What the pages about all statements link to.

    ``sections``, ``figures`` go by a statement's id; ``papers`` gives a paper's name; ``repository`` is its address,
    or ``None`` until it is set.
    """

    sections: Mapping[str, Section]
    figures: Mapping[str, list[str]]
    papers: Mapping[str, str]
    repository: str | None

    def paper(self, key: str) -> str:
        """The name of a paper, or its key where the table of contents has no chapter on it."""
        return self.papers.get(key, key)

    def source(self, file: str) -> str | None:
        """The address of a file of the package."""
        return f"{self.repository.rstrip('/')}/blob/HEAD/{file}" if self.repository and file else None


def find(recorded: Mapping, executed: Path, root: Path = ROOT) -> Whereabouts:
    """Look through the chapters as stored, the figures of the tree `executed`, the contents and the citation."""
    from mamllib.figures import companion

    return Whereabouts(
        sections(recorded, chapters(root), root),
        figures(executed / "book" / "figures"),
        papers(root),
        companion.citation().get("repository-code"),
    )


def sections(recorded: Mapping, notebooks: Iterable[Path], root: Path = ROOT) -> dict[str, Section]:
    """For each statement the section where most of the instances on record are judged; none where no chapter does."""
    instances = {record["id"]: {check["instance"] for check in record["checks"]} for record in recorded["statements"]}
    judged: dict[str, Counter] = {statement: Counter() for statement in instances}
    for chapter in notebooks:
        for section, verdict in _judged(chapter, root):
            if verdict.instance in instances.get(verdict.statement, ()):
                judged[verdict.statement][section] += 1
    return {statement: counted.most_common(1)[0][0] for statement, counted in judged.items() if counted}


def _judged(chapter: Path, root: Path) -> Iterator[tuple[Section, verdicts.Verdict]]:
    notebook = nbformat.read(chapter, as_version=4)
    page = chapter.relative_to(root / "book").with_suffix(".html").as_posix()
    headings: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings += [title.replace("$", "").strip() for title in _HEADING.findall(cell.source)]
            continue
        alone = nbformat.v4.new_notebook(cells=[cell])
        for verdict in verdicts.read(alone):
            yield Section(headings[0], f"{page}#{make_id(headings[-1])}"), verdict


def figures(folder: Path) -> dict[str, list[str]]:
    """For each statement the figures that say they support it."""
    found: dict[str, list[str]] = {}
    for described in sorted(folder.glob("*/params.json")):
        for statement in json.loads(described.read_text(encoding="utf-8"))["statements"]:
            found.setdefault(statement, []).append(described.parent.name)
    return found


def papers(root: Path = ROOT) -> dict[str, str]:
    """What the table of contents calls the chapters of each paper: ``fallah2020`` → ``Fallah et al. 2020``."""
    parts = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    files = ((part["caption"], chapter["file"]) for part in parts for chapter in part["chapters"])
    return {Path(file).parent.name: caption for caption, file in files if len(Path(file).parts) > 2}
