"""What was trained in float32 is asked about in float64, and its rows say so."""

import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.errors import PrecisionError
from tests.test_training_in_float32 import rows_family


def test_statements_are_asked_at_float64_copies_and_the_row_says_so():
    family, w = rows_family(), np.float32([0.3, -0.2])
    copies = ml.in_double(w)
    assert copies.w.dtype == np.float64
    np.testing.assert_array_equal(copies.w, w)
    (asked,) = ml.ask(family, 0.1, copies, statements=["auxiliary_inequality"]).checks[:1]
    (plain,) = ml.ask(family, 0.1, w.astype(float), statements=["auxiliary_inequality"]).checks[:1]
    assert asked.case == plain.case + ", at float64 copies of a w in float32"
    assert asked.left == plain.left
    with pytest.raises(PrecisionError, match="w has dtype float32"):
        ml.ask(family, 0.1, w, statements=["auxiliary_inequality"])


def test_copies_are_made_of_finite_floats():
    with pytest.raises(TypeError, match=r"w\['n'\] has dtype int64; it must hold floats"):
        ml.in_double({"n": np.arange(2)})
    with pytest.raises(ValueError, match="w holds a non-finite value"):
        ml.in_double(np.float32([np.inf]))
    assert ml.in_double(jnp.ones(2, jnp.bfloat16)).trained_in == "bfloat16"
