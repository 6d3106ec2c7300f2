"""Few-shot tasks: which classes, and which drawings of them, in which order of labels.

A *hard* task has its classes from one alphabet, an *easy* one from as many alphabets as there are. Labels are the
places of the classes in a random order; drawings are different for support and query.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from mamllib.few_shot.characters import Characters

WAYS, SHOTS, QUERIES = 5, 1, 5


class Tasks(NamedTuple):
    """``classes`` (task, way) in the order of their labels, and ``drawers`` (task, way, drawing): support first."""

    classes: Int[np.ndarray, "tasks ways"]
    drawers: Int[np.ndarray, "tasks ways drawings"]


def tasks(rng: np.random.Generator, characters: Characters, count: int, p_hard: float) -> Tasks:
    """``count`` tasks, each hard with probability ``p_hard``."""
    hard = rng.random(count) < p_hard
    classes = np.where(hard[:, None], _hard(rng, characters, count), _easy(rng, characters, count))
    drawers = _few_of(rng, (count, WAYS), characters.images.shape[1], SHOTS + QUERIES)
    return Tasks(classes, drawers)


def _hard(rng, characters: Characters, count: int):
    """Classes of one alphabet, all alphabets equally likely."""
    members, sizes = _members(characters)
    chosen = rng.integers(len(sizes), size=count)
    return np.take_along_axis(members[chosen], _distinct(rng, sizes[chosen], WAYS), axis=1)


def _easy(rng, characters: Characters, count: int):
    """Classes of different alphabets; where these are fewer than classes, as few as possible of one."""
    members, sizes = _members(characters)
    most = -(-WAYS // len(sizes))
    slots = _few_of(rng, (count,), most * len(sizes), WAYS)
    alphabet, rank = slots // most, slots % most
    every = np.stack([_distinct(rng, np.full(count, size), most) for size in sizes], axis=1)
    return members[alphabet, every[np.arange(count)[:, None], alphabet, rank]]


def _members(characters: Characters):
    """The classes of every alphabet, in rows that are filled up with the first one, and how many there are."""
    rows = [np.flatnonzero(characters.alphabet == index) for index in range(len(characters.names))]
    sizes = np.array([len(row) for row in rows])
    return np.stack([np.resize(row, sizes.max()) for row in rows]), sizes


def _distinct(rng, sizes, count: int):
    """For every size, ``count`` different numbers below it, in random order."""
    keys = rng.random((len(sizes), sizes.max()))
    keys[np.arange(sizes.max()) >= sizes[:, None]] = np.inf
    return np.argsort(keys, axis=1)[:, :count]


def _few_of(rng, shape: tuple[int, ...], size: int, count: int):
    return np.argsort(rng.random((*shape, size)), axis=-1)[..., :count]
