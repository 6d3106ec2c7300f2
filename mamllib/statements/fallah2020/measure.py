"""Hypotheses of Fallah et al. (2020), measured where a statement uses them."""

import jax
import jax.numpy as jnp

from mamllib import arithmetic, tree
from mamllib.tasks.task import Task

SAMPLES_WITHOUT_SUPPORT = 4096
PROBES = 8


def hessian(task: Task, w):
    """∇²f(w): a (d, d) array, or a fraction in one dimension."""
    return _matrix(lambda v: task.hessian_vector_product(w, v), w)


def sample_hessian(task: Task, w, theta):
    """∇²f(w, θ) as ``hessian``."""
    return _matrix(lambda v: task.sample_hessian_vector_product(w, theta, v), w)


def hessian_norm(task: Task, w):
    """‖∇²f(w)‖, the operator norm."""
    return operator_norm(hessian(task, w))


def operator_norm(matrix):
    """Largest singular value; |x| of a fraction."""
    return abs(matrix) if arithmetic.is_exact(matrix) else jnp.linalg.norm(matrix, 2)


def hessian_quotient(task: Task, w, u):
    """‖∇²f(w) − ∇²f(u)‖/‖w − u‖, 0 where w = u."""
    change = operator_norm(hessian(task, w) - hessian(task, u))
    distance = tree.norm(tree.subtract(w, u))
    if arithmetic.is_exact(distance):
        return change / distance if distance else 0 * change
    return jnp.where(distance > 0, change / jnp.where(distance > 0, distance, 1.0), 0.0)


def gradient_variance(task: Task, w):
    """E_θ‖∇f(w, θ) − ∇f(w)‖² at this w, over the whole support (4,096 samples where it is not finite)."""
    mean = task.gradient(w)
    return mean_over_samples(task, lambda theta: tree.norm_squared(tree.subtract(task.sample_gradient(w, theta), mean)))


def hessian_variance(task: Task, w):
    """E_θ‖∇²f(w, θ) − ∇²f(w)‖²_F at this w."""
    mean = hessian(task, w)

    def square(theta):
        difference = sample_hessian(task, w, theta) - mean
        return difference * difference if arithmetic.is_exact(difference) else jnp.sum(difference**2)

    return mean_over_samples(task, square)


def mean_over_samples(task: Task, function):
    """E_θ function(θ)."""
    theta = _all_samples(task)
    if arithmetic.is_exact(theta):
        return sum(map(function, theta)) / len(theta)
    return jnp.mean(jax.vmap(function)(theta))


def largest_over_samples(task: Task, function):
    """max function(θ) over the first few samples."""
    theta = _all_samples(task)
    if arithmetic.is_exact(theta):
        return max(map(function, theta))
    return jnp.max(jax.vmap(function)(jax.tree.map(lambda leaf: leaf[:PROBES], theta)))


def _all_samples(task: Task):
    support = task.support()
    return task.sample(jax.random.key(0), SAMPLES_WITHOUT_SUPPORT) if support is None else support


def _matrix(product, w):
    if arithmetic.is_exact(w):
        return product(1 + 0 * w)
    return jax.vmap(lambda v: tree.ravel(product(v)))(tree.basis(w))
