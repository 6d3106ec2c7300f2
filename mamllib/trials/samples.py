"""Do samples belong to the loss: their derivatives, their batches, and their mean?"""

import jax
import jax.numpy as jnp

from mamllib import tree
from mamllib.tasks.task import Batch, Task
from mamllib.trials.derivatives import relative_room
from mamllib.trials.exploration import Exploration, explore
from mamllib.trials.means import mean_over
from mamllib.trials.neighbourhood import at, inner_product
from mamllib.trials.programs import follows
from mamllib.trials.roundoff import allowance, with_sizes

SAMPLE_GRADIENT = "a sample's gradient is that of its loss"
SAMPLE_HESSIAN = "a sample's Hessian-vector product is that of its gradient"
BATCH = "a batch is the mean of its samples"
MEAN_GRADIENT = "samples average to the gradient"
MEAN_HESSIAN = "samples average to the Hessian"

SAMPLES = 4096
STANDARD_ERRORS = 6
WEIGHTS = (0.25, 0.75)


def sample_rooms(task: Task, w, explored: Exploration | None = None) -> dict:
    """By how much samples near ``w`` are off: allowed less found, relative; below 0 they are wrong.

    All samples of a finite support are tried, and their mean must be ∇f and ∇²f v but for rounding. Of any other
    distribution 4,096 samples are, and the mean must be that within six standard errors. What the library derives
    from other functions is not tried: ∞.
    """
    names = (SAMPLE_GRADIENT, SAMPLE_HESSIAN, MEAN_GRADIENT, MEAN_HESSIAN, BATCH)
    rooms = dict.fromkeys(names, jnp.inf)
    found = explored or explore(task, w)
    if not _all_follow(task, "sample_loss", "sample_gradient", "sample_hessian_vector_product"):
        rooms |= dict(zip(names, _derivatives_and_means(task, found), strict=False))
    if not _all_follow(task, "batch_gradient", "batch_hessian_vector_product"):
        rooms[BATCH] = _batch_room(task, at(found.generic, found.points), found.v)
    return rooms


def _all_follow(task, *methods) -> bool:
    return all(follows(task, method) for method in methods)


def _derivatives_and_means(task, found):
    support, generic = task.support(), found.generic
    theta = task.sample(jax.random.key(11), SAMPLES) if support is None else support
    w, *whole = at(generic, (found.points, found.values.gradient, found.values.product))
    sizes = at(generic, (found.sizes.gradient, found.sizes.product))
    lowest, mean = mean_over(theta, lambda one: _sample(task, w, found.v, one, whole))
    rooms = [_mean_room(mean[k], whole[k], sizes[k], support is not None) for k in range(2)]
    return *lowest, *rooms


def _sample(task, w, v, theta, whole):
    """Rooms of one sample's derivatives; and what its deviation from the whole contributes to means."""

    def all_four(w, v):
        derived = jax.jvp(jax.grad(lambda u: task.sample_loss(u, theta)), (w,), (v,))
        return task.sample_gradient(w, theta), task.sample_hessian_vector_product(w, theta, v), *derived

    values, sizes = with_sizes(all_four, w, v)
    written, derived = values[:2], values[2:]
    rooms = [relative_room(*pair) for pair in zip(written, derived, map(allowance, sizes, sizes[2:]), strict=False)]
    return jnp.stack(rooms), tuple(map(_deviation, written, whole, sizes))


def _deviation(sample, whole, size):
    deviation = tree.subtract(sample, whole)
    along = inner_product(deviation, whole)
    return {"mean": deviation, "square": tree.norm_squared(deviation), "size": size} | {
        "along": along,
        "along square": along**2,
    }


def _mean_room(mean, whole, size, all_samples: bool):
    """Of the whole vector and of its part along ∇f, where noise is less, the one that is off by more."""
    length = tree.norm(whole)
    unit = jnp.where(length > 0, length, 1.0)
    off = jnp.stack([tree.norm(mean["mean"]), jnp.abs(mean["along"]) / unit])
    squares = jnp.stack([mean["square"], mean["along square"] / unit**2])
    by_chance = 0.0 if all_samples else STANDARD_ERRORS * jnp.sqrt(jnp.maximum(squares - off**2, 0.0) / SAMPLES)
    room = jnp.min(allowance(size, mean["size"]) + by_chance - off)
    return room / jnp.where(length + off[0] > 0, length + off[0], 1.0)


def _batch_room(task, w, v):
    """Two samples of unequal weights, in one pass and one by one."""
    support = task.support()
    theta = (
        task.sample(jax.random.key(12), 2)
        if support is None
        else jax.tree.map(lambda leaf: jnp.stack([leaf[0], leaf[-1]]), support)
    )
    batch = Batch(theta, jnp.array(WEIGHTS))

    def all_four(w, v):
        products = [kind.batch_hessian_vector_product(task, w, batch, v) for kind in (type(task), Task)]
        return *(kind.batch_gradient(task, w, batch) for kind in (type(task), Task)), *products

    values, sizes = with_sizes(all_four, w, v)
    pairs = [relative_room(values[k], values[k + 1], allowance(sizes[k], sizes[k + 1])) for k in (0, 2)]
    return jnp.minimum(*pairs)
