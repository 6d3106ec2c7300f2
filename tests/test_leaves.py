"""What is data and what is not, and that a number has one type wherever it comes from."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib.leaves import joined, split, strongly_typed


@pytest.mark.parametrize("number", [0.1, jnp.asarray(0.1), np.float64(0.1), np.asarray(0.1), jnp.full(1, 0.1)[0]])
def test_a_number_has_one_type_wherever_it_comes_from(number):
    (typed,) = jax.tree.leaves(strongly_typed({"alpha": number}))
    assert jax.jit(lambda x: x)._cache_size() == 0
    assert str(jax.typeof(typed)) == "float64[]"
    assert not getattr(typed, "weak_type", False)
    assert float(typed) == 0.1


def test_floats_are_data_and_words_functions_and_whole_numbers_are_not():
    tree = {"delta": 0.1, "rates": jnp.ones(2), "rule": abs, "steps": 3, "name": "HF", "none": None}
    parts = split(tree)
    assert sum(leaf is not None for leaf in parts.data) == 2
    assert hash(parts.rest) == hash(split(tree | {"delta": 0.2}).rest)
    assert parts.rest == split(tree | {"delta": 0.2}).rest
    for other in ({"rule": max}, {"steps": 4}, {"name": "HG"}):
        assert parts.rest != split(tree | other).rest


def test_what_was_split_can_be_joined():
    estimator = ml.HessianFree(ml.Displacement(0.25))
    assert joined(split(estimator)) == estimator
    assert joined(split(ml.maml)) is ml.maml
