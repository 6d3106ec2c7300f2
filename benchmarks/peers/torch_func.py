"""torch.func: a ``vmap`` over tasks of the loss after gradient steps, and ``grad`` through it."""

from torch.func import grad, grad_and_value, vmap

from benchmarks.peers.peer import Prepared
from benchmarks.peers.torch_network import loss_of, prepared
from benchmarks.peers.work import Rows, Work


def prepare(work: Work, batches: Rows) -> Prepared:
    """Functions of one task, mapped."""
    loss = loss_of(work)

    def adapted_loss(w, x_in, y_in, x_out, y_out):
        for _ in range(work.inner_steps):
            w = [a - work.alpha * g for a, g in zip(w, grad(loss)(w, x_in, y_in), strict=True)]
        return loss(w, x_out, y_out)

    def mean_loss(w, batch):
        return vmap(adapted_loss, in_dims=(None, 0, 0, 0, 0))(w, *batch).mean()

    def set_gradients(w, batch):
        gradient, value = grad_and_value(mean_loss)([leaf.detach() for leaf in w], batch)
        for leaf, of_leaf in zip(w, gradient, strict=True):
            leaf.grad = of_leaf
        return value

    return prepared(work, batches, set_gradients)
