"""The columns of ``ledger.csv``: the fields that the records' schema describes, but for those that hold records."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column: its name, the fields that lead to its value (from a row or from the whole), and what it is."""

    path: tuple[str, ...]
    description: str

    @property
    def name(self) -> str:
        """The names of the fields, the outer before the inner."""
        return " ".join(self.path)


def columns(schema: Mapping) -> list[Column]:
    """A statement's own columns, then those that all rows have in common."""
    return [*_found(schema["$defs"]["statement"]), *_found(schema)]


def row(statement: Mapping, whole: Mapping, schema: Mapping) -> dict[str, str]:
    """A statement's row: in each column what the record says, word for word."""
    return {column.name: _cell({**whole, **statement}, column.path) for column in columns(schema)}


def documentation(schema: Mapping) -> str:
    """What each column is, as a table in Markdown."""
    lines = [("column", "what it is"), ("---", "---")]
    lines += [(f"`{column.name}`", column.description) for column in columns(schema)]
    return "\n".join(f"| {name} | {what.replace('|', chr(92) + '|')} |" for name, what in lines) + "\n"


def _found(described: Mapping, before: tuple[str, ...] = ()) -> Iterator[Column]:
    for name, field in described["properties"].items():
        if not field.get("inCsv", True):
            continue
        if "properties" in field:
            yield from _found(field, (*before, name))
        else:
            yield Column((*before, name), field["description"])


def _cell(record: Mapping, path: tuple[str, ...]) -> str:
    value = record
    for name in path:
        value = value.get(name)
        if value is None:
            return ""
    if isinstance(value, list):
        return " ".join(value)
    return value if isinstance(value, str) else json.dumps(value)
