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
from mamllib.arithmetic import plain
from mamllib.chunks import are_held, first_of, map_in_equal_chunks
from mamllib.devices import shared_sum, shares
from mamllib.tasks.deviation import certified_sigma
from mamllib.tasks.padding import padded_to_one_shape, same_shape
from mamllib.tasks.task import Constants, Task

TASKS_PER_CHUNK = 9


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=["members", "probabilities", "sigma"],
    meta_fields=["stacked"],
)
@dataclass(frozen=True)
class TaskFamily:
    """Tasks f_i with probabilities p_i. Build one with ``TaskFamily.of``.

    ``sigma`` bounds the task deviation of Assumption 4.5, E_i‖∇f_i(w) − ∇f(w)‖² ≤ σ² at every w; ``inf`` says that
    no bound is known. Tasks of one shape are stored stacked, so that a sum over them is one compiled loop; tasks that
    differ in their number of rows alone are stacked too, with rows of chance 0 that ``family[i]`` is without.
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
                float64, or floats where others hold fractions. ShapeError: data of a task that do not fit together.
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
        probabilities = tuple(probabilities) if exact else _as_float_array(probabilities)
        validation.require_probabilities("probabilities", probabilities)
        if exact:
            named = {f"tasks[{index}]": task for index, task in enumerate(tasks)}
            validation.require_one_arithmetic(**named, probabilities=probabilities, sigma=sigma)
            return cls(tuple(tasks), probabilities, sigma, False)
        tasks = padded_to_one_shape(tasks)
        stacked = same_shape(tasks)
        return cls(_stack(tasks) if stacked else tuple(map(_in_arrays, tasks)), probabilities, sigma, stacked)

    def with_sigma(self, sigma) -> "TaskFamily":
        """The same family with a proved bound σ on the task deviation."""
        validation.require_constant("sigma", sigma)
        return replace(self, sigma=sigma)

    def held_in(self, dtype) -> "TaskFamily":
        """The same tasks with their floats rounded to ``dtype``, such as bfloat16: half the memory of float32, in which
        ``train`` computes with them where w is float32. Statements refuse such tasks.
        """

        def rounded(leaf):
            floats = jnp.issubdtype(jnp.result_type(leaf), jnp.floating)
            return arithmetic.as_array(np.asarray(leaf).astype(dtype)) if floats else leaf

        return replace(self, members=jax.tree.map(rounded, self.members))

    def with_certified_sigma(self) -> "TaskFamily":
        """The same family with the σ that is proved for it, where one is."""
        return self if self.certified_sigma is None else self.with_sigma(self.certified_sigma)

    def __len__(self) -> int:
        """Number of tasks."""
        return len(self.probabilities)

    def __getitem__(self, index) -> Task:
        """Task number ``index``, as it was given where the number is known."""
        if not self.stacked:
            return self.members[index]
        if arithmetic.is_traced((index, self.members)):
            return jax.tree.map(lambda leaf: leaf[index], self.members)
        return jax.tree.map(arithmetic.as_array, self._known(index))

    def __iter__(self) -> Iterator[Task]:
        """The tasks in order."""
        return (self[index] for index in range(len(self)))

    def _known(self, index: int) -> Task:
        """Task number ``index`` in NumPy arrays, for which nothing is compiled."""
        if not self.stacked:
            return self.members[index]
        return jax.tree.map(lambda leaf: np.asarray(leaf)[index], self.members).trimmed()

    @property
    def kinds(self) -> tuple[Task, ...]:
        """A task of every kind: the first of a stacked family, whose tasks differ in their numbers alone, else all."""
        return (jax.tree.map(_first, self.members),) if self.stacked else self.members

    def apply(self, index, function: Callable[[Task], Any]):
        """function(f_index) for a traced ``index``; tasks of different kinds become the branches of a switch."""
        if self.stacked:
            return function(self[index])
        return jax.lax.switch(index, [functools.partial(function, task) for task in self.members])

    def map(self, function: Callable[[Task], Any]):
        """function(f_i) of every task, stacked along a leading axis; in fractions, numpy arrays of them."""
        if self.stacked:
            return map_in_equal_chunks(function, self.members, TASKS_PER_CHUNK)
        values = [function(task) for task in self.members]
        return jax.tree.map(_exact_stack if arithmetic.is_exact(values) else _float_stack, *values)

    def expect(self, function: Callable[[Task], Any]):
        """E_{i∼p} function(f_i), for a function whose value is a pytree."""
        if arithmetic.is_exact(self.members):
            weighted = [tree.scale(p, function(task)) for p, task in zip(self.probabilities, self, strict=True)]
            return functools.reduce(tree.add, weighted)
        return self.weighted(self.probabilities, function)

    def weighted(self, weights, function: Callable[[Task], Any]):
        """Σ_i weights_i function(f_i) for floats."""
        if self.is_shared(function):
            return shared_sum(function, self.members, weights, TASKS_PER_CHUNK)
        return jax.tree.map(lambda leaf: jnp.tensordot(weights, leaf, axes=1), self.map(function))

    def is_shared(self, function: Callable[[Task], Any]) -> bool:
        """Whether a sum of ``function`` over the tasks is made in parts: by many devices, or for want of memory."""
        if not self.stacked or shares() > 1 or len(self) <= TASKS_PER_CHUNK:
            return self.stacked and shares() > 1
        return not are_held(len(self), jax.eval_shape(function, first_of(self.members)))

    @property
    def constants(self) -> Constants:
        """The largest of each constant over the tasks, which is what the papers call L, ρ, σ̃, σ_H.

        Raises:
            TypeError, ValueError: a task's constants are no ``Constants`` of numbers ≥ 0.
        """
        return self._once("constants", self._largest_constants)

    def certificate(self) -> Constants | None:
        """The largest of each constant that is proved to hold everywhere; ``None`` where one of a task is not."""
        return self._once("certificate", self._largest_certificate)

    @property
    def certified_sigma(self):
        """A proved bound of the task deviation over all w, whatever ``sigma`` says; ``None`` where none is known."""
        return self._once("certified_sigma", self._proved_sigma)

    def _largest_constants(self) -> Constants:
        if self.stacked and arithmetic.is_traced(self.members):
            return jax.tree.map(jnp.max, self.map(lambda task: jax.tree.map(arithmetic.as_array, task.constants)))
        found = [self._known(index).constants for index in range(len(self))]
        for index, constants in enumerate(found):
            validation.require_constants(constants, f"constants of tasks[{index}]")
        return _largest(found)

    def _largest_certificate(self) -> Constants | None:
        found = [self._known(index).certificate() for index in range(len(self))]
        return None if None in found else _largest(found)

    def _proved_sigma(self):
        return certified_sigma([self._known(i) for i in range(len(self))], np.asarray(self.probabilities).tolist())

    def _once(self, name: str, compute: Callable[[], Any]):
        """What ``compute`` gives, remembered: a family never changes. Nothing traced is kept."""
        remembered = f"_{name}"
        if remembered not in self.__dict__:
            value = compute()
            if arithmetic.is_traced((value, self)):
                return value
            self.__dict__[remembered] = value
        return self.__dict__[remembered]


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


def _first(leaf):
    return leaf[0] if arithmetic.is_traced(leaf) else arithmetic.as_array(np.asarray(leaf)[0])


def _largest(found: list[Constants]) -> Constants:
    return Constants(*(functools.reduce(arithmetic.larger, map(plain, column)) for column in zip(*found, strict=True)))


def _as_float_array(values):
    known = not arithmetic.is_traced(values)
    return jnp.asarray(np.asarray(values, dtype=float) if known else values, dtype=float)


def _in_arrays(task: Task) -> Task:
    """The task with JAX's arrays for NumPy's: a function that is traced can index those alone."""
    return jax.tree.map(lambda leaf: arithmetic.as_array(leaf) if isinstance(leaf, np.ndarray) else leaf, task)


def _stack(tasks):
    return jax.tree.map(_float_stack, *tasks)


def _float_stack(*leaves):
    if arithmetic.is_traced(leaves):
        return jnp.stack([arithmetic.as_array(leaf) for leaf in leaves])
    return arithmetic.as_array(np.stack([np.asarray(leaf) for leaf in leaves]))


def _exact_stack(*leaves):
    return np.array(leaves, dtype=object)
