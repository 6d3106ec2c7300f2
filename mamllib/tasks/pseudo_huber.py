"""The pseudo-Huber loss: a slope of constant size far out, where gradient descent needs Δ/ε² steps to find its end."""

import math

import jax.numpy as jnp
from jaxtyping import PyTree

from mamllib.arithmetic import plain
from mamllib.tasks.task import Constants, Task, register

LARGEST_THIRD_DERIVATIVE = 48 / (25 * math.sqrt(5))


@register
class PseudoHuber(Task):
    """f(w) = Ld(√(w² + d²) − d) in one dimension, ``L``, ``d`` > 0: |f'| stays below Ld and is nearly that for |w| ≫ d.

    f'' = Ld³/(w² + d²)^{3/2} is at most L, at w = 0. |f'''| = 3Ld³|w|/(w² + d²)^{5/2} is at most 48L/(25√5 d), at
    |w| = d/2, and that is ρ.
    """

    L: PyTree
    d: PyTree

    @property
    def constants(self) -> Constants:
        """L and ρ = 48L/(25√5 d)."""
        L, d = plain(self.L), plain(self.d)
        return Constants(L, LARGEST_THIRD_DERIVATIVE * L / d, 0 * L, 0 * L)

    def certificate(self) -> Constants | None:
        """L and ρ, for L ≥ 0 and d > 0."""
        return self.constants if plain(self.L) >= 0 and plain(self.d) > 0 else None

    def loss(self, w):
        """Ld(√(w² + d²) − d)."""
        return self.L * self.d * (jnp.sqrt(w**2 + self.d**2) - self.d)

    def gradient(self, w):
        """Ldw/√(w² + d²)."""
        return self.L * self.d * w / jnp.sqrt(w**2 + self.d**2)

    def hessian_vector_product(self, w, v):
        """Ld³/(w² + d²)^{3/2} v."""
        return self.L * self.d**3 / (w**2 + self.d**2) ** 1.5 * v
