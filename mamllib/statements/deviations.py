"""What can be measured of a task's samples, and of tasks beside each other: how far they deviate from their mean.

Every variance has what round-off, or chance, can feign taken off, so that a constant which holds is never found too
small.
"""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, tree
from mamllib.chunks import map_in_chunks
from mamllib.precision import gamma
from mamllib.statements import measure
from mamllib.tasks.samples import samples_from, samples_read
from mamllib.tasks.task import Task

SAMPLES_WITHOUT_SUPPORT = 4096
STANDARD_ERRORS = 5


def gradient_samples(task: Task, w, count: int = SAMPLES_WITHOUT_SUPPORT):
    """(E_θ‖∇f(w, θ) − ∇f(w)‖², relative bias) at this w, over the whole support (``count`` samples where it is not
    finite).

    The bias is ‖E_θ∇f(w, θ) − ∇f(w)‖ in units of E_θ‖∇f(w, θ)‖ + ‖∇f(w)‖.
    """
    return _moments_of_samples(task, lambda theta: task.sample_gradient(w, theta), task.gradient(w), count)


def hessian_samples(task: Task, w, count: int = SAMPLES_WITHOUT_SUPPORT):
    """The same of Hessians, in Frobenius norm; of large ones in operator norm, which is smaller and what proofs use."""
    if not arithmetic.is_exact(w) and tree.dimension(w) > measure.MOST_COLUMNS:
        return _large_hessian_samples(task, w, count)
    return _moments_of_samples(
        task, lambda theta: measure.sample_hessian(task, w, theta), measure.hessian(task, w), count
    )


def swayed_samples(task: Task, p, v, count: int = SAMPLES_WITHOUT_SUPPORT):
    """(E_θ‖[∇²f(p, θ) − ∇²f(p)]v‖²/‖v‖² ≤ σ_H², relative bias); 0 where v = 0."""
    size = tree.norm(v)
    along = tree.scale(arithmetic.where(size > 0, 1 / arithmetic.where(size > 0, size, 1 + size), 0 * size), v)

    def product(theta):
        return task.sample_hessian_vector_product(p, theta, along)

    return _moments_of_samples(task, product, task.hessian_vector_product(p, along), count)


def shaken_samples(task: Task, p, q, count: int = SAMPLES_WITHOUT_SUPPORT):
    """(E_θ‖n(p) − n(q)‖²/‖p − q‖² ≤ σ_H² with n = ∇f(·, θ) − ∇f, relative bias); 0 where p = q.

    It is what a Hessian that is sampled by differences deviates by: n(p) − n(q) = ∫[∇²f(·, θ) − ∇²f](p − q) over p–q.
    """
    distance = tree.norm(tree.subtract(p, q))
    inverse = arithmetic.where(distance > 0, 1 / arithmetic.where(distance > 0, distance, 1 + distance), 0 * distance)
    at_p, at_q = task.gradient(p), task.gradient(q)

    def change(theta):
        return tree.scale(inverse, tree.subtract(task.sample_gradient(p, theta), task.sample_gradient(q, theta)))

    size = inverse * inverse * (tree.norm_squared(at_p) + tree.norm_squared(at_q))
    return _moments_of_samples(task, change, tree.scale(inverse, tree.subtract(at_p, at_q)), count, size)


def gradient_variance(task: Task, w):
    """E_θ‖∇f(w, θ) − ∇f(w)‖² at this w."""
    return gradient_samples(task, w)[0]


def task_deviation(family, w):
    """E_i‖∇f_i(w) − ∇f(w)‖²."""
    mean = family.expect(lambda task: task.gradient(w))
    squares = family.expect(lambda task: tree.norm_squared(tree.subtract(task.gradient(w), mean)))
    sizes = family.expect(lambda task: tree.norm_squared(task.gradient(w)))
    return _beyond_roundoff(squares, sizes)


def all_samples(task: Task, count: int = SAMPLES_WITHOUT_SUPPORT):
    """(θ along a leading axis, the chance of each): the support, or ``count`` samples where it is not finite."""
    support = task.support()
    theta = _drawn(task, count) if support is None else support
    count = len(theta) if arithmetic.is_exact(theta) else jax.tree.leaves(theta)[0].shape[0]
    chances = task.chances() if support is not None else None
    if chances is not None:
        return theta, chances if arithmetic.is_exact(theta) else jnp.asarray(chances)
    if arithmetic.is_exact(theta):
        return theta, (Fraction(1, count),) * count
    return theta, jnp.full(count, 1 / count)


def _large_hessian_samples(task: Task, w, count: int):
    """(E_θ‖∇²f(w, θ) − ∇²f(w)‖², relative bias along one direction) without a d×d array: norms by iteration."""
    flat, unravel = jax.flatten_util.ravel_pytree(w)
    along = unravel(jax.random.normal(jax.random.key(0), flat.shape))
    variance, bias = swayed_samples(task, w, along, count)
    if _every_sample_is_the_loss(task):
        return variance, bias
    theta, chances = all_samples(task, count)

    def squared(t):
        def deviation(v):
            return tree.subtract(task.sample_hessian_vector_product(w, t, v), task.hessian_vector_product(w, v))

        return measure.norm_of(deviation, w) ** 2

    squares = map_in_chunks(squared, theta)
    spread = 0.0 if task.support() is not None else STANDARD_ERRORS * jnp.std(squares) / jnp.sqrt(len(squares))
    return _beyond_roundoff(chances @ squares - spread, measure.hessian_norm(task, w) ** 2), bias


def _moments_of_samples(task: Task, sample, mean, count: int, size_squared=0):
    """(variance, relative bias) of ``sample(θ)`` about ``mean``, less what round-off, or chance, can feign.

    ``size_squared`` is the size of what ``mean`` is made of, where that is larger.
    """
    if _every_sample_is_the_loss(task):
        return (0 * tree.norm_squared(mean),) * 2
    theta, chances = all_samples(task, count)
    if arithmetic.is_exact(theta):
        drawn = [sample(t) for t in theta]
        total = sum((tree.scale(p, x) for p, x in zip(chances, drawn, strict=True)), 0 * mean)
        variance = sum(p * tree.norm_squared(x - mean) for p, x in zip(chances, drawn, strict=True))
        return variance, tree.norm_squared(total - mean)
    drawn = jax.vmap(sample)(theta)
    squares = jax.vmap(lambda x: tree.norm_squared(tree.subtract(x, mean)))(drawn)
    average = jax.tree.map(lambda leaf: jnp.tensordot(chances, leaf, axes=1), drawn)
    size = chances @ jax.vmap(tree.norm)(drawn) + tree.norm(mean)
    exact = task.support() is not None
    spread = 0.0 if exact else STANDARD_ERRORS * jnp.std(squares) / jnp.sqrt(len(squares))
    by_chance = 0.0 if exact else STANDARD_ERRORS * jnp.sqrt(chances @ squares / len(squares))
    variance = _beyond_roundoff(chances @ squares - spread, tree.norm_squared(mean) + size_squared)
    noise = gamma(measure.CHAIN) * (size + jnp.sqrt(size_squared)) + by_chance
    return variance, measure.quotient(tree.norm(tree.subtract(average, mean)), size, noise)


def _beyond_roundoff(variance, size_squared):
    """A variance less what rounding quantities of this size can feign; as it is in fractions."""
    if arithmetic.is_exact(variance):
        return variance
    noise = gamma(measure.CHAIN) ** 2 * size_squared
    return jnp.where(variance > noise, variance - noise, 0 * variance)


def _drawn(task: Task, count: int):
    """``count`` samples, of numbers that NumPy draws: no generator is compiled."""
    numbers = np.random.default_rng(0).random(samples_read(task, count))
    return samples_from(task, jnp.asarray(numbers), count)


def _every_sample_is_the_loss(task: Task) -> bool:
    kind = type(task)
    written = (kind.sample_gradient, kind.sample_hessian_vector_product)
    return written == (Task.sample_gradient, Task.sample_hessian_vector_product)
