"""Quadratic tasks f(w) = ½(w − c)ᵀA(w − c): every quantity in closed form, ρ = 0."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic, validation
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Constants, Task, register


@register
class Quadratic(Task):
    """f(w) = ½(w − c)ᵀA(w − c) with symmetric ``A`` (d, d), or a scalar ``A`` meaning A·I; ``c`` has w's shape.

    L = ‖A‖ and ρ = 0: the Hessian is A everywhere. Noiseless; add samples with ``Noisy``. Exact on fractions
    (scalars, or numpy object arrays of them with a scalar ``A``).
    """

    A: PyTree
    c: PyTree

    @property
    def constants(self) -> Constants:
        """L = ‖A‖ (spectral norm), ρ = 0."""
        L = arithmetic.absolute(self.A) if np.ndim(self.A) == 0 else jnp.linalg.norm(self.A, 2)
        return Constants(L, 0 * L, 0 * L, 0 * L)

    def loss(self, w):
        """½(w − c)ᵀA(w − c)."""
        r = self._from_centre(w)
        product = r * self._apply(r)
        return product / 2 if np.ndim(product) == 0 else product.sum() / 2

    def gradient(self, w):
        """A(w − c).

        Raises:
            ShapeError: ``w`` has another shape than ``c``.
        """
        return self._apply(self._from_centre(w))

    def hessian_vector_product(self, w, v):
        """A v."""
        return self._apply(v)

    def _from_centre(self, w):
        validation.require_same_shape("w", w, "c", self.c)
        return w - self.c

    def _apply(self, v):
        return self.A * v if np.ndim(self.A) == 0 else self.A @ v


def quadratic_family(A, centres, probabilities=None) -> TaskFamily:
    """Tasks ½(w − c_i)ᵀA(w − c_i) with one curvature ``A`` and centres (n, d).

    σ² = Σ_i p_i ‖A(c_i − c̄)‖², at every w: the gradients A(w − c_i) differ by A(c_i − c_j) alone.
    """
    family = TaskFamily.of([Quadratic(A, c) for c in centres], probabilities)
    p = family.probabilities
    gradients = jnp.stack([Quadratic(A, jnp.zeros_like(c)).gradient(c) for c in centres])
    deviations = gradients - jnp.tensordot(p, gradients, axes=1)
    return family.with_sigma(jnp.sqrt(jnp.sum(p * jnp.sum(deviations.reshape(len(p), -1) ** 2, axis=1))))
