"""The map of the statements: which proof rests on which, as a picture and as a list, from what statements declare."""

import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from mamllib.dependencies import in_order, supports
from mamllib.report import MARKS

from .map_layout import HUB, Layout, concentrated, lay_out
from .templates import rendered
from .whereabouts import Whereabouts, row_id

BOX, LINE, PADDING = 164, 15, 7
BETWEEN, GAP, MARGIN = 28, 12, 4
LETTERS = 23


def write(recorded: Mapping, found: Whereabouts, pages: Path) -> None:
    """Write what `book/map.md` includes."""
    pages.mkdir(parents=True, exist_ok=True)
    (pages / "map.html").write_text(page(recorded["statements"], found), encoding="utf-8")


def page(records: Sequence[Mapping], found: Whereabouts) -> str:
    """For each paper the picture, what stands alone, and the same as a list.

    Raises:
        UnknownPremiseError, CircularProofError: as `mamllib.dependencies.in_order` does.
    """
    in_order({record["id"]: record["rests on"] for record in records})
    papers = dict.fromkeys(record["paper"] for record in records)
    return rendered("map.html", papers=[_paper(paper, records, found) for paper in papers], marks=MARKS)


def _paper(paper: str, records: Sequence[Mapping], found: Whereabouts) -> dict:
    """The statements of one paper, and those of others that they rest on."""
    own = [record for record in records if record["paper"] == paper]
    shown = {premise for record in own for premise in record["rests on"]} | {record["id"] for record in own}
    boxes = {record["id"]: _box(record) for record in records if record["id"] in shown}
    premises = {record["id"]: record["rests on"] if record["paper"] == paper else [] for record in records}
    premises = {name: premises[name] for name in boxes}
    users = supports(premises)
    linked = {name: premises[name] for name in boxes if premises[name] or users[name]}
    return {
        "name": found.paper(paper),
        "key": paper,
        "picture": _picture(linked, boxes) if linked else None,
        "alone": [boxes[name] for name in boxes if name not in linked],
        "rows": [
            boxes[name]
            | {"premises": [boxes[each] for each in premises[name]], "users": [boxes[e] for e in users[name]]}
            for name in linked
        ],
    }


def _box(record: Mapping) -> dict:
    head, _, rest = record["statement"].partition(", ")
    verdict = record["verdict"]
    lines = [
        line
        for part in (f"{MARKS[verdict]} {head}", rest)
        for line in textwrap.wrap(part, LETTERS, break_on_hyphens=False)
    ]
    return {
        "title": record["statement"],
        "verdict": verdict,
        "mark": MARKS[verdict],
        "href": f"ledger.html#{row_id(record['id'])}",
        "lines": lines,
        "printed": record["source"] == "verbatim",
        "height": LINE * len(lines) + 2 * PADDING,
    }


def _picture(premises: Mapping[str, Sequence[str]], boxes: Mapping[str, dict]) -> dict:
    heights = {name: boxes[name]["height"] for name in premises}
    layout = lay_out(concentrated(premises), heights, GAP)
    ends = _ends(layout)
    place = {name: (ends[at], layout.y[name] + MARGIN) for at, layer in enumerate(layout.layers) for name in layer}
    return {
        "width": ends[-1][1] + MARGIN,
        "height": round(max(y + heights.get(name, 0) / 2 for name, (_, y) in place.items()) + MARGIN, 1),
        "boxes": [
            boxes[name] | {"x": left, "y": round(y - heights[name] / 2, 1)}
            for name, ((left, _), y) in place.items()
            if name in heights
        ],
        "hubs": [(left, round(y, 1)) for name, ((left, _), y) in place.items() if name.startswith(HUB)],
        "arrows": [
            {"d": _arrow([place[name] for name in path]), "to_hub": path[-1].startswith(HUB)}
            for path in layout.edges.values()
        ],
        "box": BOX,
        "line": LINE,
        "padding": PADDING,
    }


def _ends(layout: Layout) -> list[tuple[float, float]]:
    """Left and right end of each layer: a column of boxes where it is even, a line between two where it is odd."""
    ends, x = [], MARGIN
    for at, layer in enumerate(layout.layers):
        width, after = (
            (BOX, 0) if at % 2 == 0 else (0, BETWEEN * (2 if any(name.startswith(HUB) for name in layer) else 1))
        )
        x += after / 2
        ends.append((x, x + width))
        x += width + after / 2
    return ends


def _arrow(through: Sequence[tuple[tuple[float, float], float]]) -> str:
    """A path of SVG: level where it leaves and arrives, straight through the columns it only passes."""
    start, *between, end = through
    stops = [start, *(stop for stop in between if stop[0][0] < stop[0][1]), end]
    text = ""
    for ((_, x1), y1), ((x2, _), y2) in pairwise(stops):
        half = (x1 + x2) / 2
        text += f"{'L' if text else 'M'}{x1:g} {y1:.1f}C{half:g} {y1:.1f} {half:g} {y2:.1f} {x2:g} {y2:.1f}"
    return text
