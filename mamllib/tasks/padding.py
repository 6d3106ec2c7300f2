"""Tasks that differ in their number of rows alone, made to stack: one program for all where each had its own."""

import jax
import numpy as np

from mamllib import arithmetic
from mamllib.arithmetic import plain
from mamllib.tasks.task import Task

# Padding may hold this many numbers whatever is given, and so many times what is given.
ALWAYS_HELD = 10**7
TIMES_GIVEN = 4


def padded_to_one_shape(tasks: list[Task]) -> list[Task]:
    """The tasks with rows of chance 0 up to the largest, where that makes them one shape; else as they are."""
    if same_shape(tasks) or arithmetic.is_traced(tuple(tasks)) or len({type(task) for task in tasks}) > 1:
        return tasks
    counts = [plain(task.row_count()) for task in tasks]
    if None in counts or _numbers_if_padded(tasks) > max(ALWAYS_HELD, TIMES_GIVEN * sum(map(_numbers, tasks))):
        return tasks
    padded = [task.padded(max(counts)) for task in tasks]
    return padded if same_shape(padded) else tasks


def same_shape(tasks: list[Task]) -> bool:
    """Whether all tasks have the structure and the shapes of the first, kind by kind down to the leaves.

    (Structures of two classes with the same fields are equal to JAX, and cannot be mapped over together.)
    """
    structure, shapes, kinds = jax.tree.structure(tasks[0]), _shapes(tasks[0]), str(jax.tree.structure(tasks[0]))
    others = ((jax.tree.structure(task), task) for task in tasks[1:])
    return all(found == structure and str(found) == kinds and _shapes(task) == shapes for found, task in others)


def _shapes(task):
    return [np.shape(leaf) for leaf in jax.tree.leaves(task)]


def _numbers(task) -> int:
    return sum(int(np.size(leaf)) for leaf in jax.tree.leaves(task))


def _numbers_if_padded(tasks) -> int:
    return max(map(_numbers, tasks)) * len(tasks)
