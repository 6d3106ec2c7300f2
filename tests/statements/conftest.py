"""Every case and every mutant of every statement is checked once, and all tests of this folder read the outcome."""

import functools

import pytest

import mamllib as ml


@pytest.fixture(scope="session")
def case_check():
    """(statement id, case name) → its check, computed when first asked for."""
    return functools.cache(lambda statement, case: ml.statement(statement).check_case(case))
