"""PyTorch: a loop over tasks with ``create_graph=True``, or tasks padded by hand with weights that mask them."""

from collections.abc import Callable

import torch

from benchmarks.peers.torch_network import outputs
from benchmarks.side_by_side import threads
from benchmarks.unequal.work import ALPHA, BETA, Work, padded


def total(losses_of: Callable, w):
    """The sum over tasks of the loss after an inner step; ``losses_of(w)`` is that sum, differentiable."""
    gradient = torch.autograd.grad(losses_of(w), w, create_graph=True)
    return losses_of([a - ALPHA * g for a, g in zip(w, gradient, strict=True)])


def gradient_by_loop(tasks, w):
    """Task after task."""
    found = [torch.zeros_like(leaf) for leaf in w]
    for x, y in tasks:
        loss = total(lambda w, x=x, y=y: torch.mean((outputs(w, x)[:, 0] - y) ** 2), w)
        found = [a + g / len(tasks) for a, g in zip(found, torch.autograd.grad(loss, w), strict=True)]
    return found


def gradient_padded(tasks, w):
    """All at once: weights with a leading axis of tasks."""
    x, y, weights = tasks
    each = [leaf.expand(len(x), *(leaf.shape if leaf.ndim == 2 else (1, *leaf.shape))) for leaf in w]
    loss = total(lambda w: torch.sum(weights * (outputs(w, x)[..., 0] - y) ** 2), each)
    return torch.autograd.grad(loss / len(x), w)


METHODS = {
    "loop": (gradient_by_loop, lambda tasks: [tuple(map(torch.tensor, task)) for task in tasks]),
    "padded": (gradient_padded, lambda tasks: tuple(map(torch.tensor, padded(tasks)))),
}


def prepare(work: Work, method: str) -> Callable[[int], tuple]:
    """``run(steps)`` gives the weights."""
    torch.set_num_threads(threads())
    gradient, moved_there = METHODS[method]
    tasks, first = moved_there(work.tasks), [torch.tensor(leaf) for layer in work.w for leaf in layer]

    def run(steps: int):
        w = [leaf.clone().requires_grad_() for leaf in first]
        for _ in range(steps):
            moved = [a - BETA * g for a, g in zip(w, gradient(tasks, w), strict=True)]
            w = [leaf.detach().requires_grad_() for leaf in moved]
        leaves = [leaf.detach().numpy() for leaf in w]
        return tuple(zip(leaves[::2], leaves[1::2], strict=True))

    return run
