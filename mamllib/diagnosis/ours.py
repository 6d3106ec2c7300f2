"""The candidates' directions on the same batches."""

from typing import Any

import jax
import numpy as np

from mamllib.diagnosis.episodes import Draw
from mamllib.diagnosis.program import mean_direction, one_direction
from mamllib.diagnosis.recipe import Recipe, numbers
from mamllib.estimators import BatchSizes


class Ours:
    """Any recipe, evaluated by one program."""

    def __init__(self, alpha, w, delta, sizes: BatchSizes, steps: int):
        """``delta`` is a number, a rule ‖g‖ ↦ δ, or ``None`` where no recipe takes differences."""
        self._sizes, self._steps = sizes, steps
        self._point: tuple[Any, ...] = (alpha, w, _as_leaves(delta))

    def __call__(self, recipe: Recipe, draw: Draw, move: float = 0.0) -> np.ndarray:
        """The mean over the tasks (d,), every intermediate value moved by a relative ``move``."""
        rest = (*self._point, numbers(recipe, self._sizes, self._steps), move)
        if not isinstance(draw.members, list):
            return np.asarray(mean_direction(draw.members, draw.samples, *rest))
        each = [one_direction(*one, *rest) for one in zip(draw.members, draw.samples, strict=True)]
        return np.mean(jax.device_get(each), axis=0)


def _as_leaves(delta):
    """A rule that is no pytree, as a plain function, is one program for itself."""
    return jax.tree_util.Partial(delta) if callable(delta) and jax.tree_util.all_leaves([delta]) else delta
