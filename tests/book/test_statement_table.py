"""The table of what each statement takes has every statement once, and README shows it as it is now."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from book._tools import statement_table
from mamllib.ledger import STATEMENTS


@dataclass
class Points:
    """Points w_k, and ``n`` of them (θ* last).

    More is not shown.
    """

    @classmethod
    def of(cls, w, n: int = 3):
        return cls()


@dataclass
class Runs:
    """Runs."""

    recipe = "ml.run(setting, seeds)"


TOYS = [
    SimpleNamespace(id=name, takes=takes)
    for name, takes in {"toys/a": Points, "toys/b": Runs, "toys/c": Points, "games/a": Runs}.items()
]


def test_readme_shows_the_table_as_it_is_now():
    readme = statement_table.README.read_text(encoding="utf-8")
    assert statement_table.inserted(readme, statement_table.plain(STATEMENTS)) == readme, "make table"


def test_every_statement_is_in_it_once():
    rows = statement_table.plain(STATEMENTS).splitlines()[2:]
    named = [name.strip(" |`") for row in rows for name in row.split(" | ")[0].split(", ")]
    assert sorted(named) == sorted(statement_table.names(STATEMENTS).values())
    assert len(rows) == len({statement.takes for statement in STATEMENTS})


def test_statements_that_take_the_same_share_a_row():
    head, _, *rows = statement_table.plain(TOYS).splitlines()
    assert head == "| statement | takes | made by |"
    assert rows == [
        r"| `toys/a`, `c` | Points w\_k, and `n` of them (θ\* last) | `tests.Points.of(w, n=3)` |",
        "| `b`, `games/a` | Runs | `ml.run(setting, seeds)` |",
    ]


def test_on_the_site_a_statement_leads_to_its_row_of_the_ledger():
    assert '<a href="ledger.html#statement-games-a"><code>games/a</code></a>' in statement_table.linked(TOYS)


def test_the_rest_of_a_page_stays_and_a_second_time_changes_nothing():
    text = f"# Before\n\n{statement_table.BEGIN}\nold\n{statement_table.END}\n\nAfter.\n"
    new = statement_table.inserted(text, "new\n")
    assert new == f"# Before\n\n{statement_table.BEGIN}\n\nnew\n\n{statement_table.END}\n\nAfter.\n"
    assert statement_table.inserted(new, "new\n") == new


@pytest.mark.parametrize("text", ["", statement_table.BEGIN, f"{statement_table.END} {statement_table.BEGIN}"])
def test_a_page_without_a_place_for_it_is_an_error(text):
    with pytest.raises(ValueError, match="not there once, in order"):
        statement_table.inserted(text, "new")
