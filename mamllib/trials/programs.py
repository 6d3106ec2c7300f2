"""What a task's functions compute, written down: a program for each of them, traced on shapes and never run."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic
from mamllib.tasks.empirical import Empirical
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Batch, Task
from mamllib.trials.equations import equations, inner, source

JAX = str(Path(jax.__file__).parent)

# A function that is compiled inside a user's function keeps what it read when it was first traced; JAX forgets that
# only where this value changes. JAX 0.7 has no such value.
_reading = jax.make_user_context(None) if hasattr(jax, "make_user_context") else lambda _: nullcontext()
_readings = itertools.count()


DRAWS = 64  # two readings of a sampler that tosses coins unseen agree by chance once in 2⁶⁴


class Arguments(NamedTuple):
    """A point w, a direction v, a sample θ, a batch, and a key."""

    w: Any
    v: Any
    theta: Any
    batch: Batch
    key: Any


class Function(NamedTuple):
    """A method of a task, and how it is evaluated."""

    method: str
    evaluate: Callable[[Task, Arguments], Any]


FUNCTIONS = {
    "loss": Function("loss", lambda task, at: task.loss(at.w)),
    "gradient": Function("gradient", lambda task, at: task.gradient(at.w)),
    "Hessian-vector product": Function(
        "hessian_vector_product", lambda task, at: task.hessian_vector_product(at.w, at.v)
    ),
    "sampled loss": Function("sample_loss", lambda task, at: task.sample_loss(at.w, at.theta)),
    "sampled gradient": Function("sample_gradient", lambda task, at: task.sample_gradient(at.w, at.theta)),
    "sampled Hessian-vector product": Function(
        "sample_hessian_vector_product", lambda task, at: task.sample_hessian_vector_product(at.w, at.theta, at.v)
    ),
    "batch gradient": Function("batch_gradient", lambda task, at: task.batch_gradient(at.w, at.batch)),
    "batch Hessian-vector product": Function(
        "batch_hessian_vector_product", lambda task, at: task.batch_hessian_vector_product(at.w, at.batch, at.v)
    ),
    "sampler": Function("sample", lambda task, at: task.sample(at.key, DRAWS)),
    "support": Function("support", lambda task, at: task.support()),
}


def follows(task: Task, method: str) -> bool:
    """Whether the library derives this method from the others, so that it cannot disagree with them."""
    written = getattr(type(task), method)
    if type(task).loss is Empirical.loss and written is getattr(Empirical, method):
        return method not in ("loss", "hessian_vector_product")
    return method != "hessian_vector_product" and written is getattr(Task, method)


def current(fingerprint: str | None) -> AbstractContextManager:
    """Inside, every compiled program is one that was traced for this ``fingerprint``: also one that the user compiled.

    Each new fingerprint traces anew whatever runs inside, so as little as possible should; ``None`` changes nothing.
    """
    return nullcontext() if fingerprint is None else _reading(fingerprint)


def is_exact(tasks, w) -> bool:
    """Whether fractions are evaluated, which is done without any program."""
    return arithmetic.is_exact((tasks if isinstance(tasks, TaskFamily | Task) else list(tasks), w))


def kinds(tasks) -> Iterator[Task]:
    """A task of every kind among ``tasks`` (a family, a task or several), as shapes: in a kind, numbers differ."""
    if isinstance(tasks, Task):
        tasks = [tasks]
    if isinstance(tasks, TaskFamily):
        tasks = [shapes(tasks.members, drop=1)] if tasks.stacked else tasks.members
    seen = set()
    for task in map(shapes, tasks):
        leaves, structure = jax.tree.flatten(task)
        kind = structure, *((leaf.shape, leaf.dtype, leaf.weak_type) for leaf in leaves)
        if kind not in seen:
            seen.add(kind)
            yield task


def programs(task: Task, w) -> dict[str, Any]:
    """A freshly traced program (a closed jaxpr) of every function that was written for ``task``, by its name.

    The parameters are float64 and shaped like ``w``. Of what follows from other functions there is none.
    """
    task, at = shapes(task), _arguments(task, w)
    return {
        name: traced(function.evaluate, task, at)
        for name, function in FUNCTIONS.items()
        if not follows(task, function.method)
    }


def traced(function: Callable, *arguments):
    """The program of ``function`` as it is now; not even what a user compiled inside is remembered."""
    program = jax.make_jaxpr(_anew(function))(*arguments)
    if all(source(called).startswith(JAX) for equation in equations(program) for called in inner(equation)):
        return program
    with _reading(next(_readings)):
        return jax.make_jaxpr(_anew(function))(*arguments)


def _arguments(task: Task, w) -> Arguments:
    w = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(np.shape(leaf), float), w)
    key = jax.eval_shape(lambda: jax.random.key(0))
    pair = jax.eval_shape(_anew(_two_samples), task, key)
    theta = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape[1:], leaf.dtype), pair)
    return Arguments(w, w, theta, Batch(pair, jax.ShapeDtypeStruct((2,), float)), key)


def _two_samples(task: Task, key):
    support = task.support()
    if support is None:
        return task.sample(key, 2)
    return jax.tree.map(lambda leaf: jnp.stack([leaf[0], leaf[-1]]), support)


def _anew(function):
    """JAX remembers the program of a function object."""
    return lambda *arguments: function(*arguments)


def shapes(tree, drop: int = 0):
    """Every array as its shape and dtype, without its first ``drop`` axes."""

    def shape(leaf):
        kind = leaf if isinstance(leaf, jax.ShapeDtypeStruct) else jax.typeof(leaf)
        return jax.ShapeDtypeStruct(kind.shape[drop:], kind.dtype, weak_type=kind.weak_type)

    return jax.tree.map(shape, tree)
