"""Sample noise: zero-mean perturbations h(w, θ) that turn a loss f into samples f(w, θ) = f(w) + h(w, θ).

A perturbation contributes σ̃² = sup_w E‖∇h‖² and σ_H² = sup_w E‖∇²h‖²_F; the loss contributes L and ρ.
"""

from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic, tree
from mamllib.tasks.task import Task, register


class Noise:
    """h(w, θ) with E_θ h(w, θ) = 0 for every w."""

    def deviations(self):
        """(σ̃, σ_H) over all w; ``inf`` where unbounded."""
        raise NotImplementedError

    def potential(self, w, theta):
        """h(w, θ)."""
        raise NotImplementedError

    def gradient(self, w, theta):
        """∇h(w, θ)."""
        return jax.grad(self.potential)(w, theta)

    def hessian_vector_product(self, w, theta, v):
        """∇²h(w, θ) v."""
        return jax.jvp(lambda u: self.gradient(u, theta), (w,), (v,))[1]

    def support(self):
        """All θ where they are finitely many and equally likely, else ``None``."""
        return None

    def sample(self, key, size: int):
        """``size`` independent θ; by default from the finite support."""
        atoms = jnp.asarray(self.support())
        return atoms[jax.random.randint(key, (size,), 0, len(atoms))]


@register
class RademacherNoise(Noise):
    """h(w, θ) = θ⟨s, w⟩ with θ = ±1: the gradient is shifted by ±s. σ̃ = ‖s‖ exactly, σ_H = 0."""

    s: PyTree

    def deviations(self):
        """(‖s‖, 0)."""
        size = tree.norm(self.s)
        return size, 0 * size

    def potential(self, w, theta):
        """θ⟨s, w⟩."""
        return theta * sum(jnp.sum(a * b) for a, b in zip(jax.tree.leaves(self.s), jax.tree.leaves(w), strict=True))

    def gradient(self, w, theta):
        """θ s."""
        return tree.scale(theta, self.s)

    def hessian_vector_product(self, w, theta, v):
        """0."""
        return tree.scale(0, v)

    def support(self):
        """θ = ±1."""
        return _signs(arithmetic.is_exact(self.s))


@register
class AtomicNoise(Noise):
    """h(w, θ) = ⟨ξ_θ, w⟩ with zero-mean atoms ξ (m, *shape of w), equally likely: additive gradient noise of any
    covariance Σ = (1/m)Σ_θ ξ_θξ_θᵀ. σ̃² = (1/m)Σ‖ξ_θ‖² = tr Σ, σ_H = 0.
    """

    atoms: PyTree

    def deviations(self):
        """(√tr Σ, 0)."""
        size = jnp.sqrt(jnp.mean(jnp.sum(self.atoms.reshape(len(self.atoms), -1) ** 2, axis=1)))
        return size, 0 * size

    def potential(self, w, theta):
        """⟨ξ, w⟩."""
        return jnp.sum(theta * w)

    def gradient(self, w, theta):
        """ξ."""
        return theta

    def hessian_vector_product(self, w, theta, v):
        """0."""
        return jnp.zeros_like(v)

    def support(self):
        """The atoms."""
        return self.atoms


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
        return float("inf"), arithmetic.absolute(self.s) * (1 if dimension == 1 else dimension**0.5)

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
        return _signs(arithmetic.is_exact(self.s))


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
        size = jnp.abs(self.s) * jnp.sqrt(self.dimension / 2)
        return size, size * self.kappa

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
        return 2 * jnp.pi * jnp.arange(self.angles) / self.angles


@register
class BumpNoise(Noise):
    """h(w, θ) = θ s φ(w) in one dimension, θ = ±1: φ'' = 1 on [−1, 1], falls linearly to 0 on 1 ≤ |w| ≤ 1 + η.

    φ' rises to 1 + η/2 and φ'' to 1, so σ̃ = s(1 + η/2) and σ_H = s over all of R. At w = 1 the gradient and the
    Hessian of h reach θs together. Exact on fractions.
    """

    s: PyTree
    eta: PyTree

    def deviations(self):
        """(s(1 + η/2), s)."""
        return arithmetic.absolute(self.s) * (1 + self.eta / 2), arithmetic.absolute(self.s)

    def potential(self, w, theta):
        """θ s φ(w), φ(0) = φ'(0) = 0."""
        x, eta = arithmetic.absolute(w), self.eta
        t = arithmetic.where(x <= 1, 0 * x, arithmetic.where(x <= 1 + eta, x - 1, 0 * x + eta))
        inner = arithmetic.where(x <= 1, x, 0 * x + 1)
        ramp = inner * inner / 2 + t + t * t / 2 - t * t * t / (6 * eta)
        beyond = arithmetic.where(x <= 1 + eta, 0 * x, x - 1 - eta)
        return theta * self.s * (ramp + (1 + eta / 2) * beyond)

    def gradient(self, w, theta):
        """θ s φ'(w)."""
        x, eta = arithmetic.absolute(w), self.eta
        t = arithmetic.where(x <= 1, 0 * x, arithmetic.where(x <= 1 + eta, x - 1, 0 * x + eta))
        inner = arithmetic.where(x <= 1, x, 0 * x + 1)
        return theta * self.s * arithmetic.sign(w) * (inner + t - t * t / (2 * eta))

    def hessian_vector_product(self, w, theta, v):
        """θ s φ''(w) v."""
        x = arithmetic.absolute(w)
        falling = arithmetic.where(x <= 1 + self.eta, (1 + self.eta - x) / self.eta, 0 * x)
        return theta * self.s * arithmetic.where(x <= 1, 0 * x + 1, falling) * v

    def support(self):
        """θ = ±1."""
        return _signs(arithmetic.is_exact(self.s))


@register
class SkewedBumpNoise(Noise):
    """h(w, θ) = θ (s/c) φ(cw) in one dimension with the φ of ``BumpNoise`` and a lopsided θ: a/b with probability
    b²/(a² + b²), else −b/a (integers 0 < a ≤ b).

    Eθ = 0 and Eθ² = 1, while E|θ| = 2ab/(a² + b²) and Eθ|θ| = −(b² − a²)/(a² + b²) are cosine and minus sine of an
    angle. So σ̃ = s(1 + η/2) and σ_H = sc over all of R, and at |w| = 1/c the gradient and the Hessian of h reach
    |θ|s and |θ|sc together. Exact on fractions.
    """

    s: PyTree
    c: PyTree
    eta: PyTree
    a: int = 1
    b: int = 2

    __static__ = ("a", "b")

    def deviations(self):
        """(s(1 + η/2), sc)."""
        return arithmetic.absolute(self.s) * (1 + self.eta / 2), arithmetic.absolute(self.s * self.c)

    def potential(self, w, theta):
        """θ (s/c) φ(cw)."""
        return BumpNoise(self.s / self.c, self.eta).potential(self.c * w, theta)

    def gradient(self, w, theta):
        """θ s φ'(cw)."""
        return BumpNoise(self.s, self.eta).gradient(self.c * w, theta)

    def hessian_vector_product(self, w, theta, v):
        """θ sc φ''(cw) v."""
        return BumpNoise(self.s * self.c, self.eta).hessian_vector_product(self.c * w, theta, v)

    def support(self):
        """b² atoms a/b and a² atoms −b/a, equally likely."""
        atoms = (Fraction(self.a, self.b),) * self.b**2 + (Fraction(-self.b, self.a),) * self.a**2
        return atoms if arithmetic.is_exact(self.s) else jnp.array([float(atom) for atom in atoms])


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
        root = jnp.sqrt(jnp.size(self.c))
        return jnp.where(self.r == 0, jnp.abs(self.s) * root, jnp.inf), jnp.abs(self.r) * root

    def potential(self, w, theta):
        """s⟨ξ, w⟩ + (r/2)ζ‖w − c‖²."""
        xi, zeta = theta
        return self.s * jnp.sum(xi * w) + self.r / 2 * zeta * jnp.sum((w - self.c) ** 2)

    def sample(self, key, size: int):
        """(ξ (size, *shape of c), ζ (size,))."""
        key_xi, key_zeta = jax.random.split(key)
        return jax.random.normal(key_xi, (size, *jnp.shape(self.c))), jax.random.normal(key_zeta, (size,))


@register
class Noisy(Task):
    """A loss with sample noise: f(w, θ) = f(w) + h(w, θ). L and ρ are the loss's, σ̃ and σ_H the noise's."""

    task: Any
    noise: Any

    @property
    def constants(self):
        """L, ρ from the loss; σ̃, σ_H from the noise."""
        sigma_tilde, sigma_H = self.noise.deviations()
        return self.task.constants._replace(sigma_tilde=sigma_tilde, sigma_H=sigma_H)

    def loss(self, w):
        """f(w)."""
        return self.task.loss(w)

    def gradient(self, w):
        """∇f(w)."""
        return self.task.gradient(w)

    def hessian_vector_product(self, w, v):
        """∇²f(w) v."""
        return self.task.hessian_vector_product(w, v)

    def sample_loss(self, w, theta):
        """f(w) + h(w, θ)."""
        return self.task.loss(w) + self.noise.potential(w, theta)

    def sample_gradient(self, w, theta):
        """∇f(w) + ∇h(w, θ)."""
        return tree.add(self.task.gradient(w), self.noise.gradient(w, theta))

    def sample_hessian_vector_product(self, w, theta, v):
        """∇²f(w) v + ∇²h(w, θ) v."""
        return tree.add(self.task.hessian_vector_product(w, v), self.noise.hessian_vector_product(w, theta, v))

    def sample(self, key, size: int):
        """θ from the noise."""
        return self.noise.sample(key, size)

    def support(self):
        """The noise's support."""
        return self.noise.support()


def _signs(exact: bool):
    return (Fraction(1), Fraction(-1)) if exact else jnp.array([1.0, -1.0])
