"""The types that the library states are checked while it is tested, in every process that runs tests."""

import re
from pathlib import Path

import pytest
from jaxtyping import TypeCheckError

import mamllib
from mamllib.checking.statistics import risk_per_comparison

PACKAGE = Path(mamllib.__file__).parent
SHAPE = re.compile(r"\b(Bool|Float|Int|Num|Shaped)\[")


def test_an_argument_of_another_type_is_refused():
    with pytest.raises(TypeCheckError, match="risk_per_comparison"):
        risk_per_comparison("many")


def test_every_module_that_states_a_shape_is_checked(request: pytest.FixtureRequest):
    *checked, _ = request.config.getoption("jaxtyping_packages").split(",")
    stating = [file for file in PACKAGE.rglob("*.py") if SHAPE.search(file.read_text())]
    modules = {".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in stating}
    unchecked = {name for name in modules if not any(name == at or name.startswith(f"{at}.") for at in checked)}
    assert modules
    assert unchecked == set()
