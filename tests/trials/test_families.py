"""Every family of the library passes every trial, where one stands and at 0, where many have their kinks."""

import jax
import jax.numpy as jnp
import pytest

import mamllib as ml
from mamllib import trials
from tests.tasks.instances import ALL


def passes(family, w):
    rooms = trials.try_family(family, w)
    return rooms and all(room >= 0 for room in rooms.values())


@pytest.mark.parametrize("instance", ALL.values(), ids=ALL.keys())
def test_every_family_passes(instance):
    family = ml.TaskFamily.of([instance.task])
    for w in (*instance.points(3), jnp.zeros(instance.shape)):
        assert passes(family, w)


def test_a_network_passes():
    assert passes(ml.sinusoid_family(jax.random.key(0), 2), ml.init_network(jax.random.key(1)))


def test_real_data_passes():
    assert passes(ml.digit_pairs(), jnp.zeros(65))
