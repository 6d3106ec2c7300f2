"""The 45 digit pairs as linear regressions: what the closed form of normal features predicts, and what the images say.

Task (a, b): y = ±1 for the two digits, by least squares on the first principal components of all images and a constant
feature. With E over the images of the pair, Σ = E xxᵀ, w* = Σ⁻¹E xy, and g = x(⟨x, w⟩ − y) for an inner step on m
images drawn with replacement,

    E f(w − αḡ) = ½(e − αΣe)ᵀΣ(e − αΣe) + (α²/2m)(E gᵀΣg − (Σe)ᵀΣ(Σe)) + ν²/2,   e = w − w*,

which is quadratic in w and holds for every law of (x, y). For normal x and independent noise it is C1.
"""

from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np

from mamllib.statements.collins2022.closed_form import adapted_curvature
from mamllib.tasks.digits import handwritten_digits

COMPONENTS = 10


class Regression(NamedTuple):
    """``features`` (n, d) and ``labels`` (n,) of one pair, scaled so that the largest curvature of any pair is 1."""

    pair: tuple[int, int]
    features: np.ndarray
    labels: np.ndarray

    @property
    def covariance(self):
        """Σ."""
        return self.features.T @ self.features / len(self.features)

    @property
    def optimum(self):
        """w*."""
        return np.linalg.solve(self.covariance, self.features.T @ self.labels / len(self.labels))


class Adapted(NamedTuple):
    """The adapted risk ½wᵀQw − ⟨b, w⟩ + a constant."""

    curvature: np.ndarray
    slope: np.ndarray

    def excess(self, w) -> float:
        """The risk at w over its least."""
        error = w - np.linalg.solve(self.curvature, self.slope)
        return float(error @ self.curvature @ error / 2)


@cache
def regressions(components: int = COMPONENTS) -> tuple[Regression, ...]:
    """All 45."""
    data = handwritten_digits()
    centred = data.data - data.data.mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:components]
    features = np.hstack([centred @ directions.T, np.full((len(centred), 1), np.abs(centred).mean())])
    found = [_pair(features, data.target, pair) for pair in combinations(range(10), 2)]
    largest = max(np.linalg.norm(each.covariance, 2) for each in found)
    return tuple(each._replace(features=each.features / np.sqrt(largest)) for each in found)


def _pair(features, target, pair) -> Regression:
    rows = np.isin(target, pair)
    return Regression(pair, features[rows], np.where(target[rows] == pair[0], 1.0, -1.0))


def predicted(task: Regression, alpha: float, m: int) -> Adapted:
    """By C1, as if features were normal and noise independent of them."""
    curvature = adapted_curvature(task.covariance, alpha, m)
    return Adapted(curvature, curvature @ task.optimum)


def measured(task: Regression, alpha: float, m: int) -> Adapted:
    """From the images: every moment that the formula above asks for."""
    covariance, n = task.covariance, len(task.features)
    left = covariance - alpha * covariance @ covariance
    whole = left - alpha * covariance @ left  # (I − αΣ)Σ(I − αΣ)
    sizes = np.einsum("ni,ij,nj->n", task.features, covariance, task.features)
    fourth = (task.features * sizes[:, None]).T @ task.features / n
    crossed = (task.features * (sizes * task.labels)[:, None]).sum(axis=0) / n
    cube = covariance @ covariance @ covariance
    share = alpha**2 / m
    return Adapted(
        whole + share * (fourth - cube),
        whole @ task.optimum + share * (crossed - cube @ task.optimum),
    )


def minimiser(risks) -> np.ndarray:
    """Where the mean of these risks is least."""
    curvature, slope = (sum(column) for column in zip(*risks, strict=True))
    return np.linalg.solve(curvature, slope)


def standard(task: Regression) -> Adapted:
    """The risk itself, which standard training minimises."""
    return Adapted(task.covariance, task.covariance @ task.optimum)


def hardness(task: Regression, alpha: float) -> float:
    """The share of a risk that one full step leaves, averaged over the directions of the error: tr Q/tr Σ at m = ∞."""
    return float(np.trace(adapted_curvature(task.covariance, alpha, np.inf)) / np.trace(task.covariance))
