"""One-sided confidence bounds for a mean and for the norm of a mean, from block means.

Where the range of the samples is known, the bounds hold for every law (``bounded``). Elsewhere they are Student's and
hold under approximate normality of the mean: for few or very skewed samples they miss far more often than they say
(``measured/coverage.csv``).

The norm of an estimated mean is biased upward: E‖X̄‖² = ‖μ‖² + tr Σ/n. The U-statistic over pairs of different
blocks, U = (‖ΣY‖² − Σ‖Y‖²)/(m(m − 1)), has E U = ‖μ‖² exactly. Its jackknife gives the lower bound, conservative at
μ = 0 (there the jackknife doubles the variance in the limit); the upper bound inverts a test.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import stdtrit

from mamllib.checking.bounded import bounds_of_mean
from mamllib.checking.quantity import Quantity
from mamllib.checking.verdict import Grade

FAMILY_RISK = 1e-3


@dataclass(frozen=True)
class NormOfMean:
    """‖E X‖ from independent block means ``blocks`` (m, d), or for several points at once (points, m, d).

    ``radius`` is given where ‖X‖ ≤ radius is known: then the products of two blocks each, whose mean is ‖E X‖², have
    the range ± radius², and their bounds hold for every law.
    """

    blocks: Float[np.ndarray, "*points blocks d"]
    radius: float | None = None

    def quantity(self, risk: float) -> Quantity:
        """Value √max(U, 0) with one-sided bounds, each wrong with probability at most ``risk``: for every law where
        the radius is known, else under approximate normality."""
        square, error = _norm_squared_and_error(self.blocks)
        if self.radius is None:
            quantile = _student(risk, self.blocks.shape[-2])
            bounds = square - quantile * error, _upper_bound(self.blocks, square, quantile)
        else:
            bounds = _bounds_by_pairs(self.blocks, self.radius, risk)
            square = np.clip(square, *bounds)
        return Quantity(*(np.sqrt(np.maximum(bound, 0)) for bound in (square, *bounds)), Grade.STATISTICAL)


@dataclass(frozen=True)
class Mean:
    """E X of a scalar from independent samples, or means of blocks of them, ``blocks`` (m,), or for several points at
    once (points, m). ``range`` is (lowest, highest) where it is known that X lies between."""

    blocks: Float[np.ndarray, "*points blocks"]
    range: tuple[float, float] | None = None

    def quantity(self, risk: float) -> Quantity:
        """The mean with one-sided bounds, each wrong with probability at most ``risk``: for every law where the range
        is known, else under approximate normality."""
        lower, upper = mean_bounds(self.blocks, risk, self.range)
        return Quantity(self.blocks.mean(axis=-1), lower, upper, Grade.STATISTICAL)


def mean_bounds(samples, risk: float, limits: tuple[float, float] | None = None):
    """(lower, upper) for the mean over the last axis: by betting where the samples' range is known, else Student's."""
    if limits is not None:
        return bounds_of_mean(samples, limits, risk)
    m, mean = samples.shape[-1], samples.mean(axis=-1)
    reach = _student(risk, m) * samples.std(axis=-1, ddof=1) / np.sqrt(m)
    return mean - reach, mean + reach


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


def _bounds_by_pairs(blocks, radius: float, risk: float):
    """Bounds of ‖E X‖² from the products of disjoint pairs of blocks, which are independent of each other."""
    pairs = blocks.shape[-2] // 2
    products = (blocks[..., :pairs, :] * blocks[..., pairs : 2 * pairs, :]).sum(axis=-1)
    return bounds_of_mean(products, (-(radius**2), radius**2), risk)


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
