"""Hypotheses of Fallah et al. (2020), measured where a statement uses them."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, tree
from mamllib.precision import gamma
from mamllib.tasks.task import Task

SAMPLES_WITHOUT_SUPPORT = 4096
STANDARD_ERRORS = 5
PROBES = 8
CHAIN = 1000


def hessian(task: Task, w):
    """∇²f(w): a (d, d) array, of fractions where w is a vector of them, or one fraction where w is one."""
    return _matrix(lambda v: task.hessian_vector_product(w, v), w)


def sample_hessian(task: Task, w, theta):
    """∇²f(w, θ) as ``hessian``."""
    return _matrix(lambda v: task.sample_hessian_vector_product(w, theta, v), w)


def hessian_norm(task: Task, w):
    """‖∇²f(w)‖, the operator norm."""
    return operator_norm(hessian(task, w))


def operator_norm(matrix):
    """Largest singular value; |x| of a fraction, the largest |x| of a diagonal matrix of fractions.

    Raises:
        IrrationalError: the matrix holds fractions and is not diagonal.
    """
    if not arithmetic.is_exact(matrix):
        return jnp.linalg.norm(matrix, 2)
    if isinstance(matrix, Fraction):
        return abs(matrix)
    diagonal = np.diag(matrix)
    if np.any(matrix != np.diag(diagonal)):
        size = "×".join(map(str, matrix.shape))
        raise arithmetic.IrrationalError(f"the norm of a {size} matrix of fractions is irrational in general")
    return max(map(abs, diagonal))


def hessian_quotient(task: Task, w, u):
    """‖∇²f(w) − ∇²f(u)‖/‖w − u‖, 0 where w = u."""
    change = operator_norm(hessian(task, w) - hessian(task, u))
    distance = tree.norm(tree.subtract(w, u))
    if arithmetic.is_exact(distance):
        return change / distance if distance else 0 * change
    return jnp.where(distance > 0, change / jnp.where(distance > 0, distance, 1.0), 0.0)


def smoothness_used(task: Task, alpha, w):
    """The Lipschitz constant of ∇f that one sampled inner step meets: ‖∇²f‖ at w and w⁺, and between w⁺ and w̃."""
    w_plus = tree.step(w, alpha, task.gradient(w))

    def towards(theta):
        return gradient_quotient(task, tree.step(w, alpha, task.sample_gradient(w, theta)), w_plus)

    at_points = arithmetic.larger(hessian_norm(task, w), hessian_norm(task, w_plus))
    return arithmetic.larger(at_points, largest_over_samples(task, towards))


def gradient_quotient(task: Task, w, u):
    """‖∇f(w) − ∇f(u)‖/‖w − u‖ less what cancellation can feign; 0 where w = u."""
    change = tree.norm(tree.subtract(task.gradient(w), task.gradient(u)))
    distance = tree.norm(tree.subtract(w, u))
    if arithmetic.is_exact(distance):
        return change / distance if distance else 0 * change
    size = tree.norm(task.gradient(u)) + tree.norm(task.hessian_vector_product(u, u)) + change
    feigned = gamma(CHAIN) * size
    return jnp.where(distance > 0, jnp.maximum(change - feigned, 0) / jnp.where(distance > 0, distance, 1.0), 0.0)


def gradient_variance(task: Task, w):
    """E_θ‖∇f(w, θ) − ∇f(w)‖² at this w, over the whole support (4,096 samples where it is not finite)."""
    mean = task.gradient(w)
    variance = mean_over_samples(
        task, lambda theta: tree.norm_squared(tree.subtract(task.sample_gradient(w, theta), mean))
    )
    return _beyond_roundoff(variance, tree.norm_squared(mean))


def hessian_variance(task: Task, w):
    """E_θ‖∇²f(w, θ) − ∇²f(w)‖²_F at this w."""
    mean = hessian(task, w)

    variance = mean_over_samples(task, lambda theta: tree.norm_squared(sample_hessian(task, w, theta) - mean))
    return _beyond_roundoff(variance, tree.norm_squared(mean))


def _beyond_roundoff(variance, size_squared):
    """A variance less what rounding quantities of this size can feign; as it is in fractions."""
    if arithmetic.is_exact(variance):
        return variance
    return jnp.maximum(variance - gamma(CHAIN) ** 2 * size_squared, 0.0)


def mean_over_samples(task: Task, function):
    """E_θ function(θ); where the support is not finite, what 4,096 samples do not exceed by chance."""
    theta = _all_samples(task)
    if arithmetic.is_exact(theta):
        return sum(map(function, theta)) / len(theta)
    values = jax.vmap(function)(theta)
    by_chance = 0.0 if task.support() is not None else STANDARD_ERRORS * jnp.std(values) / jnp.sqrt(len(values))
    return jnp.mean(values) - by_chance


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
    if isinstance(w, Fraction):
        return product(Fraction(1))
    if arithmetic.is_exact(w):
        unit = np.full((w.size, w.size), Fraction(0), dtype=object)
        np.fill_diagonal(unit, Fraction(1))
        return np.stack([np.ravel(product(v.reshape(w.shape))) for v in unit])
    return jax.vmap(lambda v: tree.ravel(product(v)))(tree.basis(w))
