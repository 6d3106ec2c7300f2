"""The instance of Lemma 4.10, one sampled inner step, and its hypotheses as measured."""

from fractions import Fraction as Q

import jax
import jax.numpy as jnp

from mamllib import arithmetic, tree, validation
from mamllib.arithmetic import jit_unless_exact
from mamllib.checking.margins import margin
from mamllib.monte_carlo import stream
from mamllib.objectives import inner_step
from mamllib.statements.fallah2020 import measure
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.tasks import (
    Constants,
    TaskFamily,
)
from mamllib.tasks.family import require_family
from mamllib.tasks.task import Parameters, batch_gradient


@instance("D_in", "D_o", "samples")
class Adaptation:
    """One sampled inner step: a task family (the lemma is checked on each task), α, w, batch sizes, φ, constants.

    Expectations are enumerated where ``samples`` is 0, else estimated from that many draws.
    """

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    phi: Parameters
    constants: Constants
    key: Parameters
    D_in: int
    D_o: int
    samples: int

    @classmethod
    def of(cls, family, alpha, w, D_in, D_o=1, phi=1.0, constants=None, samples=0, seed=0) -> "Adaptation":
        """Check the input and take the family's own constants where none are given.

        Raises:
            ValueError: α < 0, a batch size that is not an integer ≥ 1, φ ≤ 0, or anything non-finite.
            ShapeError: w does not fit a task.
        """
        require_family(family)
        validation.require_nonnegative("alpha", alpha)
        validation.require_positive("phi", phi)
        validation.require_parameters("w", w)
        validation.require_fits("w", w, family.kinds)
        validation.require_batch_size("D_in", D_in)
        validation.require_batch_size("D_o", D_o)
        constants = constants or family.constants
        validation.require_constants(constants)
        return cls(family, alpha, w, phi, constants, jax.random.key(seed), D_in, D_o, samples)


def hypotheses(problem: Adaptation):
    """α ≤ 1/L; L as met at w, w⁺ and on the way to sampled w̃; the sample deviation at w at most σ̃; every task."""
    return {"α ≤ 1/L": margin(1, problem.alpha * problem.constants.L), **noise_hypotheses(problem)}


def noise_hypotheses(problem: Adaptation):
    """The hypotheses on L and σ̃ alone."""
    norms, variances = _measured(problem)
    return {
        "f_i is L-smooth": margin(problem.constants.L, norms),
        "sample deviation ≤ σ̃": margin(problem.constants.sigma_tilde**2, variances),
    }


def roundoff(problem: Adaptation):
    """Gradients of size L(‖w‖ + ασ̃) + ‖∇f_i(w)‖, wrong by γ of that, and the constants of the right side."""
    c = problem.constants
    size = c.L * (tree.norm(problem.w) + problem.alpha * c.sigma_tilde) + gradient_norm(problem)
    return relative_roundoff(problem) * 2 * size


def adapted_point(problem, task, batch):
    """w̃ for one batch."""
    return tree.step(problem.w, problem.alpha, batch_gradient(task, problem.w, batch))


def adapted_gradient(problem, task):
    """∇f(w⁺)."""
    return task.gradient(inner_step(task, problem.alpha, problem.w))


def adapted_norm_squared(problem: Adaptation):
    """‖∇f_i(w⁺)‖² for each task."""
    return problem.family.map(lambda task: tree.norm_squared(adapted_gradient(problem, task)))


@jit_unless_exact
def _measured(problem: Adaptation):
    def of_task(task):
        return measure.smoothness_used(task, problem.alpha, problem.w), measure.gradient_variance(task, problem.w)

    return problem.family.map(of_task)


@jit_unless_exact
def gradient_norm(problem: Adaptation):
    """‖∇f_i(w)‖ for each task."""
    return problem.family.map(lambda task: tree.norm(task.gradient(problem.w)))


def root_of_batch_size(D, like):
    """√D, a fraction where ``like`` is one."""
    return arithmetic.sqrt(Q(D)) if isinstance(like, Q) else jnp.sqrt(D)


def streams(problem: Adaptation, one_draw):
    """A stream of draws for each task."""
    keys = jax.random.split(problem.key, len(problem.family))
    for task, key in zip(problem.family, keys, strict=True):
        yield stream(one_draw, draw_argument(task, problem.alpha, problem.w), key, problem.samples)


def draw_argument(task, alpha, w):
    """(task, α, w, ∇f(w), w⁺, ∇f(w⁺)): what a draw needs and should not compute anew."""
    gradient = task.gradient(w)
    w_plus = tree.step(w, alpha, gradient)
    return task, alpha, w, gradient, w_plus, task.gradient(w_plus)
