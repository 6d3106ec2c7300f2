"""A task with its data split in two: what the inner steps see, and what the outer loss is measured on."""

from typing import Any

from mamllib.arithmetic import larger
from mamllib.tasks.task import Constants, Task, register


@register
class Split(Task):
    """``inner`` is l_S, on which the inner steps go; ``outer`` is l_T, the loss after them. As a task it is l_T.

    The finite-sum case of Ji et al. (2022): only tasks are sampled, and every step uses all the data it has.
    """

    inner: Any
    outer: Any

    @property
    def constants(self) -> Constants:
        """L of both, ρ of the inner loss, no noise."""
        return _of_both(self.inner.constants, self.outer.constants)

    def certificate(self) -> Constants | None:
        """The same, as far as it is proved."""
        proved = self.inner.certificate(), self.outer.certificate()
        return None if None in proved else _of_both(*proved)

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """That of the outer losses, where they are of one kind."""
        (kind, *others) = {type(task.outer) for task in tasks}
        return None if others else kind.certified_deviation([task.outer for task in tasks], probabilities)

    def without_noise(self) -> "Split":
        """The same of both losses."""
        return Split(self.inner.without_noise(), self.outer.without_noise())

    def check_data(self) -> None:
        """What both losses have to say of their data."""
        self.inner.check_data()
        self.outer.check_data()

    def loss(self, w):
        """l_T(w)."""
        return self.outer.loss(w)

    def gradient(self, w):
        """∇l_T(w)."""
        return self.outer.gradient(w)

    def hessian_vector_product(self, w, v):
        """∇²l_T(w) v."""
        return self.outer.hessian_vector_product(w, v)


def _of_both(inner: Constants, outer: Constants) -> Constants:
    return Constants(larger(inner.L, outer.L), inner.rho, 0 * inner.L, 0 * inner.L)
