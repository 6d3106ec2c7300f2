"""Are the written derivatives those of the loss? Asked of automatic differentiation, and of differences."""

import jax
import jax.numpy as jnp

from mamllib import tree
from mamllib.tasks.task import Task
from mamllib.trials.exploration import HERE, Exploration, explore
from mamllib.trials.neighbourhood import at, inner_product, is_finite
from mamllib.trials.roundoff import allowance

GRADIENT = "the gradient is that of the loss"
HESSIAN = "the Hessian-vector product is that of the gradient"
CURVED = 4


def derivative_rooms(task: Task, w, explored: Exploration | None = None) -> dict:
    """By how much ∇f and ∇²f v of ``task`` near ``w`` are off: allowed less found, relative; below 0 they are wrong.

    Both are compared with automatic differentiation of the loss, which a loss can mislead (``stop_gradient``), and
    with differences of the loss and of the gradient, which rounding alone can. Kinks are no fault: what is compared
    at ``w`` may differ by as much as it jumps there, and differences must fail at both points nearby. A number that
    is not finite where the loss is, or at ``w``, is a fault: −∞; so is a loss that is not finite at ``w``.
    """
    found = explored or explore(task, w)
    values, sizes = found.values, found.sizes
    slopes = jax.vmap(inner_product, (0, None))(values.gradient, found.v)
    loss_sizes = sizes.loss + found.step * sizes.gradient * tree.norm(found.v)
    gradient_sizes = sizes.gradient + found.step * sizes.product
    rooms = {
        GRADIENT: [
            _by_calculus(values.loss, values.gradient, values.derived_gradient, sizes.gradient, sizes.derived_gradient),
            _by_differences(found, 0, slopes, loss_sizes),
        ],
        HESSIAN: [
            _by_calculus(values.loss, values.product, values.derived_product, sizes.product, sizes.derived_product),
            _by_differences(found, 1, values.product, gradient_sizes),
        ],
    }
    return {question: jnp.minimum(*answers) for question, answers in rooms.items()}


def relative_room(ours, theirs, allowed):
    """(allowed − ‖ours − theirs‖)/(‖ours‖ + ‖theirs‖)."""
    whole = tree.norm(ours) + tree.norm(theirs)
    return (allowed - tree.norm(tree.subtract(ours, theirs))) / jnp.where(whole > 0, whole, 1.0)


def _by_calculus(loss, ours, derived, our_sizes, derived_sizes):
    finite = jax.vmap(is_finite)
    must_be_finite = jnp.isfinite(loss).at[HERE].set(True)
    trusted = jnp.where(jnp.isfinite(loss[HERE]) & jnp.all(finite(ours) | ~must_be_finite), jnp.inf, -jnp.inf)
    if derived is None:
        return trusted
    known = finite(derived) & jnp.isfinite(loss)
    allowed = allowance(our_sizes, derived_sizes).at[HERE].add(_jump(derived, known))
    rooms = jax.vmap(relative_room)(ours, derived, allowed)
    return jnp.minimum(trusted, jnp.min(jnp.where(known, rooms, jnp.inf)))


def _jump(derived, known):
    """How far the values nearby are from that at w."""
    jumps = jax.vmap(lambda other: tree.norm(tree.subtract(other, at(HERE, derived))))(derived)
    return jnp.sum(jnp.where(known, jumps, 0.0))


def _by_differences(found, part, claimed, sizes):
    near, far = found.near[part], found.far[part]
    claimed, sizes, loss = at(slice(0, HERE), (claimed, sizes, found.values.loss))
    allowed = allowance(sizes) / found.step + CURVED * jax.vmap(tree.norm)(tree.subtract(near, far))
    rooms = jax.vmap(relative_room)(near, claimed, allowed)
    tried = jnp.isfinite(rooms) & jnp.isfinite(loss)
    return jnp.where(jnp.any(tried), jnp.max(jnp.where(tried, rooms, -jnp.inf)), jnp.inf)
