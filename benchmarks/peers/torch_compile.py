"""The same step compiled, Adam and all: ``torch.compile`` of one function, which is called once a step."""

import torch
from torch.func import grad, grad_and_value

from benchmarks.peers.peer import Prepared, Run
from benchmarks.peers.torch_batched import mean_adapted_loss
from benchmarks.peers.torch_network import finished, tensors
from benchmarks.peers.work import Rows, Work
from benchmarks.side_by_side import threads

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


def adam(learning_rate: float, w, gradient, first, second, count):
    """(w, first moments, second moments) after one step."""
    first = [BETA_1 * m + (1 - BETA_1) * g for m, g in zip(first, gradient, strict=True)]
    second = [BETA_2 * v + (1 - BETA_2) * g * g for v, g in zip(second, gradient, strict=True)]
    scale_1, scale_2 = 1 - BETA_1**count, 1 - BETA_2**count
    moved = [
        a - learning_rate * (m / scale_1) / (torch.sqrt(v / scale_2) + EPSILON)
        for a, m, v in zip(w, first, second, strict=True)
    ]
    return moved, first, second


def prepare(work: Work, batches: Rows) -> Prepared:
    """One call a step, into one graph."""
    torch.set_num_threads(threads())
    start, listed = tensors(work, batches)

    def mean_loss(w, batch):
        return mean_adapted_loss(work, lambda loss, w: grad(loss)(w), w, *batch)

    @torch.compile(fullgraph=True, dynamic=False)
    def step(w, first, second, count, batch):
        gradient, value = grad_and_value(mean_loss)(w, batch)
        return *adam(work.learning_rate, w, gradient, first, second, count), count + 1, value

    def run(steps: int) -> Run:
        w, first, second = start, *([torch.zeros_like(leaf) for leaf in start] for _ in range(2))
        count, losses = torch.ones(()), []
        for batch in listed[:steps]:
            w, first, second, count, value = step(w, first, second, count, batch)
            losses.append(value)
        return finished(w, losses)

    return Prepared(run, "float32")
