"""Where the two sides of a question evaluate a task: points, and segments between them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic
from mamllib.chunks import map_in_chunks

SEGMENTS = ("chords", "bows", "bends", "tangents", "pushes", "sways", "shakes")
FEW = 8


class Places(NamedTuple):
    """Each field is what a proof uses there, along a leading axis (tuples in fractions); ``None`` where nothing is.

    ``points``: the size of the Hessian. ``chords`` (p, q): the change of the gradient. ``bows`` (p, q): the quadratic
    bound of the loss. ``bends`` (p, q): the change of the Hessian. ``tangents`` (p, q): Taylor's remainder of the
    gradient from p. ``draws``: where sampled gradients are drawn, ``hessian_draws``: sampled Hessians.
    Where whole matrices would cost too much, ``pushes`` (p, v) is the Hessian along v, and ``sways`` (p, v) are sampled
    Hessians along v; ``shakes`` (p, q): by how much the change of sampled gradients differs from that of the gradient.
    """

    points: Any = None
    chords: Any = None
    bows: Any = None
    bends: Any = None
    tangents: Any = None
    draws: Any = None
    hessian_draws: Any = None
    pushes: Any = None
    sways: Any = None
    shakes: Any = None


def stack(*points):
    """Single points along a new leading axis."""
    if arithmetic.is_exact(points):
        return points
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *points)


def segments(*pairs):
    """Single segments (p, q) as a pair of stacks."""
    return tuple(stack(*ends) for ends in zip(*pairs, strict=True))


def join(*stacks):
    """Stacks, one behind the other."""
    if arithmetic.is_exact(stacks):
        return sum(map(tuple, stacks), ())
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *stacks)


def join_segments(*pairs):
    """Stacks of segments (p, q), one behind the other."""
    return tuple(join(*ends) for ends in zip(*pairs, strict=True))


def columns(values, count: int) -> tuple:
    """The ``count`` values that a function gave at every point, each along the axis of points."""
    if arithmetic.is_exact(values):
        return tuple(values[:, column] for column in range(count))
    return tuple(values)


def fan(centre, ends):
    """The segments from one point to each of a stack of ends."""
    if arithmetic.is_exact(centre):
        return (centre,) * len(ends), tuple(ends)
    count = jax.tree.leaves(ends)[0].shape[0]
    return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (count, *jnp.shape(leaf))), centre), ends


def each_place(function: Callable, *stacked):
    """``function`` at every place, along a leading axis."""
    if arithmetic.is_exact(stacked):
        return np.array([function(*place) for place in zip(*stacked, strict=True)], dtype=object)
    if _length(stacked) <= FEW:  # to count what an evaluation makes is to trace it once more
        return jax.vmap(function)(*stacked)
    return map_in_chunks(lambda place: function(*place), stacked)


def largest(measured: Callable, task, *stacked):
    """The largest ``measured(task, place)`` over all places; NaN where one is."""
    values = each_place(lambda *place: measured(task, *place), *stacked)
    return max(values) if arithmetic.is_exact(values) else jnp.max(values)


def largest_of_two(measured: Callable, task, *stacked) -> tuple:
    """The same for a function with two values."""
    values = columns(each_place(lambda *place: measured(task, *place), *stacked), 2)
    return tuple(max(column) if arithmetic.is_exact(values) else jnp.max(column) for column in values)


def count(places: Places) -> int:
    """How many points and segments there are."""
    named = {name: field for name, field in places._asdict().items() if field is not None}
    return sum(_length(field[0] if name in SEGMENTS else field) for name, field in named.items())


def _length(stacked) -> int:
    return len(stacked) if arithmetic.is_exact(stacked) else jax.tree.leaves(stacked)[0].shape[0]
