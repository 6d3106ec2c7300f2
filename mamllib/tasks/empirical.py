"""Any loss given by samples: f(w) = (1/n) Σ_θ ℓ(w, θ) over the rows θ of a data set."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from mamllib.tasks.task import Constants, Task, register
from mamllib.validation import ShapeError


@register
class Empirical(Task):
    """f(w) = (1/n) Σ_θ ``sample_function(w, θ)`` over the rows θ of ``data``; derivatives by automatic differentiation.

    This is the door for a reader's own task: ``sample_function`` is any function (w, row) → scalar, ``data`` any
    pytree with a leading axis n, and ``declared`` the constants its owner believes in. Statements measure whether
    those constants hold where they are used.
    """

    __static__ = ("sample_function",)

    data: PyTree
    declared: Any
    sample_function: Callable

    @property
    def constants(self) -> Constants:
        """The constants as declared."""
        return self.declared

    def loss(self, w):
        """(1/n) Σ_θ ℓ(w, θ)."""
        return jnp.mean(jax.vmap(lambda row: self.sample_function(w, row))(self.data))

    def sample_loss(self, w, theta):
        """ℓ(w, row θ)."""
        return self.sample_function(w, jax.tree.map(lambda leaf: leaf[theta], self.data))

    def sample_gradient(self, w, theta):
        """∇ℓ(w, row θ)."""
        return jax.grad(self.sample_loss)(w, theta)

    def sample_hessian_vector_product(self, w, theta, v):
        """∇²ℓ(w, row θ) v."""
        return jax.jvp(lambda u: self.sample_gradient(u, theta), (w,), (v,))[1]

    def sample(self, key, size: int):
        """``size`` row numbers drawn with replacement."""
        return jax.random.randint(key, (size,), 0, self.size)

    def support(self):
        """Every row number."""
        return jnp.arange(self.size)

    @property
    def size(self) -> int:
        """Number of rows n."""
        return jax.tree.leaves(self.data)[0].shape[0]

    def check_data(self) -> None:
        """Raise ``ShapeError`` unless all leaves of ``data`` have the same number of rows."""
        shapes = [jnp.shape(leaf) for leaf in jax.tree.leaves(self.data)]
        if len({shape[:1] for shape in shapes}) != 1 or () in shapes:
            raise ShapeError(f"data has leaves of shapes {shapes}; they must have as many rows, along their first axis")
