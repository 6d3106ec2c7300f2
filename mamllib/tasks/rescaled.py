"""The same task in other units: f becomes μf(·/ν), so that nothing dimensionless may move."""

from dataclasses import replace
from typing import Any

from mamllib import tree
from mamllib.arithmetic import plain
from mamllib.tasks.samples import samples_from, samples_read
from mamllib.tasks.task import Constants, Parameters, Task, register

# Powers of (μ, ν) by which each constant is multiplied.
UNITS = Constants(L=(1, -2), rho=(1, -3), sigma_tilde=(1, -1), sigma_H=(1, -2))


@register
class Rescaled(Task):
    """μf(w/ν) with samples μf(w/ν, θ): L becomes μL/ν², ρ μρ/ν³, σ̃ μσ̃/ν and σ_H μσ_H/ν²."""

    task: Any
    mu: Parameters
    nu: Parameters

    @property
    def constants(self) -> Constants:
        """Those of the task in the new units."""
        return self._in_units(self.task.constants)

    def certificate(self) -> Constants | None:
        """What is proved of the task, in the new units."""
        proved = self.task.certificate()
        return None if proved is None else self._in_units(proved)

    def knots(self):
        """Those of the task, ν times as far out."""
        known = self.task.knots()
        return None if known is None else tuple(self.nu * knot for knot in known)

    @classmethod
    def certified_deviation(cls, tasks, probabilities):
        """That of the tasks, times μ/ν, where all share their units."""
        kinds, units = {type(each.task) for each in tasks}, {(plain(each.mu), plain(each.nu)) for each in tasks}
        if len(kinds) > 1 or len(units) > 1:
            return None
        known = kinds.pop().certified_deviation([each.task for each in tasks], probabilities)
        return None if known is None else known * tasks[0].slope

    def without_noise(self) -> Task:
        """The loss, in the new units."""
        return replace(self, task=self.task.without_noise())

    def check_data(self) -> None:
        """What the task has to say of its own data."""
        self.task.check_data()

    @property
    def slope(self):
        """μ/ν, the unit of a gradient."""
        return self.mu / self.nu

    @property
    def curvature(self):
        """μ/ν², the unit of a Hessian."""
        return self.slope / self.nu

    def loss(self, w):
        """μf(w/ν)."""
        return self.mu * self.task.loss(self._shrunk(w))

    def gradient(self, w):
        """(μ/ν)∇f(w/ν)."""
        return tree.scale(self.slope, self.task.gradient(self._shrunk(w)))

    def hessian_vector_product(self, w, v):
        """(μ/ν²)∇²f(w/ν)v."""
        return tree.scale(self.curvature, self.task.hessian_vector_product(self._shrunk(w), v))

    def sample_loss(self, w, theta):
        """μf(w/ν, θ)."""
        return self.mu * self.task.sample_loss(self._shrunk(w), theta)

    def sample_gradient(self, w, theta):
        """(μ/ν)∇f(w/ν, θ)."""
        return tree.scale(self.slope, self.task.sample_gradient(self._shrunk(w), theta))

    def sample_hessian_vector_product(self, w, theta, v):
        """(μ/ν²)∇²f(w/ν, θ)v."""
        return tree.scale(self.curvature, self.task.sample_hessian_vector_product(self._shrunk(w), theta, v))

    def batch_gradient(self, w, batch):
        """(μ/ν)∇̃f(w/ν, 𝒟)."""
        return tree.scale(self.slope, self.task.batch_gradient(self._shrunk(w), batch))

    def batch_hessian_vector_product(self, w, batch, v):
        """(μ/ν²)∇̃²f(w/ν, 𝒟)v."""
        return tree.scale(self.curvature, self.task.batch_hessian_vector_product(self._shrunk(w), batch, v))

    def support(self):
        """The task's."""
        return self.task.support()

    def chances(self):
        """The task's."""
        return self.task.chances()

    def numbers_read(self, size: int) -> int:
        """As many as the task reads."""
        return samples_read(self.task, size)

    def sample_from(self, numbers, size: int):
        """θ from the task."""
        return samples_from(self.task, numbers, size)

    def row_count(self):
        """The rows of the task."""
        return self.task.row_count()

    def padded(self, rows: int) -> "Rescaled":
        """The task padded."""
        return replace(self, task=self.task.padded(rows))

    def trimmed(self) -> "Rescaled":
        """The task trimmed."""
        return replace(self, task=self.task.trimmed())

    def _shrunk(self, w):
        return tree.scale(1 / self.nu, w)

    def _in_units(self, constants: Constants) -> Constants:
        return Constants(*(x * self.mu**p * self.nu**q for x, (p, q) in zip(constants, UNITS, strict=True)))
