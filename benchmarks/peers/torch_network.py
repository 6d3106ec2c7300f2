"""The network, its losses and what every loop in PyTorch shares; weights may have a leading axis of tasks."""

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.peers.peer import Prepared, Run
from benchmarks.peers.work import Rows, Work, start
from benchmarks.side_by_side import threads


def tensors(work: Work, batches: Rows) -> tuple[list[torch.Tensor], list[tuple[torch.Tensor, ...]]]:
    """Weights and biases in one list, and the batches of every step; labels in int64, as PyTorch wants them."""
    w = [torch.tensor(leaf) for layer in start(work) for leaf in layer]
    leaves = [torch.tensor(leaf.astype(np.int64) if leaf.dtype.kind == "i" else leaf) for leaf in batches]
    return w, list(zip(*leaves, strict=True))


def outputs(w, x):
    """Those (…, rows, outputs) of the rectified network; a bias is (outputs,) or (tasks, 1, outputs)."""
    *hidden, last = zip(w[::2], w[1::2], strict=True)
    for weights, bias in hidden:
        x = torch.relu(x @ weights + bias)
    return x @ last[0] + last[1]


def loss_of(work: Work) -> Callable:
    """``loss(w, x, y)``: the mean over the rows of one task."""
    if work.classifies:
        return lambda w, x, y: torch.nn.functional.cross_entropy(outputs(w, x), y)
    return lambda w, x, y: torch.mean((outputs(w, x)[..., 0] - y) ** 2)


def prepared(work: Work, batches: Rows, set_gradients: Callable) -> Prepared:
    """A loop over ``set_gradients(w, batch)``, which sets ``.grad`` and returns the loss, and PyTorch's fused Adam."""
    torch.set_num_threads(threads())
    first, listed = tensors(work, batches)

    def run(steps: int) -> Run:
        w = [leaf.clone().requires_grad_() for leaf in first]
        optimizer, losses = torch.optim.Adam(w, lr=work.learning_rate, fused=True), []
        for batch in listed[:steps]:
            losses.append(set_gradients(w, batch))
            optimizer.step()
        return finished(w, losses)

    return Prepared(run, "float32")


def finished(w, losses) -> Run:
    """The run in NumPy."""
    leaves = [leaf.detach().numpy().copy() for leaf in w]
    return Run(tuple(zip(leaves[::2], leaves[1::2], strict=True)), np.array([float(loss) for loss in losses]))
