"""Noise in one dimension whose sample gradients are given at a few points, for laws that depend on where w is."""

from itertools import pairwise

import numpy as np
from jaxtyping import PyTree

from mamllib import arithmetic
from mamllib.arithmetic import larger, smaller
from mamllib.tasks.noise import ROUND_OFF, Noise
from mamllib.tasks.task import register


@register
class KnottedNoise(Noise):
    """∇h(w, θ) joins the numbers θ, one a knot, by straight lines, and is constant beyond the outermost knots.

    ``atoms`` (m, k) are the θ, with their ``probabilities`` (m,), of mean zero at each of the k knots. E(∇h)² is convex
    between two knots, so σ̃² is its largest value at a knot; σ_H² is the largest mean square of a slope. Exact on
    arrays of fractions.
    """

    knots: PyTree
    atoms: PyTree
    probabilities: PyTree

    def deviations(self):
        """(σ̃, σ_H): √ of the largest mean square at a knot, and of a slope."""
        atoms, widths = np.asarray(self.atoms), np.diff(np.asarray(self.knots))
        squares = [(self._mean(values * values)).max() for values in (atoms, np.diff(atoms) / widths)]
        return tuple(map(arithmetic.root_above if arithmetic.is_exact(atoms) else _root, squares))

    def certificate(self):
        """The same, where each knot's mean is zero."""
        atoms = np.asarray(self.atoms)
        centred = np.all(abs(self._mean(atoms)) <= ROUND_OFF * self._mean(abs(atoms)))
        return self.deviations() if centred else None

    def potential(self, w, theta):
        """∫₀^w ∇h, piece by piece."""
        return self._integral(w, theta) - self._integral(0 * w, theta)

    def gradient(self, w, theta):
        """The broken line at w."""
        return theta[0] + sum(slope * reached for slope, _, reached, _ in self._pieces(w, theta))

    def hessian_vector_product(self, w, theta, v):
        """Its slope at w, the right one at a knot, times v."""
        inside = [
            arithmetic.where((w >= left) & (w < right), slope, 0 * slope)
            for (slope, *_), (left, right) in zip(self._pieces(w, theta), pairwise(self.knots), strict=True)
        ]
        return sum(inside) * v

    def support(self):
        """The atoms."""
        return tuple(self.atoms) if arithmetic.is_exact(self.atoms) else self.atoms

    def chances(self):
        """How likely each atom is."""
        return tuple(self.probabilities) if arithmetic.is_exact(self.atoms) else self.probabilities

    def _pieces(self, w, theta):
        """(slope, value at the left end, how far w is in it, how far beyond) for each piece."""
        for (left, right), (low, high) in zip(pairwise(self.knots), pairwise(theta), strict=True):
            reached = smaller(larger(w, left), right)
            yield (high - low) / (right - left), low, reached - left, w - reached

    def _integral(self, w, theta):
        """∫ from the first knot to w."""
        outside = theta[0] * smaller(w - self.knots[0], 0 * w)
        beyond = theta[-1] * larger(w - self.knots[-1], 0 * w)
        return outside + beyond + sum(low * x + slope * x * x / 2 for slope, low, x, _ in self._pieces(w, theta))

    def _mean(self, values):
        """E over the atoms of each column."""
        return np.asarray(self.probabilities) @ values


def _root(square) -> float:
    return float(np.sqrt(square))
