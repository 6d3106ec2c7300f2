"""Noise in one dimension whose gradient and Hessian reach their largest values together, exact on fractions."""

from fractions import Fraction

import jax.numpy as jnp
from jaxtyping import PyTree

from mamllib import arithmetic
from mamllib.arithmetic import plain
from mamllib.tasks.knots import certify_noise
from mamllib.tasks.noise import Noise, signs
from mamllib.tasks.task import register


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
        s = abs(plain(self.s))
        return s * (1 + plain(self.eta) / 2), s

    def certificate(self):
        """(σ̃, σ_H), computed from the knots."""
        return certify_noise(self)

    def knots(self):
        """±1 and ±(1 + η), where φ'' bends."""
        return _knots(self.eta)

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
        return signs(arithmetic.is_exact(self.s))


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
        s, c, eta = map(plain, (self.s, self.c, self.eta))
        return abs(s) * (1 + eta / 2), abs(s * c)

    def certificate(self):
        """(σ̃, σ_H), computed from the knots."""
        return certify_noise(self)

    def knots(self):
        """Those of ``BumpNoise``, divided by c."""
        return [x / self.c for x in _knots(self.eta)]

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


def _knots(eta):
    if eta <= 0:
        raise ValueError(f"eta = {eta} must be > 0")
    return -1 - eta, -1 + 0 * eta, 1 + 0 * eta, 1 + eta
