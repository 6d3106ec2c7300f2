"""A Python loop over tasks with ``create_graph=True``, as libraries such as higher have it."""

import torch

from benchmarks.peers.peer import Prepared
from benchmarks.peers.torch_network import loss_of, prepared
from benchmarks.peers.work import Rows, Work


def prepare(work: Work, batches: Rows) -> Prepared:
    """Task after task, gradients adding up."""
    loss = loss_of(work)

    def set_gradients(w, batch):
        total = 0.0
        for leaf in w:
            leaf.grad = None
        for x_in, y_in, x_out, y_out in zip(*batch, strict=True):
            fast = w
            for _ in range(work.inner_steps):
                gradient = torch.autograd.grad(loss(fast, x_in, y_in), fast, create_graph=True)
                fast = [a - work.alpha * g for a, g in zip(fast, gradient, strict=True)]
            outer = loss(fast, x_out, y_out) / work.tasks
            outer.backward()
            total += outer.detach()
        return total

    return prepared(work, batches, set_gradients)
