"""Quadratic tasks f(w) = ½(w − c)ᵀA(w − c): every quantity in closed form, ρ = 0."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic
from mamllib.arithmetic import plain
from mamllib.errors import ShapeError
from mamllib.shapes import require_same_shape
from mamllib.tasks.deviation import of_shifts
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.knots import certify
from mamllib.tasks.task import Constants, Task, register

ROUND_OFF = 1e-12


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
        L = self._norm()
        return Constants(L, 0 * L, 0 * L, 0 * L)

    def certificate(self) -> Constants | None:
        """L = ‖A‖ and ρ = 0; from the knots (there are none) in one dimension."""
        return self.constants if self.knots() is None else certify(self)

    def knots(self):
        """None, in one dimension: f'' is A everywhere."""
        return None if np.ndim(self.A) or np.ndim(self.c) else ()

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """σ² = Σ_i p_i ‖A(c_i − c̄)‖², of tasks with one A: the gradients A(w − c_i) differ by A(c_i − c_j) alone."""
        return of_shifts(tasks, probabilities, "c", lambda task: task._apply(task.c))

    def check_data(self) -> None:
        """Raise where ``A`` is no number and no symmetric (d, d) matrix for the (d,) of ``c``."""
        if np.ndim(self.A) == 0:
            return
        if np.shape(self.A) != (np.size(self.c),) * 2 or np.ndim(self.c) != 1:
            raise ShapeError(f"A has shape {np.shape(self.A)}, c has shape {np.shape(self.c)}; A is a number or (d, d)")
        if not arithmetic.is_traced(self.A):
            A = np.asarray(self.A)
            skew = np.abs(A - A.T).max(initial=0)
            if skew > ROUND_OFF * np.abs(A).max(initial=0):
                raise ValueError(f"A is not symmetric: an entry and its mirror image differ by {float(skew):.3g}")

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

    def _norm(self):
        if np.ndim(self.A) == 0:
            return abs(plain(self.A))
        return jnp.linalg.norm(self.A, 2) if arithmetic.is_traced(self.A) else float(np.linalg.norm(self.A, 2))

    def _from_centre(self, w):
        require_same_shape("w", w, "c", self.c)
        return w - self.c

    def _apply(self, v):
        return self.A * v if np.ndim(self.A) == 0 else self.A @ v


def quadratic_family(A, centres, probabilities=None) -> TaskFamily:
    """Tasks ½(w − c_i)ᵀA(w − c_i) with one curvature ``A`` and centres (n, d).

    σ² = Σ_i p_i ‖A(c_i − c̄)‖², at every w: the gradients A(w − c_i) differ by A(c_i − c_j) alone.
    """
    return TaskFamily.of([Quadratic(A, c) for c in np.asarray(centres)], probabilities).with_certified_sigma()
