"""Margins: relative room, the smallest over points, with round-off forgiven and a zero bound taken at its word."""

from fractions import Fraction as Q

import jax
import numpy as np
import pytest

import mamllib as ml
from mamllib.checking.hypothesis import holds_if, strictly
from mamllib.checking.margins import ROUND_OFF, margin


@pytest.mark.parametrize(
    ("bound", "value", "room"),
    [
        (2.0, 1.0, 0.5),
        (2.0, 2.0, 0.0),
        (2.0, 3.0, -0.5),
        (1.0, [0.1, 0.7, 0.3], 0.3),
        ([1.0, 4.0], [0.5, 1.0], 0.5),
        (float("inf"), 3.0, 1.0),
    ],
)
def test_a_margin_is_the_smallest_relative_room(bound, value, room):
    assert margin(np.asarray(bound), np.asarray(value)) == pytest.approx(room)


def test_fractions_give_exact_margins():
    assert margin(Q(1, 3), Q(1, 4)) == Q(1, 4)
    assert margin(Q(1, 3), np.array([Q(1, 4), Q(1, 3) + Q(1, 10**40)], dtype=object)) == -Q(3, 10**40)


def test_round_off_counts_as_zero_and_nothing_more_does():
    assert margin(1.0, 1.0 + ROUND_OFF / 2) == 0
    assert margin(1.0, 1.0 + 2 * ROUND_OFF) < 0
    assert 1e-13 < ROUND_OFF < 1e-11


def test_a_zero_bound_allows_zero_alone():
    assert margin(0.0, 0.0) == 0
    assert margin(Q(0), Q(0)) == 0
    assert margin(0.0, 1e-300) == float("-inf")
    assert margin(Q(0), Q(1, 10**50)) == float("-inf")


def test_a_negative_bound_is_never_met():
    assert margin(-1.0, 3.0) < 0


@pytest.mark.parametrize("place", range(3))
def test_what_is_not_a_number_is_never_dropped(place):
    values = np.array([0.5, 0.7, 0.2])
    values[place] = np.nan
    room = margin(1.0, values)
    assert np.isnan(room)
    assert not ml.Hypothesis(room).met


@pytest.mark.parametrize(
    ("room", "met"), [(1e-9, True), (0.0, False), (-0.1, False), (Q(0), False), (Q(1, 10**30), True)]
)
def test_a_strict_hypothesis_needs_room(room, met):
    assert strictly(room).met == met
    assert ml.Hypothesis(room).met == (room >= 0)


@pytest.mark.parametrize("value", [0.5, 1.0, 1.5, [0.2, 1.1]])
def test_a_margin_is_the_same_under_a_trace(value):
    value = np.asarray(value)
    assert float(jax.jit(margin)(1.0, value)) == pytest.approx(margin(1.0, value))


def test_an_infinite_bound_has_room_for_numbers_alone():
    assert margin(np.inf, 3.0) == 1.0
    assert np.isnan(margin(np.inf, np.inf))
    assert np.isnan(margin(np.inf, np.nan))


def test_a_yes_or_no_hypothesis_has_room_one_or_minus_one():
    assert (holds_if(True), holds_if(False)) == (1, -1)


@pytest.mark.parametrize(("value", "room"), [(0.0, 0.0), (1e-300, -np.inf)])
def test_a_zero_bound_allows_zero_alone_under_a_trace(value, room):
    assert float(jax.jit(margin)(0.0, value)) == margin(0.0, value) == room
