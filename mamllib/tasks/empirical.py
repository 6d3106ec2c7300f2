"""Any loss given by samples: f(w) = (1/n) Σ_θ ℓ(w, θ) over the rows θ of a data set."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib.arithmetic import as_array, plain
from mamllib.errors import LossError, PrecisionError, ShapeError
from mamllib.shapes import shapes
from mamllib.tasks.rows import Rows
from mamllib.tasks.task import Constants, register
from mamllib.validation import require_constants

ADVICE = {
    jax.errors.TracerBoolConversionError: "; where it decides by `if`, `and` or `or`, give jnp.where(condition, a, b)",
    jax.errors.TracerArrayConversionError: "; give functions of jax.numpy in place of those of numpy",
    jax.errors.ConcretizationTypeError: "; leave values as arrays, without float(…), int(…) or .item()",
}
NO_NUMBERS = {"U": "text", "S": "text", "O": "objects", "M": "dates", "m": "times"}  # by kind of NumPy dtype


@register
class Empirical(Rows):
    """f(w) = (1/n) Σ_θ ``sample_function(w, θ)`` over the rows θ of ``data``; derivatives by automatic differentiation.

    This is the door for a reader's own task: ``sample_function`` is any function (w, row) → scalar, ``data`` any
    pytree with a leading axis n, and ``declared`` the constants its owner believes in. Statements measure whether
    those constants hold where they are used. ``rows`` is for ``TaskFamily.of``.

    Raises:
        LossError: ``sample_function`` raises an error, or gives no number; at the first use.
    """

    __static__ = ("sample_function",)

    data: PyTree
    declared: Any
    sample_function: Any
    rows: PyTree = None

    @property
    def constants(self) -> Constants:
        """The constants as declared."""
        return jax.tree.map(plain, self.declared)

    def row_data(self):
        """The data."""
        return {"data": self.data}

    def loss(self, w):
        """(1/n) Σ_θ ℓ(w, θ)."""
        return self.mean(jax.vmap(lambda row: self._value(w, row))(jax.tree.map(as_array, self.data)))

    def sample_loss(self, w, theta):
        """ℓ(w, row θ)."""
        return self._value(w, jax.tree.map(lambda leaf: as_array(leaf)[theta], self.data))

    def sample_gradient(self, w, theta):
        """∇ℓ(w, row θ)."""
        return jax.grad(self.sample_loss)(w, theta)

    def sample_hessian_vector_product(self, w, theta, v):
        """∇²ℓ(w, row θ) v."""
        return jax.jvp(lambda u: self.sample_gradient(u, theta), (w,), (v,))[1]

    def check_data(self) -> None:
        """Raise unless ``declared`` is a ``Constants``, and ``data`` holds numbers in rows, at least one.

        Raises:
            ShapeError: leaves of ``data`` have no row, or unequal numbers of rows. TypeError: they are no numbers.
            TypeError, ValueError: constants that are none.
        """
        require_constants(self.declared)
        for path, leaf in jax.tree_util.tree_leaves_with_path(self.data):
            kind = "" if isinstance(leaf, jax.Array) else np.asarray(leaf).dtype.kind
            if kind in NO_NUMBERS:
                name = f"data{jax.tree_util.keystr(path)}"
                raise TypeError(f"{name} holds {NO_NUMBERS[kind]}; a loss is given numbers alone")
        found = [np.shape(leaf) for leaf in jax.tree.leaves(self.data)]
        if len({shape[:1] for shape in found}) != 1 or () in found:
            raise ShapeError(f"data has leaves of shapes {found}; they must have as many rows, along their first axis")
        if not found[0][0]:
            raise ShapeError(f"data has leaves of shapes {found}; a task has at least one row")
        if not callable(self.sample_function):
            raise TypeError(f"the loss is of type {type(self.sample_function).__name__}; give a function (w, row) → ℓ")

    def _value(self, w, row):
        try:
            value = self.sample_function(w, row)
        except LossError:
            raise
        except Exception as error:  # whatever it is, it is the user's to know
            raise LossError(_complaint(error, w, row)) from error
        _require_number(value, w)
        return as_array(value)


def _complaint(error: Exception, w, row) -> str:
    advice = next((words for kind, words in ADVICE.items() if isinstance(error, kind)), "")
    first_line = (str(error).splitlines() or [""])[0].rstrip(".")
    return (
        f"the loss of Empirical raises {type(error).__name__} where w has shape {shapes(w)} and a row has shape"
        f" {shapes(row)}: {first_line}{advice}"
    )


def _require_number(value, w) -> None:
    if not isinstance(value, int | float | np.ndarray | np.generic | jax.Array):
        raise LossError(f"the loss of Empirical gives something of type {type(value).__name__}; it must give a number")
    if np.shape(value):
        raise LossError(f"the loss of Empirical gives an array of shape {np.shape(value)} for one row, not one number")
    dtype, given = jnp.result_type(value), jnp.result_type(*jax.tree.leaves(w))
    if all(jnp.issubdtype(each, jnp.floating) for each in (dtype, given)) and _bits(dtype) < _bits(given):
        raise PrecisionError(f"the loss of Empirical gives {dtype} where w is {given}: something in it is {dtype}")


def _bits(dtype) -> int:
    return jnp.finfo(dtype).bits
