"""Less than double precision inside a function, wherever it hides."""

import jax
import jax.numpy as jnp
import pytest

import mamllib as ml
from mamllib import trials
from mamllib.tasks.task import register
from mamllib.validation import PrecisionError

KNOWN = ml.Constants(1.0, 0.0, 2.0, 1.0)
ROWS = {"x": jnp.array([[1.0, 0.5], [0.6, 0.8]]), "y": jnp.array([1.0, -1.0])}
LAYERS = {"first": {"weights": jnp.ones((2, 3)), "bias": jnp.zeros(3)}, "last": jnp.ones(3)}


def network(w, row, low=lambda x: x):
    hidden = jnp.tanh(low(row["x"] @ w["first"]["weights"]) + w["first"]["bias"])
    return (hidden @ w["last"] - row["y"]) ** 2


def family(function):
    return ml.TaskFamily.of([ml.Empirical(ROWS, KNOWN, function)])


def through(cast):
    return lambda w, row: network(w, row, cast)


@jax.custom_jvp
def low_derivative(x):
    return x**2


low_derivative.defjvp(lambda x, v: (low_derivative(*x), (2 * x[0].astype(jnp.float32) * v[0]).astype(float)))

HIDDEN = {
    "a layer": lambda x: x.astype(jnp.float32),
    "back again": lambda x: x.astype(jnp.float32).astype(float),
    "half": lambda x: x.astype(jnp.float16).astype(float),
    "bfloat16": lambda x: x.astype(jnp.bfloat16).astype(float),
    "compiled": jax.jit(lambda x: x.astype(jnp.float32).astype(float)),
    "a loop": lambda x: jax.lax.scan(lambda c, _: (c.astype(jnp.float32).astype(float), None), x, None, length=2)[0],
    "a branch": lambda x: jax.lax.cond(x[0] > 0, lambda y: y.astype(jnp.float32).astype(float), lambda y: y, x),
    "checkpointed": jax.checkpoint(lambda x: x.astype(jnp.float32).astype(float)),
}


@pytest.mark.parametrize("cast", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_cast_anywhere_inside_the_loss_is_refused(cast):
    message = r"the loss of Empirical computes in b?float\d+, first in convert_element_type.*\.astype\(float\)"
    with pytest.raises(PrecisionError, match=message):
        trials.require_double(family(through(cast)), LAYERS)


def test_a_cast_inside_a_derivative_is_named_there():
    with pytest.raises(PrecisionError, match="the Hessian-vector product of Empirical computes in float32"):
        trials.examine(family(through(low_derivative)), LAYERS)


def test_a_float32_array_that_is_read_as_a_global_is_refused():
    mask = jnp.ones(3, dtype=jnp.float32)
    with pytest.raises(PrecisionError, match="float32"):
        trials.require_double(family(through(lambda x: x * mask)), LAYERS)


def test_samples_in_float32_are_named():
    @register
    class Sampled(ml.Quadratic):
        def sample(self, key, size):
            return jax.random.normal(key, (size,), jnp.float32)

        def support(self):
            return None

    with pytest.raises(PrecisionError, match="the sampler of Sampled"):
        trials.require_double(ml.TaskFamily.of([Sampled(1.0, jnp.ones(2))]), jnp.ones(2))


def test_double_precision_passes():
    trials.require_double(family(network), LAYERS)
    trials.require_double(ml.sinusoid_family(jax.random.key(0), 2), ml.init_network(jax.random.key(1)))


def test_double_precision_switched_off_is_refused():
    try:
        jax.config.update("jax_enable_x64", False)
        with pytest.raises(PrecisionError, match=r'jax.config.update\("jax_enable_x64", True\)'):
            trials.examine(family(network), LAYERS)
    finally:
        jax.config.update("jax_enable_x64", True)
