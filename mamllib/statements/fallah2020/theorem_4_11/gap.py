"""The instance of Theorem 4.11, both terms of its bound, and its hypotheses as measured."""

from dataclasses import dataclass, replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp

from mamllib import tree, validation
from mamllib.arithmetic import is_exact, jit_unless_exact, larger, sqrt
from mamllib.checking.margins import margin
from mamllib.checking.statistics import NormOfMean
from mamllib.monte_carlo import stream
from mamllib.objectives import inner_step, meta_gradient, sampled_meta_gradient, sampled_task_meta_gradient
from mamllib.statements.fallah2020 import measure
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.tasks import (
    Constants,
    TaskFamily,
)
from mamllib.tasks.family import require_family
from mamllib.tasks.task import Parameters, batch_gradient, batch_hessian_vector_product, draw


@instance("D_test", "samples")
class Gap:
    """A task family, α, w, the test batch size, and the constants to test; sampled where ``samples`` > 0."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    constants: Constants
    key: Parameters
    D_test: int
    samples: int

    @classmethod
    def of(cls, family, alpha, w, D_test, constants=None, samples=0, seed=0) -> "Gap":
        """Check the input and take the family's own constants where none are given.

        Raises:
            ValueError: α < 0, ``D_test`` not an integer ≥ 1, or anything non-finite.
            ShapeError: w does not fit a task.
        """
        require_family(family)
        validation.require_nonnegative("alpha", alpha)
        validation.require_parameters("w", w)
        validation.require_fits("w", w, family.kinds)
        validation.require_batch_size("D_test", D_test)
        constants = constants or family.constants
        validation.require_constants(constants)
        return cls(family, alpha, w, constants, jax.random.key(seed), D_test, samples)


def lhs(gap: Gap):
    """‖∇F̂(w) − ∇F(w)‖; a ``NormOfMean`` where the instance is sampled."""
    return _sampled_gap(gap) if gap.samples else enumerated_gap(gap)


def first_term(gap: Gap):
    """T₁ = 2αLσ̃/√D_test. In fractions D_test must be a perfect square."""
    c = gap.constants
    root = sqrt(Q(gap.D_test)) if is_exact(c) else jnp.sqrt(gap.D_test)
    return 2 * gap.alpha * c.L * c.sigma_tilde / root


def second_term(gap: Gap):
    """T₂ = α²Lσ_Hσ̃/D_test."""
    c = gap.constants
    return gap.alpha**2 * c.L * c.sigma_H * c.sigma_tilde / gap.D_test


def larger_term(gap: Gap):
    """max(T₁, T₂)."""
    return larger(first_term(gap), second_term(gap))


def hypotheses(gap: Gap):
    """α ≤ 1/L; ‖∇²f_i‖ ≤ L at w, w⁺; sample deviations of gradient and Hessian at w at most σ̃, σ_H, for every task."""
    norms, gradient_variances, hessian_variances = measured_deviations(any_batch(gap))
    c = gap.constants
    return {
        "α ≤ 1/L": margin(1, gap.alpha * c.L),
        "f_i is L-smooth": margin(c.L, norms),
        "sample deviation ≤ σ̃": margin(c.sigma_tilde**2, gradient_variances),
        "sample Hessian deviation ≤ σ_H": margin(c.sigma_H**2, hessian_variances),
    }


def roundoff(gap: Gap):
    """Two meta-gradients of size at most 2(L(‖w‖ + ασ̃) + E‖∇f_i‖)(1 + ασ_H), wrong by γ of that."""
    c = gap.constants
    gradient = gap.family.expect(lambda task: tree.norm(task.gradient(gap.w)))
    size = (c.L * (tree.norm(gap.w) + gap.alpha * c.sigma_tilde) + gradient) * (2 + gap.alpha * c.sigma_H)
    return relative_roundoff(gap) * 2 * size


@jit_unless_exact
def enumerated_gap(gap: Gap):
    """‖∇F̂(w) − ∇F(w)‖ with every batch listed."""
    sampled = sampled_meta_gradient(gap.family, gap.alpha, gap.w, gap.D_test)
    return tree.norm(tree.subtract(sampled, meta_gradient(gap.family, gap.alpha, gap.w)))


@dataclass(frozen=True)
class GapDraw:
    """One draw of (I − α∇̃²f_i(w, 𝒟))∇f_i(w̃) − (I − α∇̃²f_i(w, 𝒟))∇f_i(w⁺) plus its linear part, for a random task i.

    Replacing ∇F_i by (I − α∇̃²f_i(w, 𝒟))∇f_i(w⁺) changes no mean, since the sampled Hessian is unbiased; adding
    α(I − α∇²f_i(w))∇²f_i(w⁺)ξ changes none either, since Eξ = 0. Both take away variance.
    """

    D_test: int

    def __call__(self, argument, key):
        """The draw for ``argument`` = (family, α, w)."""
        family, alpha, w = argument
        key_task, key_batch = jax.random.split(key)
        index = jax.random.choice(key_task, len(family), p=family.probabilities)
        return family.apply(index, lambda task: self._of_task(task, alpha, w, key_batch))

    def _of_task(self, task, alpha, w, key):
        batch = draw(task, key, self.D_test)
        w_plus = inner_step(task, alpha, w)
        fixed = task.gradient(w_plus)
        fixed = tree.step(fixed, alpha, batch_hessian_vector_product(task, w, batch, fixed))
        difference = tree.subtract(sampled_task_meta_gradient(task, alpha, w, batch), fixed)
        xi = tree.subtract(batch_gradient(task, w, batch), task.gradient(w))
        linear = task.hessian_vector_product(w_plus, xi)
        linear = tree.step(linear, alpha, task.hessian_vector_product(w, linear))
        return tree.step(difference, -alpha, linear)


def _sampled_gap(gap: Gap) -> NormOfMean:
    return NormOfMean(stream(GapDraw(gap.D_test), (gap.family, gap.alpha, gap.w), gap.key, gap.samples).blocks)


def any_batch(gap: Gap) -> Gap:
    """The gap with D_test = 1: hypotheses do not depend on the batch, so one compilation serves all sizes."""
    return replace(gap, D_test=1, samples=0)


def measured_deviations(gap: Gap):
    """L as met by the inner step, and both sample variances at w, for each task.

    Three programs and not one: compiled together for 45 tasks of real data they starve XLA's thread pool on two cores.
    """
    return _smoothness(gap), _gradient_variance(gap), _hessian_variance(gap)


@jit_unless_exact
def _smoothness(gap: Gap):
    return gap.family.map(lambda task: measure.smoothness_used(task, gap.alpha, gap.w))


@jit_unless_exact
def _gradient_variance(gap: Gap):
    return gap.family.map(lambda task: measure.gradient_variance(task, gap.w))


@jit_unless_exact
def _hessian_variance(gap: Gap):
    return gap.family.map(lambda task: measure.hessian_variance(task, gap.w))
