"""One compiled program for every recipe: its numbers go in as data."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp

from mamllib import estimators, tree
from mamllib.diagnosis.recipe import Numbers
from mamllib.tasks.empirical import Empirical
from mamllib.tasks.task import Batch, Task, batch_gradient, batch_hessian_vector_product
from mamllib.trials import roundoff


@jax.jit
def mean_directions(tasks, samples, alpha, w, delta, recipes: Numbers, count, move):
    """(1/B) Σ of the directions (K, d) on B tasks along a leading axis, each with the ``Pool`` of all its samples.

    The first ``count`` of K recipes along a leading axis are evaluated; the rest is 0. ``delta`` is HF-MAML's δ or a
    rule for it, and ``None`` where no recipe takes differences. Every intermediate value is moved by a relative
    ``move``, so that it is seen how far rounding can move a direction; 0 moves none.
    """

    def mean(numbers: Numbers):
        each = jax.lax.map(lambda one: tree.ravel(_direction(*one, alpha, w, delta, numbers, move)), (tasks, samples))
        return each.mean(axis=0)

    return _first(mean, recipes, count, tree.dimension(w))


@jax.jit
def directions(task, samples, alpha, w, delta, recipes: Numbers, count, move):
    """The same of one task, where tasks are of different kinds."""

    def one(numbers: Numbers):
        return tree.ravel(_direction(task, samples, alpha, w, delta, numbers, move))

    return _first(one, recipes, count, tree.dimension(w))


def _first(function: Callable, recipes: Numbers, count, dimension: int):
    """``function`` of the first ``count`` recipes: one program, whatever their number."""

    def evaluate(k, found):
        return found.at[k].set(function(jax.tree.map(lambda leaf: leaf[k], recipes)))

    return jax.lax.fori_loop(0, count, evaluate, jnp.zeros((len(recipes.displaced), dimension)))


def _direction(task: Task, samples, alpha, w, delta, numbers: Numbers, move):
    def batch(rows, weights) -> Batch:
        return Batch(jax.tree.map(lambda leaf: leaf[rows], samples.theta), weights * samples.shares[rows])

    def step(carried, x):
        """What is last is the outer gradient: its rate is 0."""
        point, _ = carried
        rows, weights, rate, at_start = x
        here = jax.tree.map(lambda start, now: jnp.where(at_start, start, now), w, point)

        def moved(here):
            g = _gradient(task, here, batch(rows, weights))
            return tree.step(here, _rate(rate, alpha), g), g

        return roundoff.moving(moved)(move, here), point

    first = w, jax.tree.map(jnp.zeros_like, w)
    (end, outer), points = jax.lax.scan(step, first, (*numbers[:3], numbers.at_start))
    factors = (
        numbers.factor_rows,
        numbers.factor_weights,
        numbers.factor_rates,
        numbers.factor_points,
        numbers.factor_kinds,
    )

    def factor(v, x):
        rows, weights, rate, at, kind = x
        data = batch(rows, weights), _rate(rate, alpha), jax.tree.map(lambda leaf: leaf[at], points)
        ways = [_exactly] if delta is None else [_exactly, partial(_by_differences, delta, numbers.probe)]
        ways = [partial(roundoff.moving(partial(way, task, *data)), move) for way in ways]
        return jax.lax.switch(kind, [lambda v: v, *ways], v), None

    through, _ = jax.lax.scan(factor, outer, factors, reverse=True)
    displacement = tree.subtract(w, end)
    return jax.tree.map(lambda a, b: jnp.where(numbers.displaced, a, b), displacement, through)


def _exactly(task, batch, rate, point, v):
    """(I − ∇̃²f(x) diag b) v."""
    return tree.transposed_step(v, rate, partial(_product, task, point, batch))


def _by_differences(delta, probe, task, batch, rate, point, v):
    """As ``hf_maml`` takes them: with a rate a coordinate, along b ∘ v, and as far as δ‖v‖."""
    behind, over = probe
    distance = delta(tree.norm(v)) if callable(delta) else delta
    one_rate = tree.is_number(rate)
    along = v if one_rate else tree.times(rate, v)
    if not one_rate:
        distance = estimators.equally_far(distance, tree.norm(v), tree.norm(along))
    ahead = _gradient(task, tree.step(point, -distance, along), batch)
    other = _gradient(task, tree.step(point, behind * distance, along), batch)
    product = tree.scale(1 / (over * distance), tree.subtract(ahead, other))
    return tree.step(v, rate if one_rate else 1.0, product)


def _rate(rate, alpha):
    times, plus = rate
    return jax.tree.map(lambda a: times * a + plus, alpha)


def _gradient(task: Task, w, batch: Batch):
    """∇̃f(w, 𝒟); of a loss given by rows in one pass, which is some three times as fast as row by row."""
    if not _is_given_by_rows(task):
        return batch_gradient(task, w, batch)
    return jax.grad(lambda u: jnp.dot(batch.weights, jax.vmap(partial(task.sample_loss, u))(batch.theta)))(w)


def _product(task: Task, w, batch: Batch, v):
    if not _is_given_by_rows(task):
        return batch_hessian_vector_product(task, w, batch, v)
    return jax.jvp(lambda u: _gradient(task, u, batch), (w,), (v,))[1]


def _is_given_by_rows(task: Task) -> bool:
    """Whether the library derives both from the loss of a row: a class that writes one of them is asked for it."""
    names = ("sample_loss", "sample_gradient", "sample_hessian_vector_product")
    batches = ("batch_gradient", "batch_hessian_vector_product")
    derived = all(getattr(type(task), name) is getattr(Empirical, name, None) for name in names)
    return derived and all(getattr(type(task), name) is getattr(Task, name) for name in batches)
