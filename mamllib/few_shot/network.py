"""The classifier: 196 pixels, two layers of 64 rectified units, and a last layer that is zero at the start; float32."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from mamllib.few_shot.characters import SIDE
from mamllib.tasks.task import Task, register

WIDTH = 64


class Network(NamedTuple):
    """Weights and biases of three layers."""

    first: Float[Array, "196 64"]
    first_bias: Float[Array, " 64"]
    second: Float[Array, "64 64"]
    second_bias: Float[Array, " 64"]
    head: Float[Array, "64 labels"]
    head_bias: Float[Array, " labels"]


def start(seed: int, labels: int) -> Network:
    """He's initialisation (2015), and a head of zeros."""
    keys = jax.random.split(jax.random.key(seed))
    return with_new_head(
        Network(_layer(keys[0], SIDE**2), _zeros(WIDTH), _layer(keys[1], WIDTH), _zeros(WIDTH), None, None), labels
    )


def with_new_head(network: Network, labels: int) -> Network:
    """The same hidden layers under a head of zeros."""
    return network._replace(head=_zeros(WIDTH, labels), head_bias=_zeros(labels))


def logits(network: Network, images: Float[Array, "*images 196"]) -> Float[Array, "*images labels"]:
    """One number a label."""
    hidden = jax.nn.relu(images @ network.first + network.first_bias)
    hidden = jax.nn.relu(hidden @ network.second + network.second_bias)
    return hidden @ network.head + network.head_bias


@register
class Classification(Task):
    """Mean cross-entropy of the network on ``images`` with ``labels``."""

    images: Float[Array, "images 196"]
    labels: Int[Array, " images"]

    def loss(self, w: Network):
        """−(1/n) Σ log p(label)."""
        log_shares = jax.nn.log_softmax(logits(w, self.images))
        return -jnp.mean(jnp.take_along_axis(log_shares, self.labels[:, None], axis=1))

    def accuracy(self, w: Network):
        """The share of images whose largest logit is that of their label; a tie goes to the first."""
        return jnp.mean(jnp.argmax(logits(w, self.images), axis=1) == self.labels)


def _layer(key, inputs: int):
    return jax.random.normal(key, (inputs, WIDTH), jnp.float32) * jnp.float32((2 / inputs) ** 0.5)


def _zeros(*shape: int):
    return jnp.zeros(shape, jnp.float32)
