"""Regression of a sinusoid from few points, the task of Finn, Abbeel and Levine (2017), Section 5.1."""

import itertools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Batch, Constants, Task, register

LARGEST_INPUT = 5.0
AMPLITUDES = (0.1, 5.0)
PHASES = (0.0, jnp.pi)
WIDTHS = (1, 40, 40, 1)
NODES = 1000


class Layer(NamedTuple):
    """x ↦ x·weights + bias."""

    weights: Float[Array, "n m"]
    bias: Float[Array, " m"]


def network(w: tuple[Layer, ...], x: Float[Array, " n"]) -> Float[Array, " n"]:
    """The outputs of the ReLU network with layers ``w`` at the inputs ``x``."""
    *hidden, last = w
    activation = x[:, None]
    for layer in hidden:
        activation = jax.nn.relu(activation @ layer.weights + layer.bias)
    return (activation @ last.weights + last.bias)[:, 0]


def init_network(key) -> tuple[Layer, ...]:
    """Layers 1-40-40-1, weights and biases uniform on ±1/√(number of inputs)."""
    shapes = list(itertools.pairwise(WIDTHS))
    return tuple(_init_layer(k, n, m) for k, (n, m) in zip(jax.random.split(key, len(shapes)), shapes, strict=True))


def _init_layer(key, n: int, m: int) -> Layer:
    key_weights, key_bias = jax.random.split(key)
    most = 1 / jnp.sqrt(n)
    return Layer(
        jax.random.uniform(key_weights, (n, m), minval=-most, maxval=most),
        jax.random.uniform(key_bias, (m,), minval=-most, maxval=most),
    )


@register
class Sinusoid(Task):
    """f(w, x) = (network(w, x) − A sin(x + φ))², x ~ U(−5, 5).

    The parameters w are the layers of a ReLU network. Its gradient jumps, so none of the constants exists: they are
    ``inf``, and no theorem speaks about this task.
    """

    amplitude: PyTree
    phase: PyTree

    @property
    def constants(self) -> Constants:
        """None exists."""
        return Constants(*(float("inf"),) * 4)

    def certificate(self) -> Constants:
        """∞, which bounds everything."""
        return self.constants

    def target(self, x):
        """A sin(x + φ)."""
        return self.amplitude * jnp.sin(x + self.phase)

    def loss(self, w):
        """E f(w, x) by the midpoint rule on 1,000 cells of (−5, 5)."""
        cells = (jnp.arange(NODES) + 0.5) / NODES
        return self.batch_loss(w, Batch(LARGEST_INPUT * (2 * cells - 1), jnp.full(NODES, 1 / NODES)))

    def batch_loss(self, w, batch: Batch):
        """Σ_k weight_k f(w, x_k), all inputs in one pass through the network."""
        return batch.weights @ (network(w, batch.theta) - self.target(batch.theta)) ** 2

    def batch_gradient(self, w, batch: Batch):
        """Σ_k weight_k ∇f(w, x_k), one pass back."""
        return jax.grad(self.batch_loss)(w, batch)

    def batch_hessian_vector_product(self, w, batch: Batch, v):
        """Σ_k weight_k ∇²f(w, x_k) v, forward over one pass back."""
        return jax.jvp(lambda u: self.batch_gradient(u, batch), (w,), (v,))[1]

    def sample_loss(self, w, theta):
        """f(w, x)."""
        return self.batch_loss(w, _single(theta))

    def sample_gradient(self, w, theta):
        """∇f(w, x)."""
        return self.batch_gradient(w, _single(theta))

    def sample_hessian_vector_product(self, w, theta, v):
        """∇²f(w, x) v."""
        return self.batch_hessian_vector_product(w, _single(theta), v)

    def sample_from(self, numbers, size: int):
        """``size`` independent inputs from U(−5, 5)."""
        return LARGEST_INPUT * (2 * numbers[:size] - 1)

    def support(self):
        """Not finite."""
        return None


def sinusoid_family(key, tasks: int) -> TaskFamily:
    """``tasks`` equally likely sinusoids with A ~ U(0.1, 5) and φ ~ U(0, π)."""
    key_amplitude, key_phase = jax.random.split(key)
    amplitude = jax.random.uniform(key_amplitude, (tasks,), minval=AMPLITUDES[0], maxval=AMPLITUDES[1])
    phase = jax.random.uniform(key_phase, (tasks,), minval=PHASES[0], maxval=PHASES[1])
    return TaskFamily(Sinusoid(amplitude, phase), jnp.full(tasks, 1 / tasks), float("inf"), stacked=True)


def _single(theta) -> Batch:
    return Batch(theta[None], jnp.ones(1))
