"""What can be measured of one task at a point or on a segment: the consequences that proofs draw from its constants.

Every quotient has what round-off can feign taken off, so that a constant which holds is never found too small.
"""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, tree
from mamllib.precision import gamma
from mamllib.tasks.task import Task

CHAIN = 1000
MOST_COLUMNS = 256  # a Hessian with more is never formed: its norm is found by iteration, from below
ITERATIONS = 12


def hessian(task: Task, w):
    """∇²f(w): a (d, d) array, of fractions where w is a vector of them, or one fraction where w is one."""
    return _matrix(lambda v: task.hessian_vector_product(w, v), w)


def sample_hessian(task: Task, w, theta):
    """∇²f(w, θ) as ``hessian``."""
    return _matrix(lambda v: task.sample_hessian_vector_product(w, theta, v), w)


def hessian_norm(task: Task, w):
    """‖∇²f(w)‖, the operator norm."""
    return norm_of(lambda v: task.hessian_vector_product(w, v), w)


def operator_norm(matrix):
    """Largest singular value; |x| of a fraction, the largest |x| of a diagonal matrix of fractions.

    Raises:
        IrrationalError: the matrix holds fractions and is not diagonal.
    """
    if not arithmetic.is_exact(matrix):  # XLA's symmetric eigenvalues take some twenty times as long
        return jnp.linalg.norm(matrix, 2)
    if isinstance(matrix, Fraction):
        return abs(matrix)
    diagonal = np.diag(matrix)
    if np.any(matrix != np.diag(diagonal)):
        size = "×".join(map(str, matrix.shape))
        raise arithmetic.IrrationalError(f"the norm of a {size} matrix of fractions is irrational in general")
    return max(map(abs, diagonal))


def gradient_secant(task: Task, p, q):
    """‖∇f(p) − ∇f(q)‖/‖p − q‖ ≤ L; 0 where p = q. It sees a kink that no Hessian shows."""
    at_p, at_q = task.gradient(p), task.gradient(q)
    if arithmetic.is_exact(p):
        return _secant(tree.subtract(at_p, at_q), tree.subtract(p, q))
    change, distance = tree.norm(tree.subtract(at_p, at_q)), tree.norm(tree.subtract(p, q))
    return quotient(change, distance, _secant_noise(at_p, at_q, change, distance, p, q))


def bow(task: Task, p, q):
    """2|f(q) − f(p) − ⟨∇f(p), q − p⟩|/‖q − p‖² ≤ L."""
    values, slope, move = (task.loss(p), task.loss(q)), task.gradient(p), tree.subtract(q, p)
    gap, distance = values[1] - values[0] - inner(slope, move), tree.norm_squared(move)
    if arithmetic.is_exact(gap):
        return quotient(2 * abs(gap), distance, 0)
    size = abs(values[0]) + abs(values[1]) + tree.norm(slope) * (tree.norm(p) + tree.norm(q))
    return quotient(2 * abs(gap), distance, 2 * gamma(CHAIN) * size)


def hessian_change(task: Task, p, q):
    """‖∇²f(p) − ∇²f(q)‖/‖p − q‖ ≤ ρ; 0 where p = q."""
    distance = tree.norm(tree.subtract(p, q))

    def difference(v):
        return tree.subtract(task.hessian_vector_product(p, v), task.hessian_vector_product(q, v))

    change = norm_of(difference, p)
    if arithmetic.is_exact(distance):
        return quotient(change, distance, 0)
    slope = change / jnp.where(distance > 0, distance, jnp.inf)
    along = tree.norm(task.hessian_vector_product(p, tree.subtract(q, p))) / jnp.where(distance > 0, distance, jnp.inf)
    size = along + change + slope * (tree.norm(p) + tree.norm(q))
    return quotient(change, distance, gamma(CHAIN) * size)


def taylor_remainder(task: Task, p, q):
    """2‖∇f(q) − ∇f(p) − ∇²f(p)(q − p)‖/‖q − p‖² ≤ ρ; 0 where p = q."""
    return secant_and_remainder(task, p, q)[1]


def secant_and_remainder(task: Task, p, q):
    """``gradient_secant`` and ``taylor_remainder`` of one segment, from the same two gradients."""
    move = tree.subtract(q, p)
    at_p, at_q, linear = task.gradient(p), task.gradient(q), task.hessian_vector_product(p, move)
    step = tree.subtract(at_q, at_p)
    if arithmetic.is_exact(p):
        return _secant(step, move), _remainder(tree.subtract(step, linear), move)
    change, remainder, distance = tree.norm(step), tree.norm(tree.subtract(step, linear)), tree.norm(move)
    noise = _secant_noise(at_p, at_q, change, distance, p, q)
    beyond = noise + gamma(CHAIN) * tree.norm(linear)
    return quotient(change, distance, noise), quotient(2 * remainder, distance * distance, 2 * beyond)


def _secant(step, move):
    """‖step‖/‖move‖ in fractions, from below where it is irrational."""
    return arithmetic.root_below(quotient(tree.norm_squared(step), tree.norm_squared(move), 0))


def _remainder(remainder, move):
    """2‖remainder‖/‖move‖² in fractions, from below where it is irrational."""
    return arithmetic.root_below(quotient(4 * tree.norm_squared(remainder), tree.norm_squared(move) ** 2, 0))


def quotient(change, distance, noise):
    """(change − noise)/distance, at least 0, and 0 where the distance is."""
    if arithmetic.is_exact(distance):
        return change / distance if distance else 0 * change
    moved = distance > 0
    beyond = jnp.where(change > noise, change - noise, 0 * change)  # a NaN stays
    return jnp.where(moved, beyond / jnp.where(moved, distance, 1.0), 0 * change)


def push(task: Task, p, v):
    """‖∇²f(p)v‖/‖v‖ ≤ L; 0 where v = 0."""
    product = task.hessian_vector_product(p, v)
    if arithmetic.is_exact(v):
        return arithmetic.root_below(quotient(tree.norm_squared(product), tree.norm_squared(v), 0))
    return quotient(tree.norm(product), tree.norm(v), 0)


def inner(x, y):
    """⟨x, y⟩ over all leaves."""
    leaves = zip(jax.tree.leaves(x), jax.tree.leaves(y), strict=True)
    return sum((a * b if isinstance(a, Fraction) else (a * b).sum()) for a, b in leaves)


def _secant_noise(at_p, at_q, change, distance, p, q):
    """What rounding p, q and both gradients can feign of ‖∇f(p) − ∇f(q)‖; 0 in fractions."""
    if arithmetic.is_exact(distance):
        return 0
    slope = change / jnp.where(distance > 0, distance, jnp.inf)
    return gamma(CHAIN) * (tree.norm(at_p) + tree.norm(at_q) + slope * (tree.norm(p) + tree.norm(q)))


def norm_of(product, w):
    """‖A‖ of the symmetric A behind ``product``: by its columns where they are few, else by power iteration."""
    if arithmetic.is_exact(w) or tree.dimension(w) <= MOST_COLUMNS:
        return operator_norm(_matrix(product, w))
    flat, unravel = jax.flatten_util.ravel_pytree(w)

    def iterate(_, v):
        image = tree.ravel(product(unravel(v)))
        return image / jnp.maximum(jnp.linalg.norm(image), 1e-300)

    start = jax.random.normal(jax.random.key(0), flat.shape)
    v = jax.lax.fori_loop(0, ITERATIONS, iterate, start / jnp.linalg.norm(start))
    return jnp.linalg.norm(tree.ravel(product(unravel(v))))


def _matrix(product, w):
    if isinstance(w, Fraction):
        return product(Fraction(1))
    if arithmetic.is_exact(w):
        unit = np.full((w.size, w.size), Fraction(0), dtype=object)
        np.fill_diagonal(unit, Fraction(1))
        return np.stack([np.ravel(product(v.reshape(w.shape))) for v in unit])
    return jax.vmap(lambda v: tree.ravel(product(v)))(tree.basis(w))
