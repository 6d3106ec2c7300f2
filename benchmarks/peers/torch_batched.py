"""The adapted loss of all tasks at once, batched by hand: weights with a leading axis of tasks."""

from collections.abc import Callable

import torch

from benchmarks.peers.torch_network import outputs
from benchmarks.peers.work import Work


def total_loss(work: Work, w, x, y):
    """The sum over tasks of the mean over rows."""
    found = outputs(w, x)
    if work.classifies:
        flat = torch.nn.functional.cross_entropy(found.flatten(0, 1), y.flatten(), reduction="sum")
        return flat / y.shape[1]
    return torch.sum((found[..., 0] - y) ** 2) / y.shape[1]


def mean_adapted_loss(work: Work, gradient: Callable, w, x_in, y_in, x_out, y_out):
    """The mean over tasks after the inner steps; ``gradient(loss, w)`` is differentiable."""
    fast = [_a_copy_each(leaf, work.tasks) for leaf in w]
    for _ in range(work.inner_steps):
        step = gradient(lambda w: total_loss(work, w, x_in, y_in), fast)
        fast = [a - work.alpha * g for a, g in zip(fast, step, strict=True)]
    return total_loss(work, fast, x_out, y_out) / work.tasks


def _a_copy_each(leaf, tasks: int):
    """(tasks, n, m) for weights, (tasks, 1, m) for a bias."""
    return leaf.expand(tasks, *leaf.shape) if leaf.ndim == 2 else leaf.expand(tasks, 1, *leaf.shape)
