"""Many devices, of one host or several: each takes its share of the seeds of a run, and of the tasks of a batch.

Seeds are split first, for they need no word from one another; the devices left to a seed split its tasks and add up
what each has found. Every device draws all the numbers of an iteration, which costs little, so the tasks and samples
are those of one device; sums alone are rounded in another order.
"""

import math
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from mamllib import validation
from mamllib.chunks import weighted_sum

SEEDS, TASKS = "mamllib seeds", "mamllib tasks"
ONCE, BY_SEED = PartitionSpec(), PartitionSpec(SEEDS)


def mesh_of(devices: Sequence | None, seeds: int) -> Mesh | None:
    """The devices as a grid (seeds, tasks); ``None`` where there is one, or nothing is said.

    Raises:
        TypeError: no list of devices. ValueError: none, or one of them twice.
    """
    if devices is None:
        return None
    devices = list(devices)
    for device in devices:
        validation.require_a(jax.Device, "an entry of devices", device, "a list of devices: jax.devices()")
    if len(set(devices)) < max(1, len(devices)):
        raise ValueError(
            f"devices holds {len(set(devices))} different of {len(devices)}; each is named once, at least one"
        )
    grid = np.array(devices).reshape(math.gcd(len(devices), seeds), -1)
    return None if grid.size == 1 and devices[0] == jax.devices()[0] else Mesh(grid, (SEEDS, TASKS))


def everywhere(mesh: Mesh | None, tree):
    """The numbers of ``tree`` on all devices. Hosts that do not give the same are told so by JAX."""
    if mesh is None:
        return tree
    if jax.process_count() > 1:
        tree = jax.tree.map(np.asarray, tree)  # what lies on a device of one host cannot go to others
    return jax.device_put(tree, NamedSharding(mesh, ONCE))


def require_same_everywhere(mesh: Mesh | None, name: str, number: int) -> None:
    """Raise ``ValueError`` where hosts do not have the same ``number``: each would wait for the others."""
    if mesh is None or jax.process_count() == 1:
        return
    found = np.ravel(multihost_utils.process_allgather(np.asarray(number)))
    if len(set(found.tolist())) > 1:
        raise ValueError(f"{name}: hosts have {found.tolist()}; all of them must see one and the same file")


def here(mesh: Mesh | None, tree):
    """The same numbers as arrays of this host alone."""
    return tree if mesh is None else jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf)), tree)


def shared_by_seed(function: Callable, mesh: Mesh | None) -> Callable:
    """``function(by_seed, others)``, whose first argument and value have a leading axis of seeds, on all devices."""
    if mesh is None:
        return function
    split = jax.shard_map(function, mesh=mesh, in_specs=(BY_SEED, ONCE), out_specs=BY_SEED, check_vma=False)
    return lambda *arguments: jax.lax.with_sharding_constraint(split(*arguments), NamedSharding(mesh, ONCE))


def shares() -> int:
    """Among how many devices the tasks of one seed are split, where this is traced."""
    mesh = jax.sharding.get_abstract_mesh()
    return mesh.shape[TASKS] if TASKS in getattr(mesh, "manual_axes", ()) else 1


def shared_sum(function: Callable, xs, weights, most: int | None = None):
    """Σ weights · function(x) over the leading axis of the pytree ``xs``, a chunk at a time; each device its share."""
    if shares() == 1:
        return weighted_sum(function, xs, weights, most)
    count = len(weights)
    each = -(-count // shares())
    places = each * jax.lax.axis_index(TASKS) + jnp.arange(each)
    own = jnp.minimum(places, count - 1)  # behind the last one it again, with weight 0
    taken = jax.tree.map(lambda leaf: leaf[own], xs)
    part = weighted_sum(function, taken, jnp.where(places < count, weights[own], 0), most)
    return jax.lax.psum(part, TASKS)
