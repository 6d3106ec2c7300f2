"""PyTorch: the same as in NumPy, in float64 or float32."""

import torch

from benchmarks.bias.by_numpy import AT_ONCE
from benchmarks.bias.way import Prepared
from benchmarks.bias.work import RIDGE, Drawn, Work
from benchmarks.side_by_side import threads


def prepare(work: Work, dtype: str) -> Prepared:
    """Draws in pieces of 1,024, in the memory of one; sums are kept in float64."""
    torch.set_num_threads(threads())
    x, y, w = (torch.tensor(leaf, dtype=getattr(torch, dtype)) for leaf in work[:3])
    at_w = (-y * torch.sigmoid(-y * (x @ w)))[:, None] * x + RIDGE * w

    def gradients(points):
        slopes = -y * torch.sigmoid(-y * (points @ x.T))
        return slopes @ x / len(x) + RIDGE * points

    after = gradients(w - work.alpha * at_w.mean(dim=0)[None])

    def values(rows):
        return gradients(w - work.alpha * at_w[rows].mean(dim=1)) - after

    def draw(samples: int, seed: int) -> Drawn:
        source, total, squares = torch.Generator().manual_seed(seed), torch.zeros(x.shape[1], dtype=torch.float64), 0.0
        for _ in range(samples // AT_ONCE):
            found = values(torch.randint(len(x), (AT_ONCE, work.D_in), generator=source))
            total += found.sum(dim=0)
            squares += float((found**2).sum())
        return Drawn.of_sums(total.numpy(), squares, samples)

    return Prepared(draw, lambda rows: values(torch.tensor(rows)).numpy())
