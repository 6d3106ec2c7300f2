"""Under each published figure, a card: its files, how it is cited and made again, and the statements it supports.

`book/_tools/figures.py` gathers what a card says into `book/_generated/figures.json`. In a chapter a card follows the
summary of what is plotted; in the gallery the directives `figure-thumbnail` and `figure-card` place the same.
"""

import html
import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

RECORDS = "book/_generated/figures.json"
LEDGER, GALLERY = "book/ledger.html", "book/figures.html"
NO_ADDRESS = "<p>None: this copy of the book has no address.</p>"
FORMATS = {
    "PDF": ("figure.pdf", "embedded fonts"),
    "SVG": ("figure.svg", "outlines"),
    "PNG": ("figure.png", "300 dpi"),
    "CSV": ("data.csv", "what is plotted"),
    "JSON": ("params.json", "parameters and versions"),
}
_PUBLISHED = re.compile(r'<details class="plotted"><summary>Plotted: (?P<name>[\w-]+):')


def _records(app: Sphinx) -> dict[str, dict]:
    path = Path(app.srcdir, RECORDS)
    records = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return {record["id"]: record for record in records}


def card(record: dict, up: str) -> str:
    """The card's HTML; `up` leads from its page to the site's root."""
    name = html.escape(record["id"])
    return (
        f'<div class="figure-card" data-figure="{name}" role="group" aria-label="Files and citation of {name}">'
        f'<p class="files">{_downloads(record, up)} {_link(record, up)}</p>'
        f"<details><summary>Cite, reuse, make again</summary>{_body(record, up)}</details></div>"
    )


def _link(record: dict, up: str) -> str:
    """The permanent link; where this copy of the book has no address, the figure's place in its gallery."""
    if record["address"]:
        return f'<a href="{html.escape(record["address"])}">permanent link</a>'
    return f'<a href="{up}{GALLERY}#{html.escape(record["id"])}">in the gallery</a>'


def _downloads(record: dict, up: str) -> str:
    folder, name = f"{up}figures/{record['id']}", record["id"]
    return " ".join(
        f'<a href="{folder}/{file}" download="{name}{Path(file).suffix}" title="{title}">{kind}'
        f'<span class="visually-hidden"> of {name}</span></a>'
        for kind, (file, title) in FORMATS.items()
    )


def _body(record: dict, up: str) -> str:
    sections = {
        "BibTeX": _copyable(record["bibtex"]),
        "LaTeX": _copyable(record["snippet"]),
        "Permanent link": _copyable(record["address"]) if record["address"] else NO_ADDRESS,
        "Make it again": _copyable(_command(record)),
        "Supports": _statements(record, up),
        "Columns of the data": _pairs(record["columns"]),
        "Parameters": _pairs(record["parameters"]),
        "Made with": _pairs(record["environment"]),
    }
    return "".join(f'<p class="what">{title}</p>{content}' for title, content in sections.items() if content)


def _copyable(text: str) -> str:
    """Text with the copy button that every block of code has."""
    return f'<div class="highlight notranslate"><pre>{html.escape(text.strip())}</pre></div>'


def _command(record: dict) -> str:
    """What regenerates the figure: its chapter, with the parameters that have made it."""
    given = record["parameters"]
    named = {"CHAPTER": Path(record["chapter"]).name, "PROFILE": given.get("profile"), "SEED": given.get("seed")}
    shown = {name: value for name, value in named.items() if value not in (None, "ci")}
    return " ".join(["make chapter", *(f"{name}={value}" for name, value in shown.items())])


def _statements(record: dict, up: str) -> str:
    links = (
        f'<li><a href="{up}{LEDGER}#{statement["row"]}">{html.escape(statement["title"])}</a></li>'
        for statement in record["statements"]
    )
    return f"<ul>{''.join(links)}</ul>" if record["statements"] else ""


def _pairs(values: dict) -> str:
    known = {name: value for name, value in values.items() if value is not None}
    rows = (f"<dt>{html.escape(name)}</dt><dd>{html.escape(str(value))}</dd>" for name, value in known.items())
    return f"<dl>{''.join(rows)}</dl>" if known else ""


def thumbnail(record: dict, up: str) -> str:
    """The gallery's small picture, a link to the figure in its chapter."""
    width, height = record["size"]
    return (
        f'<p class="thumbnail"><a href="{up}{record["chapter"]}.html#{record["label"]}">'
        f'<img class="dark-light" src="{up}figures/{record["id"]}/thumbnail.webp" width="{width}" height="{height}" '
        f'loading="lazy" alt="{html.escape(record["alt"])}"></a></p>'
    )


SEARCH = (
    '<p class="figure-search" hidden><label for="figure-search">Search the figures</label> '
    '<input id="figure-search" type="search" autocomplete="off"> <output for="figure-search"></output></p>'
)


def _up(docname: str) -> str:
    return "../" * docname.count("/")


class _Placed(SphinxDirective):
    """Places something of the figure that the argument names."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        record = _records(self.env.app)[self.arguments[0]]
        return [nodes.raw("", type(self).draw(record, _up(self.env.docname)), format="html")]


class _Card(_Placed):
    draw = staticmethod(card)


class _Thumbnail(_Placed):
    draw = staticmethod(thumbnail)


class _Search(SphinxDirective):
    """The gallery's search box, shown where scripts run."""

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", SEARCH, format="html")]


def _place_cards(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    records = _records(app)
    for summary in list(doctree.findall(nodes.raw)):
        found = _PUBLISHED.search(summary.astext())
        if found and found["name"] in records:
            drawn = nodes.raw("", card(records[found["name"]], _up(docname)), format="html")
            summary.parent.insert(summary.parent.index(summary) + 1, drawn)


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.add_css_file("figure_card.css")
    app.add_js_file("figure_card.js", loading_method="defer")
    app.add_directive("figure-card", _Card)
    app.add_directive("figure-thumbnail", _Thumbnail)
    app.add_directive("figure-search", _Search)
    app.connect("doctree-resolved", _place_cards)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
