"""Noise that perturbs the Hessian as well as the gradient."""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic, tree
from mamllib.arithmetic import plain
from mamllib.tasks.noise import Noise, signs
from mamllib.tasks.task import register
from mamllib.uniforms import normal_from


@register
class CurvatureNoise(Noise):
    """h(w, θ) = θ s‖w − c‖²/2 with θ = ±1: the Hessian is shifted by ±sI, the gradient by ±s(w − c).

    σ_H = |s|√d at every w; E‖∇h‖² = s²‖w − c‖² is unbounded, so σ̃ = ∞ over R^d, and only pointwise statements
    speak about it. Gradient and Hessian noise are correlated.
    """

    s: PyTree
    c: PyTree

    def deviations(self):
        """(∞, |s|√d)."""
        dimension = np.size(self.c)
        return float("inf"), abs(plain(self.s)) * (1 if dimension == 1 else dimension**0.5)

    def certificate(self):
        """(∞, |s|√d): the Hessian of a sample is off by ±sI everywhere."""
        return self.deviations()

    def potential(self, w, theta):
        """θ s‖w − c‖²/2."""
        return theta * self.s * tree.norm_squared(w - self.c) / 2

    def gradient(self, w, theta):
        """θ s(w − c)."""
        return theta * self.s * (w - self.c)

    def hessian_vector_product(self, w, theta, v):
        """θ s v."""
        return theta * self.s * v

    def support(self):
        """θ = ±1."""
        return signs(arithmetic.is_exact(self.s))


@register
class SinusoidalNoise(Noise):
    """h(w, θ) = (s/κ) Σ_k sin(κw_k + θ), θ uniform on m ≥ 3 equally spaced angles.

    Over such angles the mean of cos and of sin vanishes and the mean of cos² and of sin² is ½, exactly as for θ
    uniform on the circle; so σ̃² = ds²/2 and σ_H² = ds²κ²/2 at **every** w (d = size of w, Frobenius norm).
    Globally valid noise with both constants.
    """

    s: PyTree
    kappa: PyTree
    angles: int = 3
    dimension: int = 1

    __static__ = ("angles", "dimension")

    def deviations(self):
        """(s√(d/2), sκ√(d/2))."""
        size = abs(plain(self.s)) * math.sqrt(self.dimension / 2)
        return size, size * plain(self.kappa)

    def certificate(self):
        """(s√(d/2), sκ√(d/2)), for at least 3 angles and κ > 0."""
        return self.deviations() if self.angles >= 3 and plain(self.kappa) > 0 else None

    def potential(self, w, theta):
        """(s/κ) Σ_k sin(κw_k + θ)."""
        return self.s / self.kappa * jnp.sum(jnp.sin(self.kappa * w + theta))

    def gradient(self, w, theta):
        """s cos(κw + θ)."""
        return self.s * jnp.cos(self.kappa * w + theta)

    def hessian_vector_product(self, w, theta, v):
        """−sκ sin(κw + θ) ∘ v."""
        return -self.s * self.kappa * jnp.sin(self.kappa * w + theta) * v

    def support(self):
        """m equally spaced angles."""
        return arithmetic.as_array(2 * np.pi * np.arange(self.angles) / self.angles)


@register
class GaussianNoise(Noise):
    """h(w, θ) = s⟨ξ, w⟩ + (r/2)ζ‖w − c‖² with independent standard normal ξ (d,) and ζ.

    σ̃ = s√d where r = 0 and ∞ otherwise, σ_H = |r|√d. Its support is not finite: expectations need sampling.
    """

    s: PyTree
    r: PyTree
    c: PyTree

    def deviations(self):
        """(s√d or ∞, |r|√d)."""
        root, s, r = math.sqrt(np.size(self.c)), abs(plain(self.s)), abs(plain(self.r))
        return arithmetic.where(r == 0, s * root, float("inf")), r * root

    def certificate(self):
        """(s√d or ∞, |r|√d): the moments of a normal distribution."""
        return self.deviations()

    def potential(self, w, theta):
        """s⟨ξ, w⟩ + (r/2)ζ‖w − c‖²."""
        xi, zeta = theta
        return self.s * jnp.sum(xi * w) + self.r / 2 * zeta * jnp.sum((w - self.c) ** 2)

    def numbers_read(self, size: int) -> int:
        """d + 1 a sample."""
        return size * (np.size(self.c) + 1)

    def sample_from(self, numbers, size: int):
        """(ξ (size, *shape of c), ζ (size,))."""
        normal = normal_from(numbers[: self.numbers_read(size)]).reshape(size, -1)
        return normal[:, 1:].reshape(size, *np.shape(self.c)), normal[:, 0]
