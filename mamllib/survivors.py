"""What became of the wrong versions that were made, as a table: how many died, and why the others may live."""

from mamllib.report import Table
from mamllib.statements.power import SURVIVES

COLUMNS = ("statement", "made", "what survives", "why")


def survivors_table(recorded: dict) -> Table:
    """One row a statement, and one for each further survivor, from ``ledger.records``."""
    return Table(COLUMNS, [row for record in recorded["statements"] for row in _rows(record)])


def _rows(record: dict) -> list[tuple[str, ...]]:
    left = [(version["name"], version["reason"]) for version in record["made"] if version["fate"] == SURVIVES]
    first, *others = left or [("", "")]
    return [(record["statement"], record["power"], *first), *(("", "", *other) for other in others)]
