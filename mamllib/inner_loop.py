"""N inner steps, and the gradient of what comes after them: by loops, in the memory of some 2√N points.

    w_0 = w,  w_{j+1} = w_j − α∇f(w_j),      P g = [∏_{j<N}(I − ∇²f(w_j) diag α)] g, the factor j = 0 leftmost

The path is kept at every ⌊√N⌋-th point and walked again from there when the factors are applied, last one first. In
fractions, and where N is small, points are listed instead. Gradients and Hessians are exact, or each step has batches.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from mamllib import arithmetic, tree
from mamllib.precision import in_single

# So few steps are written out: a loop would cost more to compile than it saves. Training in float32 runs for long, and
# a loop that takes every step twice is slower by a half.
FEW_STEPS, FEW_IN_SINGLE = 4, 8


class Inner(NamedTuple):
    """One inner step: ``step(w, x)`` is where it leads, ``factor(w, x, v)`` = (I − ∇²f(w) diag α)v. ``x`` is what the
    step is made with: nothing, or its batches.
    """

    step: Callable
    factor: Callable


class Walk(NamedTuple):
    """w_N, and the points w_0, …, w_{N−1} along a leading axis; in fractions, a tuple of them."""

    end: Any
    points: Any


def exact(task, alpha) -> Inner:
    """Steps along the exact gradient."""

    def factor(w, _, v):
        return tree.transposed_step(v, alpha, partial(task.hessian_vector_product, w))

    return Inner(lambda w, _: inner_step(task, alpha, w), factor)


def inner_step(task, alpha, w):
    """w⁺ = w − α∇f(w)."""
    return tree.step(w, alpha, task.gradient(w))


def listed_path(task, alpha, w, steps: int) -> list:
    """[w̃_0, …, w̃_N], written out."""
    path = [w]
    for _ in range(steps):
        path.append(inner_step(task, alpha, path[-1]))
    return path


def walk(task, alpha, w, steps: int) -> Walk:
    """N exact inner steps from w; by a loop, unless N is small or the numbers are fractions."""
    if not _is_listed(w, steps):
        return _looped(exact(task, alpha), w, None, steps)
    *points, end = listed_path(task, alpha, w, steps)
    if arithmetic.is_exact(w) or not points:
        return Walk(end, tuple(points))
    return Walk(end, jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *points))


def segments_of(walked: Walk):
    """The N segments (w̃_j, w̃_{j+1}), as a pair of stacks."""
    if arithmetic.is_exact(walked.end):
        return walked.points, (*walked.points[1:], walked.end)

    def moved_up(leaf, end):
        return jnp.concatenate([leaf[1:], jnp.asarray(end)[None]])

    return walked.points, jax.tree.map(moved_up, walked.points, walked.end)


def pulled_back(inner: Inner, w, steps: int, outer_gradient: Callable, xs=None):
    """P g for g = ``outer_gradient``(w_N), by Hessian-vector products alone.

    ``xs`` holds what each step is made with, along a leading axis. Where they are many a step is taken twice.
    """
    if not _is_listed(w, steps):
        return _pulled_back_by_loops(inner, w, steps, outer_gradient, xs)
    points, made_with = [w], [_taken(xs, j) for j in range(steps)]
    for x in made_with:
        points.append(inner.step(points[-1], x))
    direction = outer_gradient(points.pop())
    for point, x in zip(reversed(points), reversed(made_with), strict=True):
        direction = inner.factor(point, x, direction)
    return direction


def _pulled_back_by_loops(inner: Inner, w, steps: int, outer_gradient: Callable, xs):
    length = math.isqrt(steps)
    few, many = steps % length, steps // length
    first, rest = (_taken(xs, part) for part in (slice(few), slice(few, None)))
    later = jax.tree.map(lambda leaf: leaf.reshape(many, length, *leaf.shape[1:]), rest)
    walked = _looped(inner, w, first, few)
    end, heads = jax.lax.scan(partial(_skip, inner, length), walked.end, later, length=many)
    again = partial(_walked_again, inner, length)
    direction, _ = jax.lax.scan(again, outer_gradient(end), (heads, later), length=many, reverse=True)
    return _through(inner, direction, walked.points, first)


def _is_listed(w, steps: int) -> bool:
    return steps <= (FEW_IN_SINGLE if in_single() else FEW_STEPS) or arithmetic.is_exact(w)


def _looped(inner: Inner, w, xs, steps: int) -> Walk:
    def move(point, x):
        return inner.step(point, x), point

    return Walk(*jax.lax.scan(move, jax.tree.map(_strong, w), xs, length=steps))


def _skip(inner: Inner, length: int, head, xs):
    """The point ``length`` steps on; what is kept is where they began."""
    end, _ = jax.lax.scan(lambda point, x: (inner.step(point, x), None), head, xs, length=length)
    return end, head


def _walked_again(inner: Inner, length: int, direction, piece):
    head, xs = piece
    return _through(inner, direction, _looped(inner, head, xs, length).points, xs), None


def _through(inner: Inner, direction, points, xs):
    """The factors at these points, last one first."""

    def apply(v, place):
        point, x = place
        return inner.factor(point, x, v), None

    return jax.lax.scan(apply, direction, (points, xs), reverse=True)[0]


def _taken(xs, part):
    return jax.tree.map(lambda leaf: leaf[part], xs)


def _strong(leaf):
    return jnp.asarray(leaf, jnp.result_type(leaf))
