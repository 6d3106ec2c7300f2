"""The inventory of the paper: no numbered item is missing, and everything it points to is there."""

import pkgutil
from pathlib import Path

import pytest

import mamllib as ml
from mamllib.statements.fallah2020.items import ITEMS

ROOT = Path(ml.__file__).parent.parent
NUMBERED = {
    **dict.fromkeys(["4.1"], "definition"),
    **dict.fromkeys(["4.2", "4.3", "4.4", "4.5", "4.6", "4.7"], "assumption"),
    **dict.fromkeys(["4.8", "4.9", "4.10"], "lemma"),
    **dict.fromkeys(["4.11", "4.12", "4.15", "4.17"], "theorem"),
    **dict.fromkeys(["4.13", "4.16"], "corollary"),
    **dict.fromkeys(["4.14"], "remark"),
}
PLACES = [pytest.param(where, id=f"{item.name}: {where}") for item in ITEMS for where in item.where]


@pytest.mark.parametrize("minor", range(1, 18))
def test_every_number_of_section_4_is_listed_once(minor):
    number = f"4.{minor}"
    found = [item for item in ITEMS if item.name.split()[-1] == number]
    assert [item.kind for item in found] == [NUMBERED[number]]


@pytest.mark.parametrize("number", range(1, 30))
def test_every_numbered_display_belongs_to_an_item(number):
    assert any(f"({number})" in item.name + item.what for item in ITEMS)


@pytest.mark.parametrize("name", ["Algorithm 1", "Algorithm 2", "Algorithm 3", "Table 1", "Figure 1"])
def test_algorithms_table_and_figure_are_listed_once(name):
    assert [item.name for item in ITEMS].count(name) == 1


@pytest.mark.parametrize("item", ITEMS, ids=[item.name for item in ITEMS])
def test_an_item_is_named_by_its_kind_and_says_in_one_line_what_it_is(item):
    assert item.kind == item.name.split()[0].lower()
    assert [other.name for other in ITEMS].count(item.name) == 1
    assert item.what
    assert item.what.isprintable()
    assert len(item.what) <= 100
    assert item.where


def test_section_4_is_in_the_order_of_the_paper():
    minors = [int(item.name.split(".")[1]) for item in ITEMS if " 4." in item.name]
    assert minors == sorted(minors)


@pytest.mark.parametrize("where", PLACES)
def test_what_an_item_points_to_is_there(case_check, where):
    if where.startswith("fallah2020/"):
        assert where in {statement.id for statement in ml.STATEMENTS}
    elif where.startswith("mamllib."):
        assert callable(pkgutil.resolve_name(where))
    elif where.startswith("book/"):
        assert (ROOT / f"{where}.ipynb").is_file()
    else:
        assert any(where in case_check(s.id, s.cases[0].name).margins for s in ml.STATEMENTS)


@pytest.mark.parametrize("statement", [s.id for s in ml.STATEMENTS if s.id.startswith("fallah2020/")])
def test_every_statement_belongs_to_an_item(statement):
    assert any(statement in item.where for item in ITEMS)
