"""What each statement takes and how that is made: a table that README and site show, made from the statements."""

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from .places import ROOT
from .whereabouts import row_id

BEGIN = "<!-- What follows is written by `make table`. -->"
END = "<!-- What came before is written by `make table`. -->"
README = ROOT / "README.md"
PAGE = "statements.md"  # which book/statements.md includes

_MARKS = re.compile(r"[*_$<\[\]]")  # in θ* and w_k they are not Markdown's
HEAD = ("statement", "takes", "made by")


def table(statements: Iterable, named: Callable[[object], str]) -> str:
    """A row in Markdown for all statements that take the same.

    Args:
        statements: with ``id`` and ``takes``.
        named: a statement's name as the table shows it.
    """
    groups: dict[type, list] = {}
    for statement in statements:
        groups.setdefault(statement.takes, []).append(statement)
    rows = [(", ".join(map(named, group)), words(takes), f"`{recipe(takes)}`") for takes, group in groups.items()]
    return "\n".join(map(_line, [HEAD, ["---"] * len(HEAD), *rows])) + "\n"


def words(takes: type) -> str:
    """What a question is, as the first line of its docstring says."""
    pieces = (inspect.getdoc(takes) or "").partition("\n")[0].removesuffix(".").split("``")
    return "".join(f"`{piece}`" if place % 2 else _MARKS.sub(r"\\\g<0>", piece) for place, piece in enumerate(pieces))


def recipe(takes: type) -> str:
    """How a question is made: what it says itself, else its parameters with their defaults."""
    said = getattr(takes, "recipe", "") or _signature(takes)
    name = re.match(r"\w+", said)[0]
    return said if name == "ml" else f"{_package(name, takes)}.{said}"


def names(statements: Iterable) -> dict[str, str]:
    """A name for each id that no other statement has: its last part, or where that is not enough, the id."""
    ids = [statement.id for statement in statements]
    lasts = [each.split("/")[-1] for each in ids]
    return {each: last if lasts.count(last) == 1 else each for each, last in zip(ids, lasts, strict=True)}


def plain(statements: Iterable) -> str:
    """The table as README shows it."""
    short = names(statements)
    return table(statements, lambda statement: f"`{short[statement.id]}`")


def linked(statements: Iterable) -> str:
    """The table as the site shows it, each statement a link to its row of the ledger."""
    short = names(statements)
    return table(statements, lambda each: f'<a href="ledger.html#{row_id(each.id)}"><code>{short[each.id]}</code></a>')


def inserted(text: str, new: str) -> str:
    """The text with the table in it replaced.

    Raises:
        ValueError: the two marks are not in it, once each and in order.
    """
    if not (text.count(BEGIN) == text.count(END) == 1 and text.index(BEGIN) < text.index(END)):
        raise ValueError(f"between {BEGIN!r} and {END!r} the table has its place; they are not there once, in order")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{new}\n{END}{rest.partition(END)[2]}"


def write(pages: Path) -> None:
    """Write what `book/statements.md` includes."""
    from mamllib.ledger import STATEMENTS

    pages.mkdir(parents=True, exist_ok=True)
    (pages / PAGE).write_text(linked(STATEMENTS), encoding="utf-8")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _signature(takes: type) -> str:
    make = getattr(takes, "of", takes)
    given = [p.replace(annotation=p.empty) for p in inspect.signature(make).parameters.values()]
    return f"{takes.__name__}{'.of' * (make is not takes)}({', '.join(map(str, given))})"


def _package(name: str, takes: type) -> str:
    """What a reader imports a name from: mamllib, or a paper's folder where only that has it."""
    import mamllib

    return "ml" if hasattr(mamllib, name) else takes.__module__.removeprefix("mamllib.statements.").split(".")[0]


def main() -> int:
    """Write the table of statements into README.md."""
    from mamllib.ledger import STATEMENTS

    README.write_text(inserted(README.read_text(encoding="utf-8"), plain(STATEMENTS)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
