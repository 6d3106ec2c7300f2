"""Means over a random batch of tasks, in chunks that stay in cache, or by counting where samples do not matter."""

import itertools
from collections.abc import Callable

import jax
import jax.numpy as jnp

from mamllib import validation
from mamllib.batches import atom_count
from mamllib.chunks import are_held, first_of, map_in_chunks
from mamllib.devices import shared_sum, shares
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.samples import samples_read
from mamllib.tasks.task import Batch, Task, draw
from mamllib.uniforms import NUMBERS_A_KEY, choice_from, is_key, key_from, uniforms

# Counting drawn tasks costs a few nanoseconds a draw, a multinomial draw about a hundred times that a task.
DRAWS_PER_TASK = 100
# So many numbers of one iteration are drawn in one call; where it needs more, each task draws its own from a key.
NUMBERS_AT_ONCE = 2**26


def task_batch_mean(function: Callable, family: TaskFamily, w, source, B: int, sizes: tuple[int, ...]):
    """(1/B) Σ_{i∈ℬ} function(f_i, w, 𝒟₁, …, 𝒟_k), B tasks drawn independently from p, fresh batches for each.

    Where every task is noiseless, the sum depends only on how often each task was drawn: the function is then
    evaluated once a task, and B = 10⁶ costs little more than B = 20. Memory does not grow with B beyond the random
    numbers, which are at most two a task where they would be many. Inside ``train(…, devices=…)`` tasks are shared.

    Args:
        function: takes a task, w and k ``Batch``es, and returns a pytree of arrays.
        family: the tasks and their probabilities p.
        w: the point.
        source: randomness of the tasks and of their samples: a key, or ``numbers_read(family, B, sizes)`` uniform
            numbers.
        B: number of tasks drawn.
        sizes: batch sizes D₁, …, D_k.

    Raises:
        ValueError: a batch size that is not an integer ≥ 1.
    """
    _require_sizes(B, sizes)
    numbers = uniforms(source, numbers_read(family, B, sizes))
    if _is_counted(family, B):
        return _counted_mean(function, family, w, numbers, B, len(sizes))
    choices = _numbers_a_choice(family)
    chosen = choice_from(numbers[:B], family.probabilities) if choices else jnp.zeros(B, int)

    def one(index_and_numbers):
        index, numbers = index_and_numbers
        source = key_from(numbers) if _has_keys(family, B, sizes) else numbers
        return family.apply(index, lambda task: function(task, w, *draw_each(task, source, sizes)))

    drawn = chosen, numbers[choices * B :].reshape(B, _numbers_a_task(family, B, sizes))
    if shares() == 1 and are_held(B, jax.eval_shape(one, first_of(drawn))):
        return jax.tree.map(
            lambda leaf: jnp.mean(leaf, axis=0), map_in_chunks(one, drawn, data_each=_data_each(family))
        )
    return jax.tree.map(lambda leaf: leaf / B, shared_sum(one, drawn, jnp.ones(B)))


def numbers_read(family: TaskFamily, B: int, sizes: tuple[int, ...]) -> int:
    """How many uniform numbers ``task_batch_mean`` makes its tasks and samples of.

    Raises:
        ValueError: a batch size that is not an integer ≥ 1.
    """
    _require_sizes(B, sizes)
    if _is_counted(family, B):
        return B if _counts_draws(family, B) else NUMBERS_A_KEY
    return B * (_numbers_a_choice(family) + _numbers_a_task(family, B, sizes))


def draw_each(task: Task, source, sizes: tuple[int, ...]) -> tuple[Batch, ...]:
    """Independent batches of the given sizes from one task, from a key or from uniform numbers."""
    counts = _numbers_each(task, sizes)
    numbers = uniforms(source, sum(counts))
    ends = itertools.accumulate(counts)
    parts = [numbers[end - count : end] for count, end in zip(counts, ends, strict=True)]
    return tuple(draw(task, part, size) for part, size in zip(parts, sizes, strict=True))


def is_noiseless(task: Task) -> bool:
    """Whether the task has one sample only, so that every batch of it is the same."""
    support = task.support()
    return support is not None and atom_count(support) == 1


def task_counts(family: TaskFamily, source, B: int):
    """How often each task occurs among B independent draws from p."""
    if not _counts_draws(family, B):
        return jax.random.multinomial(source if is_key(source) else key_from(source), B, family.probabilities)
    chosen = choice_from(uniforms(source, B), family.probabilities)
    return jnp.sum(chosen[:, None] == jnp.arange(len(family)), axis=0)


def _is_counted(family: TaskFamily, B: int) -> bool:
    return len(family) <= B and all(map(is_noiseless, family.kinds))


def _counts_draws(family: TaskFamily, B: int) -> bool:
    return DRAWS_PER_TASK * len(family) >= B


def _numbers_a_choice(family: TaskFamily) -> int:
    return int(len(family) > 1)


def _numbers_a_task(family: TaskFamily, B: int, sizes: tuple[int, ...]) -> int:
    return NUMBERS_A_KEY if _has_keys(family, B, sizes) else _most_numbers(family, sizes)


def _has_keys(family: TaskFamily, B: int, sizes: tuple[int, ...]) -> bool:
    return B * _most_numbers(family, sizes) > NUMBERS_AT_ONCE


def _most_numbers(family: TaskFamily, sizes: tuple[int, ...]) -> int:
    return max(sum(_numbers_each(task, sizes)) for task in family.kinds)


def _numbers_each(task: Task, sizes: tuple[int, ...]) -> list[int]:
    return [samples_read(task, size) for size in sizes]


def _data_each(family: TaskFamily) -> int:
    """The numbers that one task holds, at most."""
    return max(sum(jnp.size(leaf) for leaf in jax.tree.leaves(task)) for task in family.kinds)


def _require_sizes(B: int, sizes: tuple[int, ...]) -> None:
    for name, size in (("B", B), *(("batch size", size) for size in sizes)):
        validation.require_batch_size(name, size)


def _counted_mean(function: Callable, family: TaskFamily, w, source, B: int, batches: int):
    weights = task_counts(family, source, B) / B

    def value(task):
        return function(task, w, *[Batch(task.support(), jnp.ones(1))] * batches)

    def mean(leaf):
        drawn = weights.reshape(-1, *(1,) * (leaf.ndim - 1)) > 0
        return jnp.tensordot(weights, jnp.where(drawn, leaf, 0), axes=1)

    if family.is_shared(value):
        return family.weighted(weights, value)
    return jax.tree.map(mean, family.map(value))
