"""Parameters that were trained in float32, as statements take them: in float64, and known to be copies."""

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from mamllib import validation
from mamllib.precision import DOUBLE


@dataclass(frozen=True)
class Copies:
    """``w`` in float64, equal to what was trained in ``trained_in``. Made by ``in_double``."""

    w: Any
    trained_in: str

    @property
    def note(self) -> str:
        """What a row says of it."""
        return f", at float64 copies of a w in {self.trained_in}"


def in_double(w) -> Copies:
    """Float64 copies of ``w``, for ``ask``: every row then says in what w was trained.

    A float64 holds every float32, so a verdict is about the very w that was trained; only the path to it was rounded.

    Raises:
        TypeError: a leaf holds no floats. ValueError: one is not finite.
    """
    for path, leaf in jax.tree_util.tree_leaves_with_path(w):
        if not jax.numpy.issubdtype(np.asarray(leaf).dtype, np.floating):
            raise TypeError(f"w{jax.tree_util.keystr(path)} has dtype {np.asarray(leaf).dtype}; it must hold floats")
    copies = jax.tree.map(lambda leaf: np.asarray(leaf).astype(DOUBLE), w)
    validation.require_parameters("w", copies)
    return Copies(copies, " and ".join(sorted({str(np.asarray(leaf).dtype) for leaf in jax.tree.leaves(w)})))
