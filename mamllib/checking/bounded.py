"""One-sided confidence bounds for the mean of samples whose range is known: they hold for every law and every n.

Let X₁, …, X_n ≥ 0 be independent with mean μ > 0. Who stakes a share f ∈ [0, 1] of a capital of 1 on each of them at
odds that are fair if the mean is m ends with K_f(m) = Π(1 − f + fX_i/m), and E K_f(μ) = 1. So the average K of a few
K_f has P(K(μ) ≥ 1/δ) ≤ δ by Markov's inequality. K falls in m, hence

    lower bound = inf{m: K(m) < 1/δ} ≤ μ   with probability at least 1 − δ,

and the upper bound is that of the reflected samples (Waudby-Smith and Ramdas, Estimating means of bounded random
variables by betting, 2024; with fixed stakes, the order of the samples does not matter). Samples need not share a law:
where μ is the mean of their means, E K_f(μ) ≤ 1 by the inequality of arithmetic and geometric means.

No maintained package offers these bounds: the newest release of ``confseq`` is of January 2023 and has no build for
Python 3.11 or later.
"""

import numpy as np
from scipy.special import logsumexp

from mamllib.checking.margins import ROUND_OFF

HALVINGS = 40
LARGE_STAKES = (1.0, 0.95, 0.85, 0.7)


def bounds_of_mean(samples, limits: tuple[float, float], risk: float):
    """(lower, upper) for the mean over the last axis of ``samples`` in ``limits``, each wrong with chance ≤ ``risk``.

    Raises:
        ValueError: a sample outside the limits, by more than round-off.
    """
    samples, (lowest, highest) = np.asarray(samples, dtype=float), limits
    slack = ROUND_OFF * max(abs(lowest), abs(highest), highest - lowest)
    low, width = lowest - slack, highest - lowest + 2 * slack
    shares = (samples - low) / width
    if not np.all((shares >= 0) & (shares <= 1)):
        found = f"{samples.min():.6g} to {samples.max():.6g}"
        raise ValueError(f"samples from {found} are not in the range {lowest:.6g} to {highest:.6g}")
    lower, upper = low + width * _lower(shares, risk), low + width * (1 - _lower(1 - shares, risk))
    return np.maximum(lower, lowest), np.minimum(upper, highest)


def _lower(shares, risk: float):
    """The lower bound of the mean of samples in [0, 1]; by bisection, and of two neighbours the one below."""
    below, above = np.zeros(shares.shape[:-1]), shares.mean(axis=-1)
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        refuted = _log_capital(shares, middle) >= -np.log(risk)
        below, above = np.where(refuted, middle, below), np.where(refuted, above, middle)
    return below


def _log_capital(shares, mean):
    """log K(m), the average over the stakes."""
    gains = shares / np.maximum(mean, np.finfo(float).tiny)[..., None] - 1
    stakes = _stakes(shares.shape[-1])
    with np.errstate(divide="ignore", over="ignore"):
        logs = [np.log1p(stake * gains).sum(axis=-1) for stake in stakes]
    return logsumexp(logs, axis=0) - np.log(len(stakes))


def _stakes(samples: int) -> list[float]:
    """Large stakes for samples that hardly vary, and ½, ¼, … down to 1/√n, near the best one where they vary much."""
    return [*LARGE_STAKES, *2.0 ** -np.arange(1, np.log2(samples) / 2 + 1.5)]
