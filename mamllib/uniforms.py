"""Random numbers that are drawn once: an array of uniform numbers, and what is made of it by arithmetic.

Every call of a random generator is compiled anew, and takes most of the time in which a sampled program compiles. So
whoever needs randomness says how many numbers it reads, all are drawn in one call, and choices, row numbers, normal
numbers and, where nothing else will do, keys are made of them. A number lies inside (0, 1) and has 32 random bits; in
float32 it has the first 23 of them, so that a run in float32 meets the tasks and samples that it meets in float64.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from mamllib.precision import in_single

NUMBERS_A_KEY = 2
# With half a step added, as many as a float32 holds: with more the largest number would be rounded up to 1.
BITS, BITS_IN_SINGLE = 32, 23
# Up to here a comparison with every entry is cheaper than a binary search.
ENTRIES_COMPARED = 64


def is_key(source) -> bool:
    """Whether ``source`` is a key of ``jax.random``, not an array of uniform numbers."""
    return jnp.issubdtype(source.dtype, jax.dtypes.prng_key) or source.dtype == jnp.uint32


def uniforms(source, count: int) -> Float[Array, " count"]:
    """``count`` independent numbers from U(0, 1): drawn where ``source`` is a key, else the first of ``source``."""
    if not is_key(source):
        return source[:count]
    bits = jax.random.bits(source, (count,), jnp.uint32)
    if in_single():
        return ((bits >> (BITS - BITS_IN_SINGLE)).astype(float) + 0.5) / 2**BITS_IN_SINGLE
    return (bits.astype(float) + 0.5) / 2**BITS


def key_from(numbers: Float[Array, " n"]):
    """A key made of the first two numbers, for what cannot be made of uniform numbers directly."""
    return jax.random.wrap_key_data((numbers[:NUMBERS_A_KEY] * 2.0**BITS).astype(jnp.uint32), impl="threefry2x32")


def index_from(numbers, count) -> Int[Array, "..."]:
    """One of 0, …, count − 1, all equally likely, for each number."""
    return jnp.floor(numbers * count).astype(int)


def choice_from(numbers, probabilities: Float[Array, " m"]) -> Int[Array, "..."]:
    """An index i with probability p_i for each number; an index with p_i = 0 never."""
    cumulative = jnp.cumsum(probabilities)
    method = "compare_all" if len(probabilities) <= ENTRIES_COMPARED else "scan"
    return jnp.searchsorted(cumulative[:-1], numbers * cumulative[-1], side="right", method=method)


def normal_from(numbers) -> Float[Array, "..."]:
    """A standard normal number for each number."""
    return jax.scipy.special.ndtri(numbers)


def numbers_of(reader, *arguments) -> int:
    """How many numbers ``reader`` reads: as its method ``numbers_read`` says, or two, for a key, if it has none."""
    count = getattr(reader, "numbers_read", None)
    return NUMBERS_A_KEY if count is None else count(*arguments)


def randomness_for(reader, source):
    """What ``reader`` is given: numbers where it says how many it reads, else a key; a key is handed on as it is."""
    return source if is_key(source) or hasattr(reader, "numbers_read") else key_from(source)
