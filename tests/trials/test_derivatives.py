"""Derivatives that are not those of the loss are told apart, and kinks are forgiven."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mamllib as ml
from mamllib import trials
from mamllib.tasks.task import register
from mamllib.trials.derivatives import GRADIENT, HESSIAN

W = jnp.array([0.3, -1.2, 0.7])


class Quartic(ml.Task):
    """f(w) = Σ w⁴/4 with derivatives written by hand, times what is wrong with them."""

    constants = property(lambda self: ml.Constants(9.0, 9.0, 0.0, 0.0))
    wrong_gradient = wrong_product = 1.0

    def loss(self, w):
        return jnp.sum(w**4) / 4 + self.tilt * jnp.sum(w)

    def gradient(self, w):
        return self.wrong_gradient * (w**3 + self.tilt)

    def hessian_vector_product(self, w, v):
        return self.wrong_product * (3 * w**2 * v)


def quartic(**wrong):
    return register(type("Quartic", (Quartic,), {"__annotations__": {"tilt": object}, **wrong}))(0.5)


def rooms(task, w=W):
    return trials.try_family(ml.TaskFamily.of([task]), w)


def wrong(task, w=W):
    return {question for question, room in rooms(task, w).items() if not room >= 0}


def test_right_derivatives_pass():
    assert set(rooms(quartic())) == {GRADIENT, HESSIAN}
    assert not wrong(quartic())


@pytest.mark.parametrize("factor", [2.0, -1.0, 1 + 1e-9, np.array([1, 1, 1 + 1e-9]), jnp.nan])
def test_a_wrong_gradient_is_found(factor):
    assert GRADIENT in wrong(quartic(wrong_gradient=factor))


@pytest.mark.parametrize("factor", [0.0, 2.0, np.array([1, -1, 1]), jnp.inf])
def test_a_wrong_product_is_found(factor):
    assert wrong(quartic(wrong_product=factor)) == {HESSIAN}


def test_the_room_says_by_how_much_it_is_off():
    assert rooms(quartic(wrong_product=2.0))[HESSIAN] == pytest.approx(-1 / 3, abs=1e-5)


def test_one_wrong_task_among_right_ones_is_found():
    family = ml.TaskFamily.of([quartic(), quartic(), quartic(wrong_product=0.0), ml.Quadratic(1.0, W)])
    assert trials.try_family(family, W)[HESSIAN] < 0 <= trials.try_family(family, W)[GRADIENT]


@register
class Own(ml.Task):
    """A loss f alone."""

    f: object
    data: object = 1.0
    __static__ = ("f",)
    constants = property(lambda self: ml.Constants(9.0, 9.0, 0.0, 0.0))

    def loss(self, w):
        return self.f(w, self.data)


def test_a_gradient_that_automatic_differentiation_was_told_to_stop_is_found():
    def stopped(w, scale):
        return scale * jnp.sum(jax.lax.stop_gradient(w) * w**2)

    assert wrong(Own(stopped)) == {GRADIENT, HESSIAN}


def test_a_second_derivative_that_was_told_to_stop_is_found():
    @jax.custom_jvp
    def cube(w):
        return jnp.sum(w**3)

    @cube.defjvp
    def slope(w, v):
        return cube(*w), jnp.sum(3 * jax.lax.stop_gradient(*w) ** 2 * v[0])

    assert wrong(Own(lambda w, scale: scale * cube(w))) == {HESSIAN}


def test_a_kink_where_one_stands_is_no_fault():
    @register
    class Kinked(ml.Task):
        bend: object
        constants = property(lambda self: ml.Constants(9.0, 9.0, 0.0, 0.0))

        def loss(self, w):
            return jnp.sum(jnp.where(w >= 0, w, -self.bend * w)) + jnp.sum(jax.nn.relu(w) ** 2)

        def gradient(self, w):
            return jnp.where(w > 0, 1.0, -self.bend) + 2 * jax.nn.relu(w)

        def hessian_vector_product(self, w, v):
            return 2 * (w >= 0) * v

    assert not wrong(Kinked(1.0), jnp.zeros(3))
    assert not wrong(Kinked(0.4), jnp.array([0.0, 1.0, -1.0]))


def test_a_small_difference_of_large_terms_is_no_fault():
    assert not wrong(ml.PseudoHuber(1.0, 1e-4), jnp.asarray(30.0))
    assert not wrong(ml.Trigonometric(0.5, 0.5, 3.0), ml.Trigonometric(0.5, 0.5, 3.0).steepest_point(10**6))


def test_numbers_that_are_not_finite_are_a_fault():
    def at_its_edge(w, scale):
        return scale * jnp.sum(jnp.sqrt(w))

    assert rooms(Own(at_its_edge), jnp.array([1.0, 0.0]))[GRADIENT] == -jnp.inf
    assert not wrong(Own(at_its_edge), jnp.array([100.0, 1e-3]))


@pytest.mark.parametrize("w", [{"a": W, "b": {"c": jnp.asarray(2.0)}}, (W, jnp.ones((2, 2)))])
def test_parameters_may_be_any_tree(w):
    def loss(w, scale):
        return scale * sum(jnp.sum(jnp.cosh(leaf)) for leaf in jax.tree.leaves(w))

    assert not wrong(Own(loss), w)


def test_fractions_are_asked_nothing():
    from fractions import Fraction

    family = ml.TaskFamily.of([ml.Quadratic(Fraction(1), Fraction(2))])
    assert trials.try_family(family, Fraction(1)) == {}
    assert trials.examine(family, Fraction(1)) is None
