"""What a function is given of every task: the rows of its batches, as plain arrays; and the same for the program."""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.estimators import Batches, BatchSizes, draw_batches
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.rows import Rows
from mamllib.tasks.samples import samples_read
from mamllib.tasks.task import Task


class Episode(NamedTuple):
    """A task's number and its three batches: rows of its data (NumPy arrays), leading axis the size of the batch.

    A task without rows has its samples θ there. ``drawn`` is what ``draw_batches`` gives, with row numbers as θ.
    """

    task: int
    inner: Any
    outer: Any
    hessian: Any
    drawn: Batches


class Pool(NamedTuple):
    """Samples ``theta`` (n, …) of all batches of a task, and by how much each counts (n,): 1 for one that is drawn."""

    theta: Any
    shares: Any


@dataclass(frozen=True)
class Draw:
    """One draw of tasks and batches: what a function is given, and what the program takes.

    ``members`` and ``samples``, a ``Pool`` a task, have a leading axis of tasks where tasks are of one kind; else they
    are lists.
    """

    episodes: tuple[Episode, ...]
    members: Any
    samples: Any


class Draws:
    """Independent draws of B tasks and of their batches, the same again for the same seed.

    Every task once where all are equally likely and B is ``None``; else B (as many as there are tasks) drawn from p.
    """

    def __init__(self, family: TaskFamily, sizes: BatchSizes, B: int | None, seed: int):
        self._family, self._sizes, self._seed = family, sizes, seed
        self._probabilities = np.asarray(family.probabilities, dtype=float)
        self._each_once = B is None and np.ptp(self._probabilities) < 1e-12
        self.B = len(family) if B is None else B
        self._rows = [_rows(task) for task in family]
        self._read = max(sum(samples_read(task, size) for size in sizes) for task in family.kinds)

    def __getitem__(self, number: int) -> Draw:
        """Draw number ``number``."""
        chosen, numbers = self._randomness(number)
        members = self._members(chosen)
        if self._family.stacked:
            batches, samples = _drawn_side_by_side(members, numbers, self._sizes)
            each = [jax.tree.map(lambda leaf, i=i: leaf[i], jax.device_get(batches)) for i in range(self.B)]
        else:
            found = [_drawn(*one, self._sizes) for one in zip(members, numbers, strict=True)]
            each, samples = [batches for batches, _ in found], [pool for _, pool in found]
        pairs = zip(chosen, each, strict=True)
        return Draw(tuple(self._episode(int(index), drawn) for index, drawn in pairs), members, samples)

    def all_rows(self, number: int) -> Draw | None:
        """The tasks of a draw with all their samples, each as likely as it is; ``None`` where they are not listed."""
        if any(task.support() is None for task in self._family.kinds):
            return None
        episodes, members = self[number].episodes, self[number].members
        pools = jax.vmap(_whole)(members) if self._family.stacked else [_whole(task) for task in members]
        return Draw(episodes, members, pools)

    def _randomness(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Which tasks, and numbers from U(0, 1) for the batches of each."""
        random = np.random.default_rng((self._seed, number))
        chosen = random.choice(len(self._probabilities), self.B, p=self._probabilities)
        numbers = (random.integers(0, 2**32, (self.B, self._read)) + 0.5) / 2**32
        return np.arange(self.B) if self._each_once else chosen, numbers

    def _members(self, chosen) -> Any:
        if not self._family.stacked:
            return [self._family.members[index] for index in chosen]
        members = self._family.members
        return members if self._each_once else jax.tree.map(lambda leaf: leaf[chosen], members)

    def _episode(self, index: int, drawn: Batches) -> Episode:
        drawn = jax.tree.map(np.asarray, drawn)
        rows = self._rows[index]
        return Episode(index, *(_taken(rows, batch.theta) for batch in drawn), drawn)


def _rows(task: Task) -> Any:
    """The data of a task in NumPy arrays, as its owner gave them; ``None`` where its samples are no rows."""
    if not isinstance(task, Rows):
        return None
    data = jax.tree.map(np.asarray, task.row_data())
    return data["data"] if data.keys() == {"data"} else data


def _taken(rows, theta) -> Any:
    return theta if rows is None else jax.tree.map(lambda leaf: leaf[theta], rows)


@partial(jax.jit, static_argnums=2)
def _drawn(task, numbers, sizes: BatchSizes) -> tuple[Batches, Pool]:
    """A task's batches, and their samples one after another."""
    batches = draw_batches(task, numbers, sizes)
    theta = jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *(batch.theta for batch in batches))
    return batches, Pool(theta, jnp.ones(sum(sizes)))


@partial(jax.jit, static_argnums=2)
def _drawn_side_by_side(members, numbers, sizes: BatchSizes) -> tuple[Batches, Pool]:
    return jax.vmap(lambda task, own: _drawn(task, own, sizes))(members, numbers)


def _whole(task) -> Pool:
    theta, chances = task.support(), task.chances()
    count = jax.tree.leaves(theta)[0].shape[0]
    return Pool(theta, jnp.ones(count) if chances is None else count * jnp.asarray(chances))
