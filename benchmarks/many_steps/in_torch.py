"""PyTorch: one graph through all steps, batched by hand or by ``torch.func``."""

import numpy as np
import torch
from torch.func import grad, vmap

from benchmarks.many_steps.work import Prepared, flat, tasks
from benchmarks.peers.torch_batched import mean_adapted_loss
from benchmarks.peers.torch_network import loss_of, tensors
from benchmarks.peers.work import Rows, Work
from benchmarks.side_by_side import threads


def by_hand(work: Work, w, given):
    """``torch.autograd.grad`` with ``create_graph=True``."""
    w = [leaf.detach().requires_grad_() for leaf in w]

    def gradient(loss, w):
        return torch.autograd.grad(loss(w), w, create_graph=True)

    return torch.autograd.grad(mean_adapted_loss(work, gradient, w, *given), w)


def by_func(work: Work, w, given):
    """``grad`` of a ``vmap`` of ``grad``."""
    loss = loss_of(work)

    def adapted_loss(w, x_in, y_in, x_out, y_out):
        for _ in range(work.inner_steps):
            w = [a - work.alpha * g for a, g in zip(w, grad(loss)(w, x_in, y_in), strict=True)]
        return loss(w, x_out, y_out)

    return grad(lambda w: vmap(adapted_loss, in_dims=(None, 0, 0, 0, 0))(w, *given).mean())(w)


METHODS = {"create_graph": by_hand, "torch.func": by_func}


def prepare(work: Work, method: str) -> Prepared:
    """One thread a core."""
    torch.set_num_threads(threads())
    w, (given,) = tensors(work, Rows(*(leaf[None] for leaf in tasks(work))))

    def run() -> np.ndarray:
        leaves = [leaf.detach().numpy() for leaf in METHODS[method](work, w, given)]
        return flat(zip(leaves[::2], leaves[1::2], strict=True))

    return Prepared(run)
