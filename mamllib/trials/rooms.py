"""All trials of a family at a point, as margins: ≥ 0 where a function is what it must be."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.precision import clashes_explained
from mamllib.tasks.family import TaskFamily
from mamllib.trials.derivatives import GRADIENT, HESSIAN, derivative_rooms
from mamllib.trials.drawing import DRAWN, EVEN, drawing_rooms
from mamllib.trials.exploration import explore
from mamllib.trials.fingerprint import combined, read, require_equal
from mamllib.trials.precision import require_double_inside, require_x64
from mamllib.trials.programs import current, is_exact
from mamllib.trials.samples import BATCH, MEAN_GRADIENT, MEAN_HESSIAN, SAMPLE_GRADIENT, SAMPLE_HESSIAN, sample_rooms

QUESTIONS = (GRADIENT, HESSIAN, SAMPLE_GRADIENT, SAMPLE_HESSIAN, BATCH, MEAN_GRADIENT, MEAN_HESSIAN, DRAWN, EVEN)


def examine(tasks, w) -> str | None:
    """The ``fingerprint`` of tasks whose functions are what they say: the same at two readings, in double precision.

    Nothing is run. ``None`` for fractions, which are never compiled.

    Raises:
        ChangingFunctionError: two readings in a row differ. PrecisionError: one computes in less than float64, or
            double precision is switched off.
    """
    if is_exact(tasks, w):
        return None
    require_x64()
    with clashes_explained():
        first = read(tasks, w)
        require_equal(first, read(tasks, w))
        require_double_inside(first)
    return combined(first)


def try_family(family: TaskFamily, w, fingerprint: str | None = None) -> dict[str, float]:
    """What is asked of the functions of all tasks near ``w`` → the room that is left; below 0 an answer is no.

    Rooms are relative, and the least over the tasks; −∞ where a number is not finite. What the library derives from
    other functions is not asked. One compiled program; nothing is asked of fractions.

    Args:
        family: the tasks.
        w: the point, float64.
        fingerprint: what ``examine`` gave, where that is known.

    Raises:
        ChangingFunctionError, PrecisionError: as ``examine``. ShapeError: a sampler does not give as many samples as
            it is asked for.
    """
    if is_exact(family, w):
        return {}
    fingerprint = fingerprint or examine(family, w)
    with current(fingerprint):
        rooms = jax.device_get(_rooms(family, jax.tree.map(jnp.asarray, w), fingerprint))
    lowest = {question: float(np.min(np.where(np.isnan(room), -np.inf, room))) for question, room in rooms.items()}
    return {question: lowest[question] for question in QUESTIONS if lowest[question] < np.inf}


@partial(jax.jit, static_argnums=2)
def _rooms(family, w, fingerprint):
    del fingerprint  # it keys the program
    if family.stacked:  # one by one: side by side they take three times as long to compile
        return jax.lax.map(lambda task: _all_rooms(task, w), family.members)
    return family.map(lambda task: _all_rooms(task, w))


def _all_rooms(task, w):
    found = explore(task, w)
    rooms = derivative_rooms(task, w, found) | sample_rooms(task, w, found) | drawing_rooms(task)
    return jax.tree.map(jnp.asarray, rooms)
