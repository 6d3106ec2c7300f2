"""One formula for floats and fractions: what is exact is told by the numbers, and known numbers stay plain."""

from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mamllib import arithmetic, tree

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (Q(1, 2), True),
        ((0.5, Q(1)), True),
        (np.array([Q(1), Q(2)], dtype=object), True),
        (np.array([Q(1), 0.5], dtype=object), False),
        (np.array([0.5, 1.5], dtype=object), False),
        (jnp.ones(2), False),
        (1, False),
    ],
)
def test_exactness_is_a_property_of_the_numbers(value, exact):
    assert arithmetic.is_exact(value) is exact


def test_known_numbers_are_plain():
    assert type(arithmetic.plain(jnp.asarray(1.5))) is float
    assert type(arithmetic.plain(np.float64(1.5))) is float
    assert type(arithmetic.plain(np.asarray(3))) is int
    assert arithmetic.plain(Q(1, 3)) == Q(1, 3)
    array = jnp.ones(2)
    assert arithmetic.plain(array) is array
    traced = jax.make_jaxpr(lambda x: arithmetic.plain(x) + 1)(1.0)
    assert len(traced.eqns) == 1


def test_floats_are_fractions_exactly():
    assert arithmetic.to_fractions((0.1, jnp.asarray(0.5), 3)) == (Q(0.1), Q(1, 2), Q(3))
    with pytest.raises(OverflowError):
        arithmetic.to_fractions(float("inf"))


@pytest.mark.parametrize("pair", [(NAN, 1.0), (1.0, NAN), (Q(1), NAN), (NAN, Q(1))])
def test_the_extreme_of_what_is_undefined_is_undefined(pair):
    assert arithmetic.larger(*pair) != arithmetic.larger(*pair)
    assert arithmetic.smaller(*pair) != arithmetic.smaller(*pair)


def test_extremes_of_numbers_and_arrays():
    assert (arithmetic.larger(Q(1, 3), 0.5), arithmetic.smaller(Q(1, 3), 0.5)) == (0.5, Q(1, 3))
    np.testing.assert_array_equal(arithmetic.larger(jnp.array([1.0, 3.0]), 2.0), [2.0, 3.0])


def test_a_tuple_of_arrays_is_one_tree_and_a_tuple_of_fractions_several_points():
    w = (jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[5.0, 6.0], [7.0, 8.0]]))
    np.testing.assert_allclose(arithmetic.each(tree.norm_squared, w), [1 + 4 + 25 + 36, 9 + 16 + 49 + 64])
    assert arithmetic.each(tree.norm_squared, (Q(1), Q(2), Q(1, 2))).tolist() == [1, 4, Q(1, 4)]


def test_a_root_of_a_known_number_is_plain():
    assert arithmetic.sqrt(2.25) == 1.5
    assert np.isnan(arithmetic.sqrt(-1.0))
