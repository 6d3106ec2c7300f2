"""A family whose type says what its functions compute, so that no program of older functions is served for it."""

import functools
from dataclasses import replace

import jax

from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Task
from mamllib.trials.fingerprint import EXACT, fingerprint


def fresh(family: TaskFamily, w, mark: str | None = None) -> TaskFamily:
    """The same family, as a type of its own for each ``fingerprint``: whatever is compiled for it is traced anew.

    A task of class C becomes a task of a subclass of C that differs in nothing else. JAX keys compiled programs by
    the types of what they are given, so this serves every compiled function that takes the family or one of its
    tasks, whatever class the user wrote. Fractions are returned as they are. ``mark`` is the fingerprint, if known.
    """
    mark = mark or fingerprint(family, w)
    if mark == EXACT:
        return family
    members = _marked(family.members, mark) if family.stacked else tuple(_marked(task, mark) for task in family)
    return replace(family, members=members)


def _marked(task: Task, mark: str) -> Task:
    return _as(_subclass(_original(type(task)), mark), task)


def _original(kind: type) -> type:
    return getattr(kind, "_unmarked", kind)


@functools.cache
def _subclass(kind: type, mark: str) -> type:
    def reduce(task):
        return _marked, (_as(kind, task), mark)

    body = {"_unmarked": kind, "__reduce__": reduce, "__slots__": (), "__doc__": kind.__doc__}
    marked = type(kind.__name__, (kind,), body | {"__module__": kind.__module__, "__qualname__": kind.__qualname__})

    def flatten(task):
        plain = _as(kind, task)
        return jax.tree.flatten(plain, is_leaf=lambda part: part is not plain)

    def unflatten(structure, parts):
        return _as(marked, jax.tree.unflatten(structure, parts))

    jax.tree_util.register_pytree_node(marked, flatten, unflatten)
    return marked


def _as(kind: type, task: Task) -> Task:
    """``task`` as an instance of ``kind``, a class of the same layout."""
    twin = object.__new__(kind)
    for slot in (slot for base in kind.__mro__ for slot in getattr(base, "__slots__", ())):
        object.__setattr__(twin, slot, getattr(task, slot))
    getattr(twin, "__dict__", {}).update(getattr(task, "__dict__", {}))
    return twin
