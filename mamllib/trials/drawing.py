"""Is what a task draws what it says it draws: its support, evenly?"""

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.batches import atom_count
from mamllib.precision import gamma
from mamllib.tasks.task import Task
from mamllib.trials.neighbourhood import at, direction
from mamllib.trials.programs import follows
from mamllib.trials.roundoff import OPERATIONS
from mamllib.validation import ShapeError

DRAWN = "drawn samples come from the support"
EVEN = "samples are drawn evenly"

MOST_DRAWS = 2**16
MOST_NUMBERS = 2**22
CHANCE = 2e-9  # beyond six standard errors


def drawing_rooms(task: Task) -> dict:
    """Whether draws lie in a finite support, and how evenly; ∞ where there is none, or the library draws.

    The frequency q of an atom of probability p in n draws is off where n(q log(q/p) + (1 − q) log((1 − q)/(1 − p)))
    exceeds log(2m/χ), which happens to any of m atoms with probability χ = 2·10⁻⁹ at most (Chernoff).

    Raises:
        ShapeError: ``sample(key, n)`` does not give n samples.
    """
    support = task.support()
    if support is None or (follows(task, "sample") and follows(task, "support")):
        return {DRAWN: jnp.inf, EVEN: jnp.inf}
    draws = int(np.clip(MOST_NUMBERS // _numbers(support), 256, MOST_DRAWS))
    both = jax.vmap(lambda key: _marks(_sample(task, key, draws)))(jax.random.split(jax.random.key(21)))
    drawn, again = at(0, both), at(1, both)
    atoms = _marks(support)
    order = jnp.sort(atoms[0])
    places, matches = _places(order, jax.tree.map(lambda *x: jnp.concatenate(x), atoms, drawn))
    own, found, sizes, matches = (x for both in (places, matches) for x in jnp.split(both, [len(order)]))
    inside = (matches > 0).astype(float)
    probability = jnp.bincount(own, length=len(order)) / len(order)
    frequency = jnp.bincount(jnp.minimum(found, len(order) - 1), weights=inside, length=len(order)) / draws
    excess = _divergence(frequency, probability) - jnp.log(2 * len(order) / CHANCE) / draws
    fixed = jnp.all(drawn[0] == again[0]) & jnp.any(sizes < len(order))  # the key makes no difference
    return {DRAWN: jnp.mean(inside) - 1.0, EVEN: jnp.where(fixed, -1.0, -jnp.max(excess))}


def _sample(task, key, draws):
    drawn = task.sample(key, draws)
    counts = {jnp.shape(leaf)[:1] for leaf in jax.tree.leaves(drawn)}
    if counts != {(draws,)}:
        raise ShapeError(
            f"sample(key, {draws}) of {type(task).__name__} gives leading axes {counts}; they must be {draws}"
        )
    return drawn


def _numbers(support) -> int:
    return sum(leaf.size for leaf in jax.tree.leaves(support)) // atom_count(support)


def _marks(theta):
    """A number for each sample, different for different ones, and how far rounding can move it."""
    leaves = [_as_numbers(leaf) for leaf in jax.tree.leaves(theta)]
    weights = direction([leaf[0] for leaf in leaves], 5)
    terms = [(leaf * weight).reshape(len(leaf), -1) for leaf, weight in zip(leaves, weights, strict=True)]
    return sum(jnp.sum(x, 1) for x in terms), gamma(OPERATIONS) * sum(jnp.sum(jnp.abs(x), 1) for x in terms)


def _as_numbers(leaf):
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        leaf = jax.random.key_data(leaf)
    return leaf.astype(float)


def _places(order, marks):
    """Where the first equal atom stands, and how many are equal."""
    mark, rounding = marks
    first = jnp.searchsorted(order, mark - rounding, side="left")
    return first, jnp.searchsorted(order, mark + rounding, side="right") - first


def _divergence(q, p):
    rest = jnp.maximum(1 - p, 0.0)
    gap = jax.scipy.special.rel_entr(q, p) + jax.scipy.special.rel_entr(1 - q, rest)
    return jnp.where(p > 0, gap, jnp.where(q > 0, jnp.inf, 0.0))
