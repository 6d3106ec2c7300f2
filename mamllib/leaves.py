"""What of a pytree is data and what decides which program is compiled, and data of one type wherever they come from."""

from typing import Any, NamedTuple

import jax
import numpy as np

from mamllib import arithmetic
from mamllib.precision import DOUBLE

NARROWER = {f"{kind}64": f"{kind}32" for kind in ("float", "int", "uint")}


class Split(NamedTuple):
    """The numbers of a tree, ``None`` elsewhere, and all the rest of it, which is hashable."""

    data: tuple
    rest: Any


def split(tree) -> Split:
    """Floats and arrays are data; functions, words, and whole numbers such as a number of steps are the rest."""
    leaves, structure = jax.tree.flatten(tree)
    data = tuple(strongly_typed(leaf) if _is_data(leaf) else None for leaf in leaves)
    return Split(data, (structure, tuple(None if _is_data(leaf) else leaf for leaf in leaves)))


def joined(parts: Split):
    """The tree that was split."""
    structure, others = parts.rest
    leaves = [other if number is None else number for number, other in zip(parts.data, others, strict=True)]
    return jax.tree.unflatten(structure, leaves)


def strongly_typed(tree):
    """Every number as an array of a definite type: a weakly typed one (0.1, ``jnp.asarray(0.1)``) is compiled anew."""
    return jax.tree.map(lambda leaf: np.asarray(leaf) if _is_weak(leaf) else leaf, tree)


def held_in(dtype, tree, name: str):
    """The tree with no array wider than ``dtype``, which is float64 or float32; whole numbers stay whole.

    A narrower float (bfloat16) stays as it is: what it meets makes it ``dtype``.

    Raises:
        ValueError: a number is beyond the largest of its new type; the message names it, ``name`` first.
    """
    if dtype == DOUBLE:
        return tree
    return jax.tree_util.tree_map_with_path(lambda path, leaf: _narrowed(leaf, name + jax.tree_util.keystr(path)), tree)


def _narrowed(leaf, where: str):
    narrower = NARROWER.get(str(getattr(leaf, "dtype", "")))
    if narrower is None:
        return leaf
    given = np.asarray(leaf)
    with np.errstate(over="ignore"):
        narrow = given.astype(narrower)
    lost = np.isfinite(given) & ~np.isfinite(narrow) if narrower == "float32" else narrow != given
    if np.any(lost):
        raise ValueError(
            f"{where} holds {given[lost].flat[0]:.6g}, beyond {narrower}: give a smaller one, or a float64 w"
        )
    return arithmetic.as_array(narrow)


def _is_data(leaf) -> bool:
    return isinstance(leaf, float | np.ndarray | np.generic | jax.Array)


def _is_weak(leaf) -> bool:
    return isinstance(leaf, bool | int | float | complex) or getattr(leaf, "weak_type", False)
