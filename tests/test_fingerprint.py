"""A digest by value: the same in every process, another as soon as something that matters is another."""

import functools
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import mamllib as ml
from mamllib.fingerprint import fingerprint
from mamllib.tasks.task import register

FACTOR = 2.0


def times(factor):
    return lambda x: factor * x


def named(x):
    return FACTOR * x


def calling(x):
    return named(x) + 1


def recursive(n):
    return n * recursive(n - 1) if n else 1


@dataclass(frozen=True)
class Scale:
    factor: float

    def __call__(self, x):
        return self.factor * x


class Plain:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return self.factor * x


def bowl(constant):
    @register
    class Bowl(ml.Task):
        centre: object
        constants = property(lambda self: ml.Constants(constant, 0.0, 0.0, 0.0))

        def loss(self, w):
            return constant * (w - self.centre) ** 2 / 2

    return Bowl(1.0)


def square(w, row):
    return (w - row) ** 2


def cube(w, row):
    return (w - row) ** 3


DIFFERENT = {
    "number": (0.1, 0.1 + 1e-16 * 2),
    "fraction": (Fraction(1, 3), Fraction(1, 4)),
    "array": (jnp.arange(3.0), jnp.arange(3.0) + 1e-15),
    "shape": (jnp.zeros((2, 3)), jnp.zeros((3, 2))),
    "type": (np.zeros(2), np.zeros(2, np.float32)),
    "key": (jax.random.key(0), jax.random.key(1)),
    "enclosed number": (times(1.0), times(2.0)),
    "constant in the code": (lambda x: 2.0 * x, lambda x: 3.0 * x),
    "function called": (lambda x: jnp.sin(x), lambda x: jnp.cos(x)),
    "default": (lambda x, a=1.0: a * x, lambda x, a=2.0: a * x),
    "keyword": (lambda x, *, a=1.0: a * x, lambda x, *, a=2.0: a * x),
    "partial": (functools.partial(max, 1.0), functools.partial(max, 2.0)),
    "dataclass": (Scale(1.0), Scale(2.0)),
    "object": (Plain(1.0), Plain(2.0)),
    "bound method": (Scale(1.0).__call__, Scale(2.0).__call__),
    "compiled": (jax.jit(times(1.0)), jax.jit(times(2.0))),
    "optimiser": (optax.adam(1e-3), optax.adam(1e-2)),
    "installed": (jnp.sin, jnp.cos),
    "task's code": (bowl(1.0), bowl(2.0)),
    "task's loss": tuple(ml.Empirical(jnp.ones(2), ml.Constants(1.0, 0.0, 0.0, 0.0), loss) for loss in (square, cube)),
    "sets": ({"a", "b"}, {"a", "c"}),
    "dict": ({"a": 1.0}, {"b": 1.0}),
    "order": ((1.0, 2.0), (2.0, 1.0)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_values_have_different_digests_and_each_its_own_again(name):
    one, other = DIFFERENT[name]
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(one)


@pytest.mark.parametrize("make", [lambda: times(3.0), lambda: Scale(3.0), lambda: Plain(3.0), lambda: bowl(3.0)])
def test_the_same_made_twice_has_the_same_digest(make):
    assert fingerprint(make()) == fingerprint(make())


def test_equal_arrays_have_equal_digests_wherever_they_come_from():
    assert fingerprint(jnp.asarray(0.5)) == fingerprint(np.float64(0.5)) == fingerprint(np.asarray(0.5))
    twice = jnp.ones(2)
    assert fingerprint((twice, twice)) == fingerprint((jnp.ones(2), jnp.ones(2)))


def test_a_global_that_a_function_names_is_part_of_it(monkeypatch):
    before = fingerprint(named), fingerprint(calling)
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 3.0)
    assert fingerprint(named) != before[0]
    assert fingerprint(calling) != before[1]


def test_where_an_object_lies_does_not_matter():
    one, other = object(), object()
    assert repr(one) != repr(other)
    assert fingerprint(times(one)) == fingerprint(times(other))


def test_a_circle_ends():
    assert fingerprint(recursive) == fingerprint(recursive)
    circle = [1.0]
    circle.append(circle)
    assert fingerprint(circle) == fingerprint(circle)


SCRIPT = """
from tests.test_fingerprint import DIFFERENT, fingerprint
print(*(fingerprint(value) for pair in DIFFERENT.values() for value in pair))
"""


def test_every_process_finds_the_same(monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("PYTHONPATH", ".")
    found = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout.split()
    assert found == [fingerprint(value) for pair in DIFFERENT.values() for value in pair]
