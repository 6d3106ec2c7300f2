"""A function of somebody else's: called as it is, and what it returns read as numbers."""

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from mamllib.diagnosis.episodes import Episode
from mamllib.errors import DirectionError, PrecisionError
from mamllib.shapes import shapes

PRECISIONS = (np.dtype("float32"), np.dtype("float64"))
MOVED_FIRST = ("detach", "cpu")  # a tensor that records a gradient, or lies on a device, gives no array before


class Direction(NamedTuple):
    """What a function returned: all numbers in one vector, and the least precise dtype among them."""

    vector: Float[np.ndarray, " d"]
    dtype: np.dtype


class Theirs:
    """``mine(w, batches)`` as a black box: never traced, and given a copy of w each time, which it may spoil."""

    def __init__(self, mine: Callable[[Any, Sequence[Episode]], Any], w):
        self._mine, self._w = mine, w
        self.shapes = {jax.tree_util.keystr(path): np.shape(leaf) for path, leaf in _leaves(as_arrays("w", w))}

    def __call__(self, episodes: tuple[Episode, ...]) -> Direction:
        """The direction for these batches.

        Raises:
            DirectionError: the function raises an error, or what it returns is not shaped like w, holds no numbers, or
                holds some that are not finite. PrecisionError: numbers in half precision.
        """
        given = jax.tree.map(copy.deepcopy, self._w)
        try:
            returned = self._mine(given, copy.deepcopy(episodes))
        except Exception as error:  # whatever it is, it is the user's to know
            first_line = (str(error).splitlines() or [""])[0].rstrip(".")
            raise DirectionError(f"mine raises {type(error).__name__}: {first_line}") from error
        return self._read(returned)

    def _read(self, returned) -> Direction:
        arrays = as_arrays("what mine returns", returned, DirectionError)
        found = {jax.tree_util.keystr(path): leaf for path, leaf in _leaves(arrays)}
        if {name: leaf.shape for name, leaf in found.items()} != self.shapes:
            raise DirectionError(
                f"mine returns {_described(returned)}, w is {_described(self._w)}; a direction is shaped like w"
            )
        ordered = {name: found[name] for name in self.shapes}
        for name, leaf in ordered.items():
            _require_precision(name, leaf)
            _require_finite(name, leaf)
        vector = np.concatenate([np.ravel(leaf).astype(float) for leaf in ordered.values()])
        return Direction(vector, min((leaf.dtype for leaf in ordered.values()), key=lambda dtype: dtype.itemsize))


def as_arrays(name: str, tree, error: type[Exception] = TypeError) -> Any:
    """The tree with NumPy arrays for whatever holds numbers: JAX's arrays, tensors of torch, Python's numbers.

    Raises:
        TypeError, or another ``error``: a leaf holds none.
    """
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: _array(name + jax.tree_util.keystr(path), leaf, error), tree
    )


def _leaves(tree) -> list[tuple]:
    return jax.tree_util.tree_leaves_with_path(tree)


def _array(name: str, leaf, refused: type[Exception]) -> np.ndarray:
    try:
        for method in MOVED_FIRST:
            leaf = getattr(leaf, method)() if hasattr(leaf, method) else leaf
        by_protocol = hasattr(leaf, "__dlpack__") and not hasattr(leaf, "__array__")
        array = np.from_dlpack(leaf) if by_protocol else np.asarray(leaf)
    except Exception as error:
        raise refused(f"{name}, of type {type(leaf).__name__}, cannot be read as an array: {error}") from error
    if not jnp.issubdtype(array.dtype, np.number) or jnp.issubdtype(array.dtype, np.complexfloating):
        raise refused(f"{name}, of type {type(leaf).__name__}, holds no real numbers but {array.dtype}")
    return array


def _require_precision(name: str, leaf: np.ndarray) -> None:
    if leaf.dtype not in PRECISIONS:
        raise PrecisionError(
            f"mine returns {leaf.dtype}{f' in {name}' if name else ''}; give float32 or float64, in which it can be"
            " compared"
        )


def _require_finite(name: str, leaf: np.ndarray) -> None:
    bad = leaf[~np.isfinite(leaf)]
    if bad.size:
        where = f" in {name}" if name else ""
        raise DirectionError(f"mine returns {bad.flat[0]}{where}, in {bad.size} of {leaf.size} entries")


def _described(tree) -> str:
    """Its container and the shapes in it."""
    if tree is None:
        return "None"
    kind = type(tree).__name__
    found = shapes(tree)
    return (
        f"an array of shape {found}" if isinstance(found, tuple) and _is_array(tree) else f"a {kind} of shapes {found}"
    )


def _is_array(tree) -> bool:
    return jax.tree.structure(tree) == jax.tree.structure(0)
