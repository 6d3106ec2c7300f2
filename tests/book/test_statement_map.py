"""The map: every statement once, coloured by its verdict, boxes apart, arrows from premise to conclusion."""

import json
import re
from itertools import combinations, pairwise

import pytest
from bs4 import BeautifulSoup

import mamllib as ml
from book._tools import statement_map
from book._tools.map_layout import HUB, concentrated, lay_out
from book._tools.whereabouts import row_id
from mamllib.dependencies import CircularProofError, UnknownPremiseError, declared
from tests.book.toys import FOUND, TOYS, recorded

RECORDED = recorded(*TOYS)
DECLARED = declared(ml.STATEMENTS)


def drawn(records=RECORDED["statements"]) -> BeautifulSoup:
    return BeautifulSoup(statement_map.page(records, FOUND), "html.parser")


def boxes(page: BeautifulSoup, paper: str) -> dict[str, list[str]]:
    """For each link of a paper's picture, and each that stands alone, the verdict of its colour."""
    section = page.select_one(f"section[aria-labelledby=map-{paper}]")
    links = section.select("svg a, .map-alone a")
    return {
        link["href"]: re.findall(r"map-(holds|violated|undecided|silent)", " ".join(link["class"])) for link in links
    }


def changed(statement: str, **fields) -> list[dict]:
    """The records with one of them changed."""
    records = json.loads(json.dumps(RECORDED["statements"]))
    next(record for record in records if record["id"] == statement).update(fields)
    return records


def test_every_statement_is_drawn_once_in_its_verdict_s_colour():
    assert boxes(drawn(), "toys") == {
        "ledger.html#statement-toys-lemma": ["holds"],
        "ledger.html#statement-toys-theorem": ["holds"],
        "ledger.html#statement-toys-false-one": ["violated"],
    }


def test_a_verdict_that_differs_is_seen():
    page = drawn(changed("toys/theorem", verdict="undecided"))
    assert boxes(page, "toys")["ledger.html#statement-toys-theorem"] == ["undecided"]
    link = page.select_one("svg a[href$=toys-theorem]")
    assert link["aria-label"] == "? Toy theorem: undecided"
    assert link.text.strip() == "? Toy theorem"  # legible in grey


def test_a_premise_from_another_paper_stands_in_the_picture():
    assert list(boxes(drawn(), "games")) == ["ledger.html#statement-toys-theorem", "ledger.html#statement-games-lemma"]


def test_the_list_says_what_the_picture_says():
    items = drawn().select("section[aria-labelledby=map-toys] details > ul > li")
    assert [" ".join(item.get_text(" ").split()) for item in items] == [
        "Toy lemma (holds) is used by Toy theorem",
        "Toy theorem (holds) rests on Toy lemma",
    ]


@pytest.mark.parametrize(
    ("premise", "error"), [("toys/theorem", CircularProofError), ("toys/none", UnknownPremiseError)]
)
def test_a_map_that_cannot_be_is_not_drawn(premise, error):
    with pytest.raises(error):
        statement_map.page(changed("toys/lemma", **{"rests on": [premise]}), FOUND)


def linked() -> dict[str, tuple[str, ...]]:
    used = {premise for premises in DECLARED.values() for premise in premises}
    return {name: premises for name, premises in DECLARED.items() if premises or name in used}


def reached(graph, name) -> set[str]:
    """What a name rests on directly, through hubs."""
    direct = [reached(graph, used) if used.startswith(HUB) else {used} for used in graph[name]]
    return set().union(*direct)


def test_hubs_save_arrows_and_change_nothing():
    graph = concentrated(linked())
    assert {name: reached(graph, name) for name in DECLARED if name in graph} == {
        name: set(premises) for name, premises in linked().items()
    }
    assert sum(map(len, graph.values())) < sum(map(len, linked().values()))


def test_boxes_are_apart_and_premises_stand_to_the_left():
    heights = dict.fromkeys(linked(), 40.0)
    layout = lay_out(concentrated(linked()), heights, 12.0)
    layer = {name: at for at, names in enumerate(layout.layers) for name in names}
    assert {name for name in layer if name in heights} == set(linked())
    assert [(a, b) for a, b in layout.edges if layer[a] >= layer[b]] == []
    assert [name for name in layer if layer[name] % 2 == 0 and name.startswith(HUB)] == []
    for names in layout.layers:
        for a, b in pairwise(names):
            assert layout.y[b] - layout.y[a] >= (heights.get(a, 0) + heights.get(b, 0)) / 2 + 12 - 1e-6


def test_parts_that_nothing_joins_stand_below_each_other():
    layout = lay_out({"a": [], "b": ["a"], "c": [], "d": ["c"]}, dict.fromkeys("abcd", 10.0), 5.0)
    assert layout.y["a"] == layout.y["b"] == 5
    assert layout.y["c"] == layout.y["d"] == 25


def test_no_two_boxes_of_the_book_s_own_map_overlap():
    records = [
        {"id": s.id, "paper": s.id.split("/")[0], "statement": s.title, "verdict": "holds", "source": "verbatim"}
        | {"rests on": list(s.rests_on)}
        for s in ml.STATEMENTS
    ]
    page = drawn(records)
    for picture in page.select("svg[viewbox]"):
        rects = [[float(rect[key]) for key in ("x", "y", "width", "height")] for rect in picture.select("a > rect")]
        overlapping = [(a, b) for a, b in combinations(rects, 2) if overlap(a, b)]
        assert overlapping == []
    shown = {link["href"] for link in page.select("svg a, .map-alone a")}
    assert shown == {f"ledger.html#{row_id(statement.id)}" for statement in ml.STATEMENTS}


def overlap(a, b) -> bool:
    return all(a[i] < b[i] + b[i + 2] and b[i] < a[i] + a[i + 2] for i in (0, 1))
