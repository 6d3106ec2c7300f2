"""PyTorch batched by hand: matrix products over all tasks, and ``torch.autograd.grad(create_graph=True)``."""

import torch

from benchmarks.peers.peer import Prepared
from benchmarks.peers.torch_batched import mean_adapted_loss
from benchmarks.peers.torch_network import prepared
from benchmarks.peers.work import Rows, Work


def prepare(work: Work, batches: Rows) -> Prepared:
    """One graph a step."""

    def gradient(loss, w):
        return torch.autograd.grad(loss(w), w, create_graph=True)

    def set_gradients(w, batch):
        value = mean_adapted_loss(work, gradient, w, *batch)
        for leaf, of_leaf in zip(w, torch.autograd.grad(value, w), strict=True):
            leaf.grad = of_leaf
        return value.detach()

    return prepared(work, batches, set_gradients)
