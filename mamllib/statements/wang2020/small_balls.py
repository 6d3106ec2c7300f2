"""The condition of S4, P_M(|uᵀx| ≤ ξ) ≤ cξ for unit u, on inputs drawn from M: refuted, or not refuted.

For a direction u that does not depend on the inputs, P(sup_ξ F_n(ξ) − F(ξ) > √(log(1/p)/(2n))) ≤ p, F_n the empirical
distribution of |uᵀx| (Dvoretzky, Kiefer and Wolfowitz; the constant is Massart's, p ≤ ½). So F_n − cξ above that
refutes the condition, up to p. Tried are directions given (the neurons' own) and directions orthogonal to one of the
inputs, which is then left out: for a point mass, a few points, a thin cluster or a plane, F_n leaps at ξ ≈ 0.
"""

import numpy as np

from mamllib.checking.statistics import Mean

RISK = 1e-6  # of a condition that holds, refuted
GIVEN, ORTHOGONAL = 8, 24
COARSEST = 0.5  # a sample whose F_n may be off by more says nothing


def reach(points: int) -> float:
    """√(log(1/p)/(2n)) for all directions at once."""
    return float(np.sqrt(np.log((GIVEN + ORTHOGONAL) / RISK) / (2 * max(points - 1, 1))))


def excess(inputs, directions, c: float) -> float:
    """sup over ξ and the directions tried of F_n(ξ) − cξ, less what chance allows; > 0 refutes, NaN: too few inputs.

    Args:
        inputs: x (N, d). directions: (k, d), of any length, those of length 0 aside; the first few are tried.
    """
    points = len(inputs)
    if reach(points) > COARSEST:
        return float("nan")
    given = directions[:GIVEN]
    chosen = inputs[:: max(points // ORTHOGONAL, 1)][:ORTHOGONAL]
    random = np.random.default_rng(0).normal(size=chosen.shape)
    along = np.sum(random * chosen, axis=1) / np.maximum(np.sum(chosen**2, axis=1), 1e-300)
    tried = np.concatenate([given, random - along[:, None] * chosen])
    lengths = np.linalg.norm(tried, axis=1, keepdims=True)
    tried = (tried / np.where(lengths > 1e-9, lengths, np.nan))[lengths[:, 0] > 1e-9]
    cosines = np.sort(np.abs(inputs @ tried.T), axis=0)[1:]  # the smallest belongs to the input left out
    shares = np.arange(1, points)[:, None] / (points - 1)
    return float((shares - c * cosines).max() - reach(points))


def likely_excess(values, limits: tuple[float, float] | None = None) -> float:
    """A lower confidence bound of the mean of independent values: > 0 refutes that the mean is ≤ 0. It holds for every
    law where the ``limits`` of the values are known, else under approximate normality."""
    return float(Mean(np.asarray(values, float), limits).quantity(RISK).lower)
