"""Trigonometric tasks f' = a w + (b/κ) sin κw + t: smooth themselves, yet their meta-objective F is not."""

import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from mamllib import arithmetic
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
        L = arithmetic.absolute(self.a) + self.b
        return Constants(L, self.b * self.kappa, 0 * L, 0 * L)

    def loss(self, w):
        """Σ_k [a w_k²/2 − (b/κ²) cos κw_k] + ⟨t, w⟩."""
        return jnp.sum(self.a * w**2 / 2 - self.b / self.kappa**2 * jnp.cos(self.kappa * w) + self.tilt * w)

    def gradient(self, w):
        """a w + (b/κ) sin κw + t."""
        return self.a * w + self.b / self.kappa * jnp.sin(self.kappa * w) + self.tilt

    def hessian_vector_product(self, w, v):
        """(a + b cos κw) ∘ v."""
        return (self.a + self.b * jnp.cos(self.kappa * w)) * v

    def steepest_point(self, n: int | Float[Array, "*n"]):
        """w_n = (2πn + π/2)/κ, where cos κw = 0 and f''' = −bκ: |F''(w_n)| = αρ|a(1 − αa)|w_n + O(1)."""
        return (2 * jnp.pi * n + jnp.pi / 2) / self.kappa


def trigonometric_family(a, b, kappa, tilts, probabilities=None) -> TaskFamily:
    """Tasks that share a, b, κ and differ by their tilts (n, d): σ² = Σ_i p_i ‖t_i − t̄‖² at every w."""
    family = TaskFamily.of([Trigonometric(a, b, kappa, t) for t in tilts], probabilities)
    p, tilts = family.probabilities, jnp.asarray(tilts).reshape(len(family), -1)
    deviations = tilts - p @ tilts
    return family.with_sigma(jnp.sqrt(jnp.sum(p * jnp.sum(deviations**2, axis=1))))
