"""The candidates' directions on the same batches."""

import functools
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from mamllib import tree
from mamllib.diagnosis.episodes import Draw
from mamllib.diagnosis.program import directions, mean_directions
from mamllib.diagnosis.recipe import Numbers, Recipe, numbers
from mamllib.estimators import BatchSizes

# So many recipes are handed to the program at a time, where as many directions are not too much to hold.
MOST_RECIPES = 16
MOST_NUMBERS = 2**20


class Ours:
    """Any recipes, evaluated by one program."""

    def __init__(self, alpha, w, delta, sizes: BatchSizes, steps: int):
        """``delta`` is a number, a rule ‖g‖ ↦ δ, or ``None`` where no recipe takes differences."""
        self._sizes, self._steps = sizes, steps
        self._point: tuple[Any, ...] = (alpha, w, _as_leaves(delta))
        self._together = max(1, min(MOST_RECIPES, MOST_NUMBERS // tree.dimension(w)))

    def __call__(self, recipes: Sequence[Recipe], draw: Draw, move: float = 0.0) -> Float[np.ndarray, "n d"]:
        """The mean over the tasks for each recipe, every intermediate value moved by a relative ``move``."""
        starts = range(0, len(recipes), self._together)
        return np.concatenate([self._some(recipes[k : k + self._together], draw, move) for k in starts])

    def _some(self, recipes: Sequence[Recipe], draw: Draw, move: float) -> Float[np.ndarray, "n d"]:
        filled = (*recipes, *(recipes[0],) * (self._together - len(recipes)))
        stacked = _stacked(filled, self._sizes, self._steps)
        rest = (*self._point, stacked, len(recipes), move)
        if isinstance(draw.members, list):
            each = [directions(*one, *rest) for one in zip(draw.members, draw.samples, strict=True)]
            found = np.mean(jax.device_get(each), axis=0)
        else:
            found = np.asarray(mean_directions(draw.members, draw.samples, *rest))
        return found[: len(recipes)]


@functools.lru_cache(maxsize=256)
def _stacked(recipes: tuple[Recipe, ...], sizes: BatchSizes, steps: int) -> Numbers:
    return Numbers(*map(np.stack, zip(*(numbers(recipe, sizes, steps) for recipe in recipes), strict=True)))


def _as_leaves(delta):
    """A rule that is no pytree, as a plain function, is one program for itself."""
    return jax.tree_util.Partial(delta) if callable(delta) and jax.tree_util.all_leaves([delta]) else delta
