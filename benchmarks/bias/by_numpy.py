"""NumPy: a thousand draws at once, two matrix products each time; the gradients of all rows at w are made once."""

import numpy as np

from benchmarks.bias.way import Prepared
from benchmarks.bias.work import RIDGE, Drawn, Work

AT_ONCE = 1_024


def row_gradients(work: Work) -> np.ndarray:
    """∇f(w, j) for every row j, (n, d)."""
    slopes = -work.y / (1 + np.exp(work.y * (work.x @ work.w)))
    return slopes[:, None] * work.x + RIDGE * work.w


def gradients(work: Work, points: np.ndarray) -> np.ndarray:
    """∇f at points (k, d)."""
    slopes = -work.y / (1 + np.exp(work.y * (points @ work.x.T)))
    return slopes @ work.x / len(work.x) + RIDGE * points


def prepare(work: Work) -> Prepared:
    """Draws in pieces of 1,024, in the memory of one."""
    at_w = row_gradients(work)
    after = gradients(work, work.w - work.alpha * at_w.mean(axis=0)[None])

    def of_batches(rows):
        return gradients(work, work.w - work.alpha * at_w[rows].mean(axis=1)) - after

    def draw(samples: int, seed: int) -> Drawn:
        rng, total, squares = np.random.default_rng(seed), 0.0, 0.0
        for _ in range(samples // AT_ONCE):
            values = of_batches(rng.integers(0, len(work.x), (AT_ONCE, work.D_in)))
            total, squares = total + values.sum(axis=0), squares + np.sum(values**2)
        return Drawn.of_sums(total, squares, samples)

    return Prepared(draw, of_batches)
