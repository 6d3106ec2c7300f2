"""One-sided confidence bounds for a mean and for the norm of a mean, from block means.

The norm of an estimated mean is biased upward: E‖X̄‖² = ‖μ‖² + tr Σ/n. The U-statistic over pairs of different
blocks, U = (‖ΣY‖² − Σ‖Y‖²)/(m(m − 1)), has E U = ‖μ‖² exactly. Its jackknife gives the lower bound, conservative at
μ = 0 (there the jackknife doubles the variance in the limit); the upper bound inverts a test.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import stdtrit

from mamllib.checking.quantity import Quantity
from mamllib.checking.verdict import Grade

FAMILY_RISK = 1e-3


@dataclass(frozen=True)
class NormOfMean:
    """‖E X‖ from independent block means ``blocks`` (m, d), or for several points at once (points, m, d)."""

    blocks: Float[np.ndarray, "*points blocks d"]

    def quantity(self, risk: float) -> Quantity:
        """Value √max(U, 0) with one-sided bounds, each wrong with probability at most ``risk``."""
        square, error = _norm_squared_and_error(self.blocks)
        quantile = _student(risk, self.blocks.shape[-2])
        bounds = square, square - quantile * error, _upper_bound(self.blocks, square, quantile)
        return Quantity(*(np.sqrt(np.maximum(bound, 0)) for bound in bounds), Grade.STATISTICAL)


@dataclass(frozen=True)
class Mean:
    """E X of a scalar from independent block means ``blocks`` (m,), or for several points at once (points, m)."""

    blocks: Float[np.ndarray, "*points blocks"]

    def quantity(self, risk: float) -> Quantity:
        """The mean with one-sided Student bounds, each wrong with probability at most ``risk``."""
        blocks = self.blocks
        m = blocks.shape[-1]
        value = blocks.mean(axis=-1)
        reach = _student(risk, m) * blocks.std(axis=-1, ddof=1) / np.sqrt(m)
        return Quantity(value, value - reach, value + reach, Grade.STATISTICAL)


def risk_per_comparison(comparisons: int, family_risk: float = FAMILY_RISK) -> float:
    """Bonferroni: with this risk for each of ``comparisons``, all hold together but for ``family_risk``."""
    return family_risk / max(comparisons, 1)


def _norm_squared_and_error(blocks):
    m = blocks.shape[-2]
    total = blocks.sum(axis=-2, keepdims=True)
    squares = (blocks**2).sum(axis=-1)
    pairs = (total**2).sum(axis=-1) - squares.sum(axis=-1, keepdims=True)
    # ‖S − Y_k‖² − (Q − ‖Y_k‖²): the same pair sum with block k left out.
    without = pairs - 2 * (blocks * (total - blocks)).sum(axis=-1)
    u, u_without = pairs[..., 0] / (m * (m - 1)), without / ((m - 1) * (m - 2))
    pseudo_values = m * u[..., None] - (m - 1) * u_without
    return u, pseudo_values.std(axis=-1, ddof=1) / np.sqrt(m)


def _upper_bound(blocks, square, quantile):
    """The largest θ = ‖μ‖² with θ − quantile·√V(θ) ≤ U, where V(θ) = 4θλ/m + 2 tr(S²)/m² ≥ Var U at that θ.

    S is the covariance of a block mean and λ its largest eigenvalue. The jackknife error cannot serve here: where the
    mean is faint a low U comes with a low error, and the bound would miss from below.
    """
    m = blocks.shape[-2]
    centred = blocks - blocks.mean(axis=-2, keepdims=True)
    spectrum = np.linalg.svd(centred, compute_uv=False) ** 2 / (m - 1)
    half_slope = 2 * quantile**2 * spectrum.max(axis=-1) / m
    constant = 2 * quantile**2 * (spectrum**2).sum(axis=-1) / m**2
    inside = half_slope**2 + 2 * half_slope * np.maximum(square, 0) + constant
    return np.maximum(square, 0) + half_slope + np.sqrt(inside)


def _student(risk: float, blocks: int) -> float:
    """The 1 − risk quantile of Student's t with ``blocks`` − 1 degrees of freedom."""
    return stdtrit(blocks - 1, 1 - risk)
