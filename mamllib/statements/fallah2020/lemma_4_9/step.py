"""The instance of Lemma 4.9, an estimated outer step, and its hypotheses as measured."""

import jax

from mamllib import tree, validation
from mamllib.arithmetic import jit_unless_exact
from mamllib.checking.margins import margin
from mamllib.statements.fallah2020 import measure
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.step_sizes import local_smoothness
from mamllib.tasks import Constants, TaskFamily
from mamllib.tasks.family import require_family
from mamllib.tasks.task import Parameters


@instance("B", "D_beta", "samples")
class Step:
    """A task family, α, w, the sizes B' and D_β of the batches behind β̃, σ², and the constants to test.

    The law of β̃ is enumerated where ``samples`` is 0, else sampled.
    """

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    sigma_squared: Parameters
    constants: Constants
    key: Parameters
    B: int
    D_beta: int
    samples: int

    @classmethod
    def of(cls, family, alpha, w, B, D_beta, sigma_squared=None, constants=None, samples=0, seed=0) -> "Step":
        """Check the input; take σ² and the constants from the family where none are given.

        Raises:
            ValueError: α < 0, a batch size that is not an integer ≥ 1, or anything non-finite.
            ShapeError: w does not fit a task.
        """
        require_family(family)
        validation.require_nonnegative("alpha", alpha)
        validation.require_parameters("w", w)
        validation.require_fits("w", w, family.kinds)
        validation.require_batch_size("B", B)
        validation.require_batch_size("D_beta", D_beta)
        squared = family.sigma**2 if sigma_squared is None else sigma_squared
        constants = constants or family.constants
        validation.require_constants(constants)
        return cls(family, alpha, w, squared, constants, jax.random.key(seed), B, D_beta, samples)


def hypotheses(step: Step):
    """α ≤ 1/L, both conditions of (18), and L, σ, σ̃ as measured at w."""
    c, alpha = step.constants, step.alpha
    norms, sample_variances, task_variance = _measured(step)
    return {
        "α ≤ 1/L": margin(1, alpha * c.L),
        "B' ≥ ½(ρασ/L)²": margin(step.B, (c.rho * alpha / c.L) ** 2 * step.sigma_squared / 2),
        "D_β ≥ (2ρασ̃/L)²": margin(step.D_beta, (2 * c.rho * alpha * c.sigma_tilde / c.L) ** 2),
        "f_i is L-smooth": margin(c.L, norms),
        "task deviation ≤ σ": margin(step.sigma_squared, task_variance),
        "sample deviation ≤ σ̃": margin(c.sigma_tilde**2, sample_variances),
    }


def smoothness(step: Step):
    """L(w)."""
    return local_smoothness(step.family, step.constants.L, step.constants.rho, step.alpha, step.w)


@jit_unless_exact
def _measured(step: Step):
    mean = step.family.expect(lambda task: task.gradient(step.w))

    def deviation(task):
        return tree.norm_squared(tree.subtract(task.gradient(step.w), mean))

    norms = step.family.map(lambda task: measure.hessian_norm(task, step.w))
    variances = step.family.map(lambda task: measure.gradient_variance(task, step.w))
    return norms, variances, step.family.expect(deviation)


def roundoff(step: Step):
    """γ times a ratio of at most L(w)/4L, squared."""
    return relative_roundoff(step) * (1 + (smoothness(step) / (4 * step.constants.L)) ** 2)
