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
    """The mean (d,) of the draws of ∇f(w̃) − ∇f(w⁺), the mean of their squared norms, and how many there were."""

    mean: np.ndarray
    mean_square: float
    samples: int

    @property
    def variance(self) -> float:
        """E‖X − EX‖² of one draw."""
        return self.mean_square - float(self.mean @ self.mean)


def work(alpha: float, rows: int = ROWS, dimension: int = DIMENSION) -> Work:
    """The same task for every α."""
    rng = np.random.default_rng(SEED)
    x, direction = rng.normal(size=(rows, dimension)), rng.normal(size=dimension)
    chances = 1 / (1 + np.exp(-2 * x @ direction / np.linalg.norm(direction)))
    y = np.where(rng.uniform(size=rows) < chances, 1.0, -1.0)
    return Work(x, y, 0.3 * rng.normal(size=dimension), alpha)
