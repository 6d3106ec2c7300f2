"""A distribution over tasks: i ~ p."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic, tree, validation
from mamllib.tasks.task import Constants, Task

TASKS_PER_CHUNK = 8


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=["members", "probabilities", "sigma"],
    meta_fields=["stacked"],
)
@dataclass(frozen=True)
class TaskFamily:
    """Tasks f_i with probabilities p_i. Build one with ``TaskFamily.of``.

    ``sigma`` bounds the task deviation of Assumption 4.5, E_i‖∇f_i(w) − ∇f(w)‖² ≤ σ² at every w; ``inf`` says that
    no bound is known. Tasks of one shape are stored stacked, so that a sum over them is one compiled loop.
    """

    members: Any
    probabilities: PyTree
    sigma: PyTree
    stacked: bool

    @classmethod
    def of(cls, tasks, probabilities=None, sigma=float("inf")) -> "TaskFamily":
        """A family of the given tasks, equally likely unless ``probabilities`` are given.

        Raises:
            ValueError: no task, probabilities that are negative or do not sum to 1, or σ < 0.
            TypeError: something that is not a task. PrecisionError: a task holds floating-point data that are not
                float64. ShapeError: data of a task that do not fit together.
        """
        if isinstance(tasks, Task):
            raise TypeError(f"tasks is one {type(tasks).__name__}; give a list of tasks")
        if not len(tasks):
            raise ValueError("tasks is empty: a family has at least one task")
        validation.require_constant("sigma", sigma)
        for index, task in enumerate(tasks):
            require_task(f"tasks[{index}]", task)
        exact = arithmetic.is_exact(tuple(tasks))
        if probabilities is None:
            probabilities = [Fraction(1, len(tasks)) if exact else 1 / len(tasks)] * len(tasks)
        if len(probabilities) != len(tasks):
            raise ValueError(f"{len(probabilities)} probabilities for {len(tasks)} tasks; there must be one each")
        probabilities = tuple(probabilities) if exact else jnp.asarray(probabilities, dtype=float)
        validation.require_probabilities("probabilities", probabilities)
        stacked = not exact and _same_shape(tasks)
        return cls(_stack(tasks) if stacked else tuple(tasks), probabilities, sigma, stacked)

    def with_sigma(self, sigma) -> "TaskFamily":
        """The same family with a proved bound σ on the task deviation."""
        validation.require_constant("sigma", sigma)
        return replace(self, sigma=sigma)

    def __len__(self) -> int:
        """Number of tasks."""
        return len(self.probabilities)

    def __getitem__(self, index) -> Task:
        """Task number ``index``."""
        return jax.tree.map(lambda leaf: leaf[index], self.members) if self.stacked else self.members[index]

    def __iter__(self) -> Iterator[Task]:
        """The tasks in order."""
        return (self[index] for index in range(len(self)))

    @property
    def kinds(self) -> tuple[Task, ...]:
        """A task of every kind: the first of a stacked family, whose tasks differ in their numbers alone, else all."""
        return (self[0],) if self.stacked else self.members

    def apply(self, index, function: Callable[[Task], Any]):
        """function(f_index) for a traced ``index``; tasks of different kinds become the branches of a switch."""
        if self.stacked:
            return function(self[index])
        return jax.lax.switch(index, [functools.partial(function, task) for task in self.members])

    def map(self, function: Callable[[Task], Any]):
        """function(f_i) of every task, stacked along a leading axis; in fractions, numpy arrays of them."""
        if self.stacked:
            return jax.lax.map(function, self.members, batch_size=min(TASKS_PER_CHUNK, len(self)))
        values = [function(task) for task in self.members]
        return jax.tree.map(_exact_stack if arithmetic.is_exact(values) else _float_stack, *values)

    def expect(self, function: Callable[[Task], Any]):
        """E_{i∼p} function(f_i), for a function whose value is a pytree."""
        if arithmetic.is_exact(self.members):
            weighted = [tree.scale(p, function(task)) for p, task in zip(self.probabilities, self, strict=True)]
            return functools.reduce(tree.add, weighted)
        return jax.tree.map(lambda leaf: jnp.tensordot(self.probabilities, leaf, axes=1), self.map(function))

    @property
    def constants(self) -> Constants:
        """The largest of each constant over the tasks, which is what the papers call L, ρ, σ̃, σ_H."""
        if self.stacked:  # one program, where a program for each of many tasks would take seconds
            return jax.tree.map(jnp.max, self.map(lambda task: jax.tree.map(jnp.asarray, task.constants)))
        columns = zip(*(task.constants for task in self), strict=True)
        return Constants(*(functools.reduce(arithmetic.larger, column) for column in columns))


def require_family(family) -> None:
    """Raise ``TypeError`` unless ``family`` is a ``TaskFamily``."""
    validation.require_a(TaskFamily, "family", family, "a task family: TaskFamily.of([task, …])")


def require_task(name: str, task) -> None:
    """Raise ``TypeError`` unless ``task`` is a ``Task``, ``PrecisionError`` unless its data are float64.

    What is wrong with its data otherwise, the task itself says (``Task.check_data``).
    """
    validation.require_a(Task, name, task, "a task (of a family, one: family[0])")
    validation.require_double_precision(name, task)
    task.check_data()


def _same_shape(tasks) -> bool:
    first = tasks[0]
    return all(
        jax.tree.structure(task) == jax.tree.structure(first)
        and jax.tree.map(jnp.shape, task) == jax.tree.map(jnp.shape, first)
        for task in tasks[1:]
    )


def _stack(tasks):
    return jax.tree.map(_float_stack, *tasks)


def _float_stack(*leaves):
    return jnp.stack([jnp.asarray(leaf) for leaf in leaves])


def _exact_stack(*leaves):
    return np.array(leaves, dtype=object)
