"""Every statement is found in the file that declares it, not in one that imports it."""

import re
from pathlib import Path

import pytest

import mamllib as ml
from mamllib.sources import path_of
from tests.checking.claims import toy_statement

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("statement", ml.STATEMENTS, ids=lambda statement: statement.id)
def test_the_file_declares_the_statement(statement):
    source = (ROOT / path_of(statement)).read_text(encoding="utf-8")
    begun = re.findall(r'id=f"([\w/]+)\{', source)  # a file whose statements share a pattern
    assert f'"{statement.id}"' in source or any(statement.id.startswith(each) for each in begun)
    assert path_of(statement).startswith(f"mamllib/statements/{statement.id.split('/')[0]}/")


def test_packages_that_hand_a_statement_on_do_not_declare_it():
    assert path_of(ml.LEMMA_4_8) == "mamllib/statements/fallah2020/lemma_4_8/printed.py"
    assert path_of(ml.EQUATION_9) == "mamllib/statements/fallah2020/equation_9.py"


def test_a_statement_of_one_s_own_has_no_file_in_the_package():
    assert path_of(toy_statement()) == ""
