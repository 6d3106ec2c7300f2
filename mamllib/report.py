"""Checks as a table: in a terminal, on a page, and for the machine that guards the book."""

import html
import math
from collections.abc import Sequence

from mamllib.checking.check import Check
from mamllib.checking.hypothesis import PROVED
from mamllib.checking.verdict import Verdict
from mamllib.formatting import number

VERDICTS_MIME = "application/vnd.mamllib.verdicts+json"
MARKS = {Verdict.HOLDS: "✓", Verdict.VIOLATED: "✗", Verdict.UNDECIDED: "?", Verdict.SILENT: "–"}
SMALLEST_ROOM = 1e-5
UNKNOWN = "–"
COLUMNS = ("instance", "verdict", "grade", "least hypothesis margin", "lhs", "rhs", "slack", "lhs/rhs")
POWER_COLUMNS = ("instance", "N", "iterations recorded", "can be red", "red below this share of rhs", "rhs to spare")


class Table:
    """Rows of text under named columns, shown as a grid in a terminal and as HTML on a page."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[str]], verdicts: Sequence[dict] = ()):
        self.columns, self.rows, self.verdicts = tuple(columns), [tuple(row) for row in rows], list(verdicts)

    def __repr__(self) -> str:
        """A plain grid."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        head, *body = [_padded(line, widths) for line in lines]
        return "\n".join([head, "  ".join("-" * width for width in widths), *body])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        bundle = {"text/plain": repr(self), "text/html": self.to_html()}
        return bundle | ({VERDICTS_MIME: self.verdicts} if self.verdicts else {})

    def to_html(self) -> str:
        """A table with a header row; the first cell of a row is its header."""
        head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in self.columns)
        body = "\n".join(f"<tr>{_html_row(row)}</tr>" for row in self.rows)
        return f'<table class="checks">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>'

    def to_markdown(self) -> str:
        """A GitHub-flavoured table."""
        rule = ["---"] * len(self.columns)
        return "\n".join("| " + " | ".join(line) + " |" for line in (self.columns, rule, *self.rows))


def report(*checks: Check | Sequence[Check]) -> Table:
    """The checks as a table, once every verdict is the one on record.

    Raises:
        UnexpectedVerdict: a verdict differs from the one on record; the message names statement, case and both sides.
    """
    flat = [check for item in checks for check in ([item] if isinstance(item, Check) else item)]
    for check in flat:
        check.require_expected()
    return Table(COLUMNS, [row(check) for check in flat], [verdict_record(check) for check in flat])


def power_table(*checks: Check | Sequence[Check]) -> Table:
    """What the checks of recorded processes are worth: N, what was recorded, and whether a row could have been red."""
    flat = [check for item in checks for check in ([item] if isinstance(item, Check) else item)]
    return Table(POWER_COLUMNS, [_power_row(check) for check in flat if check.budget])


def _power_row(check: Check) -> tuple[str, ...]:
    budget, can = check.budget, check.illustration or "yes"
    silent = check.verdict == Verdict.SILENT
    shares = [UNKNOWN] * 2 if silent else [number(float(f"{x:.3g}")) for x in (check.power, check.spare)]
    return check.case, number(budget.needed), str(budget.recorded), "silent" if silent else can, *shares


def verdict_record(check: Check) -> dict:
    """What a machine needs of a check."""
    return {
        "statement": check.statement,
        "instance": check.case,
        "verdict": str(check.verdict),
        "expected": str(check.expected),
    }


def marked(verdict: Verdict) -> str:
    """The verdict as sign and word: neither colour nor sign alone carries it."""
    return f"{MARKS[verdict]} {verdict}"


def verdict_text(check: Check) -> str:
    """The verdict, and that it only illustrates where it could not have been another."""
    only = check.illustration and check.verdict == Verdict.HOLDS
    return marked(check.verdict) + (", illustration" if only else "")


def margin_text(check: Check) -> str:
    """The least hypothesis margin and its name; room below 10⁻⁵ is shown as 0, since round-off could move it."""
    if not check.margins:
        return "no hypothesis"
    name, room = check.smallest_margin
    return f"{number(room, 0.0 if room < 0 else SMALLEST_ROOM)} ({name})"


def grade_text(check: Check) -> str:
    """The grade, and at how many places hypotheses that are not proved were measured."""
    places = max((h.places for h in check.hypotheses.values() if h.places is not None), default=None)
    if places is None:
        return str(check.grade)
    return f"{check.grade}, {'proved' if places == PROVED else f'{places} places'}"


def sides_text(check: Check) -> tuple[str, ...]:
    """lhs, rhs, slack and lhs/rhs at the tightest point, to the digits that the error budget leaves."""
    sides = tuple(number(x, check.error) for x in (check.left, check.right, check.slack))
    return *sides, _ratio_text(check)


def _ratio_text(check: Check) -> str:
    """lhs/rhs; where rhs is 0 within the error its digits say nothing, and only that lhs is larger is shown.

    A silent statement need not have sides that can be computed.
    """
    if math.isnan(float(check.right)):
        return UNKNOWN
    if 0 < check.right <= check.error:
        return number(math.inf) if check.left > check.error else UNKNOWN
    return number(check.ratio, check.error / float(check.right) if check.right else 0.0)


def row(check: Check) -> tuple[str, ...]:
    """The cells of a check under ``COLUMNS``."""
    return check.case, verdict_text(check), grade_text(check), margin_text(check), *sides_text(check)


def _padded(line, widths) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _html_row(row) -> str:
    first, *rest = (html.escape(cell) for cell in row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest)
