"""The types that the library states are checked while it is tested, in every process that runs tests."""

import pytest
from jaxtyping import TypeCheckError

from mamllib.checking.statistics import risk_per_comparison


def test_an_argument_of_another_type_is_refused():
    with pytest.raises(TypeCheckError, match="risk_per_comparison"):
        risk_per_comparison("many")
