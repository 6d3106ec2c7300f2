"""What is drawn: a logistic task of 1,000 rows in 50 dimensions, batches of ten, at a random point."""

from typing import NamedTuple

import numpy as np

SEED, ROWS, DIMENSION, D_IN, RIDGE = 5, 1_000, 50, 10, 0.01
ALPHAS = (1.0, 0.3, 0.1)


class Work(NamedTuple):
    """Rows x (n, d) with labels y = ±1, the point w (d,) and the inner step α."""

    x: np.ndarray
    y: np.ndarray
    w: np.ndarray
    alpha: float
    D_in: int = D_IN


class Drawn(NamedTuple):
    """The mean (d,) of the draws of ∇f(w̃) − ∇f(w⁺), how many there were, and their variance.

    The variance is samples × the squared standard error of the mean, which for independent draws is E‖X − EX‖².
    """

    mean: np.ndarray
    variance: float
    samples: int

    @classmethod
    def of_sums(cls, total: np.ndarray, squares: float, samples: int) -> "Drawn":
        """Of the sum of independent draws and of the sum of their squared norms."""
        mean = total / samples
        return cls(mean, squares / samples - float(mean @ mean), samples)


def work(alpha: float, rows: int = ROWS, dimension: int = DIMENSION) -> Work:
    """The same task for every α."""
    rng = np.random.default_rng(SEED)
    x, direction = rng.normal(size=(rows, dimension)), rng.normal(size=dimension)
    chances = 1 / (1 + np.exp(-2 * x @ direction / np.linalg.norm(direction)))
    y = np.where(rng.uniform(size=rows) < chances, 1.0, -1.0)
    return Work(x, y, 0.3 * rng.normal(size=dimension), alpha)
