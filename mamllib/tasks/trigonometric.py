"""Trigonometric tasks f' = a w + (b/κ) sin κw + t: smooth themselves, yet their meta-objective F is not."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from mamllib.arithmetic import AnyArray, plain
from mamllib.tasks.deviation import of_shifts
from mamllib.tasks.family import TaskFamily
from mamllib.tasks.task import Constants, Task, register


@register
class Trigonometric(Task):
    """f(w) = Σ_k [a w_k²/2 − (b/κ²) cos κw_k] + ⟨t, w⟩, in any dimension; ``b`` ≥ 0, ``kappa`` > 0.

    The Hessian is diagonal with entries a + b cos κw_k, so L = |a| + b, attained where cos κw = sgn a.
    Its derivative is bounded by bκ along each axis, so ‖∇²f(w) − ∇²f(u)‖ ≤ bκ max_k|w_k − u_k| and ρ = bκ.
    """

    a: PyTree
    b: PyTree
    kappa: PyTree
    tilt: PyTree = 0.0

    @property
    def constants(self) -> Constants:
        """L = |a| + b, ρ = bκ."""
        a, b, kappa = map(plain, (self.a, self.b, self.kappa))
        L = abs(a) + b
        return Constants(L, b * kappa, 0 * L, 0 * L)

    def certificate(self) -> Constants | None:
        """L and ρ, for b, κ ≥ 0."""
        return self.constants if plain(self.b) >= 0 and plain(self.kappa) >= 0 else None

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """σ² = Σ_i p_i ‖t_i − t̄‖², of tasks that differ by their tilts, for parameters of the shape of a tilt."""
        return of_shifts(tasks, probabilities, "tilt")

    def loss(self, w):
        """Σ_k [a w_k²/2 − (b/κ²) cos κw_k] + ⟨t, w⟩."""
        return jnp.sum(self.a * w**2 / 2 - self.b / self.kappa**2 * jnp.cos(self.kappa * w) + self.tilt * w)

    def gradient(self, w):
        """a w + (b/κ) sin κw + t."""
        return self.a * w + self.b / self.kappa * jnp.sin(self.kappa * w) + self.tilt

    def hessian_vector_product(self, w, v):
        """(a + b cos κw) ∘ v."""
        return (self.a + self.b * jnp.cos(self.kappa * w)) * v

    def steepest_point(self, n: int | Float[AnyArray, "*n"]):
        """w_n = (2πn + π/2)/κ, where cos κw = 0 and f''' = −bκ: |F''(w_n)| = αρ|a(1 − αa)|w_n + O(1)."""
        return (2 * jnp.pi * n + jnp.pi / 2) / self.kappa


def trigonometric_family(a, b, kappa, tilts, probabilities=None) -> TaskFamily:
    """Tasks that share a, b, κ and differ by their tilts (n, d): σ² = Σ_i p_i ‖t_i − t̄‖² at every w."""
    return TaskFamily.of(
        [Trigonometric(a, b, kappa, t) for t in np.asarray(tilts)], probabilities
    ).with_certified_sigma()
