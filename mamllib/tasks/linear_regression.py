"""Linear regression y = ⟨w*, x⟩ + z: the risk over a known law of x, and samples of it."""

import itertools
import math
from fractions import Fraction
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic
from mamllib.arithmetic import plain
from mamllib.errors import ShapeError
from mamllib.shapes import require_same_shape
from mamllib.tasks.task import Constants, Task, register
from mamllib.uniforms import choice_from, normal_from

MOST_ATOMS = 3**6


class Law(NamedTuple):
    """A law of mean 0 and variance 1, of √square times one of ``values``; its fourth moment is ``kurtosis``.

    No ``values``: the standard normal law.
    """

    values: tuple[int, ...]
    chances: tuple[Fraction, ...]
    square: int
    kurtosis: int


LAWS = {
    "normal": Law((), (), 1, 3),
    "three points": Law((0, 1, -1), (Fraction(2, 3), Fraction(1, 6), Fraction(1, 6)), 3, 3),
    "signs": Law((1, -1), (Fraction(1, 2), Fraction(1, 2)), 1, 1),
}


@register
class LinearRegression(Task):
    """f(w) = ½E(⟨w, x⟩ − y)² = ½(w − w*)ᵀΣ(w − w*) + ν²/2, where x = Rs, y = ⟨w*, x⟩ + νs₀ and Σ = RRᵀ.

    The coordinates of s and s₀ are independent, of one law: ``normal``; ``three points`` {0, ±√3} with weights ⅔, ⅙, ⅙,
    which has the normal law's moments up to the fifth, so that all that is quadratic in a batch's second moments comes
    out as for it, in fractions; or ``signs`` ±1, which has another fourth moment. A sample is θ = (s, s₀), in units of
    √3 for three points: products of two are fractions.

    ``root`` R is (d, k), ``w_star`` (d,), ``noise`` ν a number, or ``None`` where y is ⟨w*, x⟩ itself.
    L = ‖Σ‖, ρ = 0, σ_H² = (tr Σ)² + ‖Σ‖_F² + (kurtosis − 3)Σ_j(RᵀR)_jj², and σ̃ = ∞: a sampled gradient's deviation
    grows with w.
    """

    __static__ = ("law",)

    root: PyTree
    w_star: PyTree
    noise: Any = None
    law: str = "normal"

    @property
    def covariance(self):
        """Σ = RRᵀ."""
        return self.root @ self.root.T

    @property
    def constants(self) -> Constants:
        """L, ρ, σ̃, σ_H as above; in fractions L and σ_H rounded up where they are irrational."""
        L = self._norm()
        return Constants(L, 0 * L, math.inf, self._hessian_deviation())

    def certificate(self) -> Constants:
        """The constants: the Hessian is Σ everywhere."""
        return self.constants

    def check_data(self) -> None:
        """Raise where shapes do not fit together, or the law is none of ``LAWS``."""
        if self.law not in LAWS:
            raise ValueError(f"law = {self.law!r} is not allowed: it is one of {', '.join(LAWS)}")
        if np.ndim(self.w_star) != 1 or np.ndim(self.root) != 2 or np.shape(self.root)[0] != np.size(self.w_star):
            shapes = np.shape(self.root), np.shape(self.w_star)
            raise ShapeError(f"root and w_star have shapes {shapes[0]} and {shapes[1]}; they are (d, k) and (d,)")

    def loss(self, w):
        """½(w − w*)ᵀΣ(w − w*) + ν²/2."""
        error = self._error(w) @ self.root
        return (error * error).sum() / 2 + (0 if self.noise is None else self.noise**2 / 2)

    def gradient(self, w):
        """Σ(w − w*)."""
        return self.root @ (self._error(w) @ self.root)

    def hessian_vector_product(self, w, v):
        """Σv."""
        return self.root @ (v @ self.root)

    def sample_loss(self, w, theta):
        """½(⟨w, x⟩ − y)²."""
        return LAWS[self.law].square * self._residual(w, theta) ** 2 / 2

    def sample_gradient(self, w, theta):
        """(⟨w, x⟩ − y)x."""
        return LAWS[self.law].square * self._residual(w, theta) * self._features(theta)

    def sample_hessian_vector_product(self, w, theta, v):
        """⟨x, v⟩x."""
        x = self._features(theta)
        return LAWS[self.law].square * (x @ v) * x

    def numbers_read(self, size: int) -> int:
        """One for every coordinate of θ."""
        return size * self._coordinates()

    def sample_from(self, numbers, size: int):
        """θ, coordinate by coordinate."""
        values, chances, *_ = LAWS[self.law]
        numbers = numbers[: self.numbers_read(size)].reshape(size, self._coordinates())
        if not values:
            return normal_from(numbers)
        return jnp.asarray(values, float)[choice_from(numbers, jnp.asarray(chances, float))]

    def support(self):
        """Every θ, where they are few enough."""
        values, count = LAWS[self.law].values, self._coordinates()
        if not values or len(values) ** count > MOST_ATOMS:
            return None
        atoms = np.array(list(itertools.product(values, repeat=count)))
        return (
            tuple(atoms + Fraction(0)) if arithmetic.is_exact(self.root) else arithmetic.as_array(atoms.astype(float))
        )

    def chances(self):
        """How likely each is."""
        chances = list(map(math.prod, itertools.product(LAWS[self.law].chances, repeat=self._coordinates())))
        return tuple(chances) if arithmetic.is_exact(self.root) else np.array(chances, dtype=float)

    def _coordinates(self) -> int:
        return np.shape(self.root)[1] + (self.noise is not None)

    def _error(self, w):
        require_same_shape("w", w, "w_star", self.w_star)
        return w - self.w_star

    def _features(self, theta):
        """x, in units of √square."""
        return self.root @ theta[: np.shape(self.root)[1]]

    def _residual(self, w, theta):
        """⟨w, x⟩ − y, in the same units."""
        fitted = self._features(theta) @ self._error(w)
        return fitted if self.noise is None else fitted - self.noise * theta[-1]

    def _norm(self):
        if not arithmetic.is_exact(self.root):
            norm = jnp.linalg.norm if arithmetic.is_traced(self.root) else np.linalg.norm
            return plain(norm(self.root, 2) ** 2)
        diagonal = np.diag(self.covariance)
        if not np.any(self.covariance - np.diag(diagonal)):
            return max(diagonal)
        return arithmetic.root_above((self.covariance**2).sum())

    def _hessian_deviation(self):
        inner = self.root.T @ self.root
        square = sum(np.diagonal(inner)) ** 2 if arithmetic.is_exact(inner) else inner.trace() ** 2
        square = square + (inner**2).sum() + (LAWS[self.law].kurtosis - 3) * (inner.diagonal() ** 2).sum()
        return arithmetic.root_above(square) if isinstance(square, Fraction) else plain(arithmetic.sqrt(square))
