"""Double precision, set in this one place.

TF32 keeps ten bits of each factor, and the error that leaves in a matrix product is enough to fake a
violated lemma. So every contraction runs at JAX's highest precision and every array is float64.
"""

import logging

import jax

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_default_matmul_precision", "highest")
logging.getLogger("jax._src.xla_bridge").setLevel(logging.ERROR)

UNIT_ROUNDOFF = 2.0**-53


def gamma(operations: int) -> float:
    """Bound γ_n = n·u / (1 − n·u) on the relative error of n float64 operations in a row.

    Higham, *Accuracy and Stability of Numerical Algorithms*, Lemma 3.1, with u = 2⁻⁵³.
    """
    return operations * UNIT_ROUNDOFF / (1 - operations * UNIT_ROUNDOFF)
