"""Steps along a tree: one rate for all coordinates, or a rate for each."""

from fractions import Fraction as Q
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mamllib import tree

MATRIX = jnp.array([[1.0, 0.4], [0.4, -0.5]])


class Pair(NamedTuple):
    a: object
    b: object


@pytest.mark.parametrize("size", [0.3, Q(1, 3), np.float64(2.0), jnp.asarray(0.1)])
def test_one_number(size):
    assert tree.is_number(size)


@pytest.mark.parametrize("size", [jnp.ones(1), {"a": 1.0}, (1.0, 2.0), None])
def test_a_rate_for_each_coordinate_is_no_number(size):
    assert not tree.is_number(size)


def test_a_step_multiplies_coordinate_by_coordinate():
    w, rates, direction = (Pair(jnp.array([1.0, 2.0]) * k, 3.0 * k) for k in (1, 2, 3))
    moved = tree.step(w, rates, direction)
    np.testing.assert_allclose(moved.a, [1 - 6, 2 - 24])
    np.testing.assert_allclose(moved.b, 3 - 54)
    assert tree.step(Q(1), Q(1, 2), Q(1, 3)) == Q(5, 6)


@pytest.mark.parametrize("size", [0.3, jnp.array([0.2, 0.7])])
def test_the_transposed_step_is_the_transposed_derivative_of_a_step(size):
    def step(w):
        return tree.step(w, size, MATRIX @ w)

    v = jnp.array([1.0, -2.0])
    right = jax.jacobian(step)(jnp.zeros(2)).T @ v
    np.testing.assert_allclose(tree.transposed_step(v, size, lambda u: MATRIX @ u), right, rtol=1e-14)


def test_fractions_ravel_to_fractions():
    assert tree.ravel({"a": Q(1), "b": np.array([Q(2), Q(3)], dtype=object)}).tolist() == [Q(1), Q(2), Q(3)]
