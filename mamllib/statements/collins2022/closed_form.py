"""What one inner step makes of a linear regression: moments of batches in closed form, in floats or in fractions."""

import math

import numpy as np

from mamllib import arithmetic
from mamllib.statements.kit import Q


def per_sample(alpha, m):
    """α²/m; 0 for the gradient itself."""
    return 0 * alpha if m == math.inf else alpha * alpha / m


def adapted_curvature(covariance, alpha, m):
    """Q = (I − αΣ)Σ(I − αΣ) + (α²/m)(tr(Σ²)Σ + Σ³), shape (d, d), for features of kurtosis 3."""
    one = np.identity(len(covariance), dtype=int) + (Q(0) if arithmetic.is_exact(covariance) else 0.0)
    contracted = one - alpha * covariance
    return contracted @ covariance @ contracted + per_sample(alpha, m) * sampled(covariance)


def sampled(covariance):
    """E[xxᵀΣxxᵀ] − Σ³ = tr(Σ²)Σ + Σ³, by Isserlis."""
    square = covariance @ covariance
    return trace(square) * covariance + covariance @ square


def trace(matrix):
    """tr A, also in fractions."""
    return sum(np.diagonal(matrix))


def form(error, matrix):
    """½⟨e, Ae⟩."""
    return error @ matrix @ error / 2
