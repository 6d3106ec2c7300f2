"""Two tasks for a small network, without a seed: inputs on a circle and on one half as large, and their teachers."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from mamllib import objectives, tree
from mamllib.statements.kit import Parameters, TaskFamily
from mamllib.tasks.task import Constants, Task, register

INPUTS = 64
SHARPNESS = 20.0
ANGLES = 2 * np.pi * (np.arange(INPUTS) + 0.5) / INPUTS
CIRCLE = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
EASY_TEACHER = np.array([[1.0, 0.0], [-1.0, 0.0]])
EASY_SHARE = 0.7  # of the teachers, in the point that Newton's method starts from
NEWTON_STEPS = 30


@register
class SoftplusUnits(Task):
    """½ mean over ``inputs`` (n, 2) of (y(w) − y(teacher))², y = Σ_r s(⟨w_r, x⟩), s(u) = log(1 + e^{20u})/20; w (2, 2).

    Nothing bounds its derivatives everywhere.
    """

    inputs: Parameters
    teacher: Parameters

    @property
    def constants(self) -> Constants:
        """None exist."""
        return Constants(*(4 * (float("inf"),)))

    def loss(self, w):
        """½ mean (y(w) − y(teacher))²."""
        return jnp.mean((self._output(w) - self._output(self.teacher)) ** 2) / 2

    def _output(self, w):
        return jnp.sum(jnp.logaddexp(0.0, SHARPNESS * self.inputs @ jnp.asarray(w).T), axis=1) / SHARPNESS


def ring(hard_teacher) -> TaskFamily:
    """The easy task on the circle, the hard one on a circle half as large."""
    hard_teacher = np.asarray(hard_teacher)
    return TaskFamily.of([SoftplusUnits(CIRCLE, EASY_TEACHER), SoftplusUnits(CIRCLE / 2, hard_teacher)])


def at_rest(family: TaskFamily, alpha: float, steps: int):
    """A stationary point of F, by Newton's method from between the teachers."""
    return _newton(family, lambda w: objectives.meta_gradient(family, alpha, w, steps))


def task_gradients_balance(family: TaskFamily, alpha: float, steps: int):
    """A stationary point of the mean loss, which standard training ends in."""
    return _newton(family, lambda w: family.expect(lambda task: task.gradient(w)))


def _newton(family: TaskFamily, gradient):
    easy, hard = (np.asarray(task.teacher) for task in family)
    start, unravel = ravel_pytree(EASY_SHARE * easy + (1 - EASY_SHARE) * hard)

    def flat(x):
        return tree.ravel(gradient(unravel(x)))

    @jax.jit
    def solve(x):
        return jax.lax.fori_loop(0, NEWTON_STEPS, lambda _, x: x - jnp.linalg.solve(jax.jacfwd(flat)(x), flat(x)), x)

    return np.asarray(unravel(solve(start)))
