"""What is asked about: tasks, α and w, once they are what they must be."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from mamllib import arithmetic, validation
from mamllib.diagnosis.theirs import as_arrays
from mamllib.errors import PrecisionError
from mamllib.tasks.family import require_family


class Asked(NamedTuple):
    """α and w in JAX's float64 arrays."""

    alpha: Any
    w: Any


def asked_about(family, alpha, w, sizes, steps, delta, B) -> Asked:
    """α and w, of whatever holds their numbers.

    Raises:
        PrecisionError: fractions. TypeError, ValueError, ShapeError: an argument is not what it must be.
    """
    require_family(family)
    if arithmetic.is_exact((family, alpha, w)):
        raise PrecisionError("diagnose compares rounded numbers; give family, alpha and w in floats, not in fractions")
    validation.require_nonnegative("alpha", alpha)
    point = jax.tree.map(lambda leaf: jnp.asarray(leaf, float), as_arrays("w", w))
    validation.require_parameters("w", point)
    validation.require_rates(alpha, point)
    validation.require_fits("w", point, family.kinds)
    validation.require_sizes(sizes)
    validation.require_count("steps", steps)
    if delta is not None and not callable(delta):
        validation.require_positive("delta", delta)
    if B is not None:
        validation.require_batch_size("B", B)
    return Asked(jax.tree.map(lambda leaf: jnp.asarray(leaf, float), alpha), point)
