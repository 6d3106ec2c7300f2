"""Double precision, set in this one place.

TF32 keeps ten bits of each factor, and the error that leaves in a matrix product is enough to fake a
violated lemma. So every contraction runs at JAX's highest precision and every array is float64. Training alone may
be in float32, where w is; no verdict rests on what it computes.
"""

import contextlib
import logging
import warnings
from collections.abc import Iterator

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_default_matmul_precision", "highest")
logging.getLogger("jax._src.xla_bridge").setLevel(logging.ERROR)

UNIT_ROUNDOFF = 2.0**-53
CLASH = (
    "Where a function reads a NumPy array, JAX keeps what it made of it first, in float64 or float32, as long as a "
    "program lives that holds it. Let the function read jnp.asarray(array, float), which is made anew, or call "
    "jax.clear_caches() between training in float32 and what is computed in float64."
)
DOUBLE, SINGLE = np.dtype(np.float64), np.dtype(np.float32)


def gamma(operations: int) -> float:
    """Bound γ_n = n·u / (1 − n·u) on the relative error of n float64 operations in a row.

    Higham, *Accuracy and Stability of Numerical Algorithms*, Lemma 3.1, with u = 2⁻⁵³.
    """
    return operations * UNIT_ROUNDOFF / (1 - operations * UNIT_ROUNDOFF)


def in_single() -> bool:
    """Whether what is traced now computes in float32: see ``computing_in``."""
    return jax.dtypes.canonicalize_dtype(float) == SINGLE


@contextlib.contextmanager
def computing_in(dtype) -> Iterator[None]:
    """What is traced inside computes in ``dtype``, float64 or float32, whatever its functions ask for.

    In float32 64 bits are switched off: ``float``, ``jnp.ones``, a NumPy constant in a reader's loss are then float32,
    where each of them would else make float64 of all that it meets. Only arrays that exist already keep 64 bits.
    """
    if dtype == DOUBLE:
        yield
        return
    switch = jax.enable_x64 if hasattr(jax, "enable_x64") else jax.experimental.enable_x64  # before jax 0.8
    with switch(False), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Explicitly requested dtype")  # of such an array, which is what is meant
        yield


@contextlib.contextmanager
def clashes_explained() -> Iterator[None]:
    """Add to a ``TypeError`` of float32 beside float64 where that comes from, and what helps."""
    try:
        yield
    except TypeError as error:
        if "float32" in str(error) and "float64" in str(error):
            error.add_note(CLASH)
        raise
