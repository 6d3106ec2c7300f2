"""Where the time of a run went, by chapter and by statement, as a table."""

import json
from collections.abc import Iterable
from pathlib import Path

from . import execution
from .kept import LEDGER

LONGEST = 10


def told(tree: Path) -> str:
    """The chapters and statements of a tree of results that took longest, and what all took together."""
    chapters = [
        (name.split("/")[-1], run["seconds"], run["cpu"], "kept" if run["why"].startswith("kept") else "ran")
        for name, run in execution.read(tree).items()
    ]
    files = (tree / LEDGER).rglob("*.json")
    groups = [json.loads(file.read_text(encoding="utf-8"))["seconds"] for file in files]
    statements = [(name, seconds) for group in groups for name, seconds in group.items()]
    return "\n".join(
        [
            *_table("chapter", ("seconds", "processor", ""), chapters),
            "",
            *_table("statement", ("seconds",), statements),
        ]
    )


def _table(kind: str, columns: tuple[str, ...], rows: list[tuple]) -> Iterable[str]:
    width = max((len(row[0]) for row in rows), default=0) + 2
    yield f"{kind:{width}}" + "".join(f"{column:>10}" for column in columns)
    for name, *cells in sorted(rows, key=lambda row: -row[1])[:LONGEST]:
        yield f"{name:{width}}" + "".join(f"{cell:>10}" for cell in cells)
    sums = [sum(values) for values in zip(*(row[1:] for row in rows), strict=True) if not isinstance(values[0], str)]
    yield f"{f'all {len(rows)}':{width}}" + "".join(f"{value:>10.1f}" for value in sums)
