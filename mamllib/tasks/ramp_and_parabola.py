"""A two-dimensional loss whose curvature along one axis depends on how far one probes; exact on fractions."""

from fractions import Fraction
from functools import partial

import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic
from mamllib.tasks.deviation import of_shifts
from mamllib.tasks.knots import curvature_bounds, like
from mamllib.tasks.piecewise import EvenRamp
from mamllib.tasks.task import Constants, Task, register

EXACT_RAMP = EvenRamp(Fraction(1), Fraction(1), Fraction(0))
FLOAT_RAMP = EvenRamp(1.0, 1.0, 0.0)


@register
class RampAndParabola(Task):
    """f(w) = ψ(w₁) + w₂²/2 + ⟨t, w⟩ with ψ'' = min(|x|, 1), ψ'(0) = 0; ``tilt`` t and w have shape (2,).

    L = ρ = 1. Tasks that differ by their tilts have the same Hessian everywhere; their gradients differ by constants.
    """

    tilt: PyTree

    @property
    def constants(self) -> Constants:
        """L = ρ = 1."""
        one = Fraction(1) if arithmetic.is_exact(self.tilt) else 1.0
        return Constants(one, one, 0 * one, 0 * one)

    def certificate(self) -> Constants | None:
        """L and ρ from the knots of ψ, and from the parabola: the Hessian is diagonal, an entry a coordinate."""
        along = [curvature_bounds(partial(_entry, axis), knots) for axis, knots in enumerate(self.knots_of_axes())]
        L, rho = map(max, zip(*along, strict=True))
        return Constants(*like(self.tilt, (L, rho, 0 * L, 0 * L)))

    @staticmethod
    def knots_of_axes():
        """−1, 0, 1 along w₁, none along w₂."""
        return EXACT_RAMP.knots(), ()

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """σ² = Σ_i p_i ‖t_i − t̄‖²."""
        return of_shifts(tasks, probabilities, "tilt")

    def loss(self, w):
        """ψ(w₁) + w₂²/2 + ⟨t, w⟩."""
        return _ramp(w).loss(w[0]) + w[1] * w[1] / 2 + self.tilt[0] * w[0] + self.tilt[1] * w[1]

    def gradient(self, w):
        """(ψ'(w₁), w₂) + t."""
        return _pair(_ramp(w).gradient(w[0]), w[1]) + self.tilt

    def hessian_vector_product(self, w, v):
        """(min(|w₁|, 1)v₁, v₂)."""
        return _pair(_ramp(w).hessian_vector_product(w[0], v[0]), v[1])


def _entry(axis, x):
    """∂²f/∂w_k² where w_k = x."""
    e = np.full(2, Fraction(0))
    e[axis] = Fraction(1)
    return RampAndParabola(0 * e).hessian_vector_product(x * e, e)[axis]


def _ramp(w) -> EvenRamp:
    return EXACT_RAMP if isinstance(w[0], Fraction) else FLOAT_RAMP


def _pair(x, y):
    return np.array([x, y], dtype=object) if isinstance(x, Fraction) else jnp.stack([x, y])
