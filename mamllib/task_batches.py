"""Means over a random batch of tasks, in chunks that stay in cache, or by counting where samples do not matter."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from mamllib import validation
from mamllib.batches import atom_count
from mamllib.chunks import map_in_chunks
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Batch, Task, draw

# Counting drawn tasks costs a few nanoseconds a draw, a multinomial draw about a hundred times that a task.
DRAWS_PER_TASK = 100


def task_batch_mean(function: Callable, family: TaskFamily, w, key, B: int, sizes: tuple[int, ...]):
    """(1/B) Σ_{i∈ℬ} function(f_i, w, 𝒟₁, …, 𝒟_k), B tasks drawn independently from p, fresh batches for each.

    Where every task is noiseless, the sum depends only on how often each task was drawn: the function is then
    evaluated once a task, and B = 10⁶ costs little more than B = 20.

    Args:
        function: takes a task, w and k ``Batch``es, and returns a pytree of arrays.
        family: the tasks and their probabilities p.
        w: the point.
        key: randomness of the tasks and of their samples.
        B: number of tasks drawn.
        sizes: batch sizes D₁, …, D_k.

    Raises:
        ValueError: a batch size that is not an integer ≥ 1.
    """
    for name, size in (("B", B), *(("batch size", size) for size in sizes)):
        validation.require_batch_size(name, size)
    key_tasks, key_samples = jax.random.split(key)
    if len(family) <= B and all(map(is_noiseless, family.kinds)):
        return _counted_mean(function, family, w, key_tasks, B, len(sizes))
    chosen = jax.random.choice(key_tasks, len(family), (B,), p=family.probabilities)

    def one(index_and_key):
        index, key = index_and_key
        return family.apply(index, lambda task: function(task, w, *draw_each(task, key, sizes)))

    values = map_in_chunks(one, (chosen, jax.random.split(key_samples, B)))
    return jax.tree.map(lambda leaf: jnp.mean(leaf, axis=0), values)


def draw_each(task: Task, key, sizes: tuple[int, ...]) -> tuple[Batch, ...]:
    """Independent batches of the given sizes from one task."""
    return tuple(draw(task, k, size) for k, size in zip(jax.random.split(key, len(sizes)), sizes, strict=True))


def is_noiseless(task: Task) -> bool:
    """Whether the task has one sample only, so that every batch of it is the same."""
    support = task.support()
    return support is not None and atom_count(support) == 1


def task_counts(family: TaskFamily, key, B: int):
    """How often each task occurs among B independent draws from p."""
    if DRAWS_PER_TASK * len(family) < B:
        return jax.random.multinomial(key, B, family.probabilities)
    chosen = jax.random.choice(key, len(family), (B,), p=family.probabilities)
    return jnp.bincount(chosen, length=len(family))


def _counted_mean(function: Callable, family: TaskFamily, w, key, B: int, batches: int):
    weights = task_counts(family, key, B) / B

    def value(task):
        return function(task, w, *[Batch(task.support(), jnp.ones(1))] * batches)

    def mean(leaf):
        drawn = weights.reshape(-1, *(1,) * (leaf.ndim - 1)) > 0
        return jnp.tensordot(weights, jnp.where(drawn, leaf, 0), axes=1)

    return jax.tree.map(mean, family.map(value))
