"""The instance of Lemma 4.8, pairs of points, its left side, and its hypotheses as measured."""

from fractions import Fraction as Q

import jax
import jax.numpy as jnp

from mamllib import tree, validation
from mamllib.arithmetic import each, jit_unless_exact, larger, smaller
from mamllib.checking.margins import margin
from mamllib.objectives import meta_gradient
from mamllib.statements.fallah2020 import measure
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.step_sizes import local_smoothness
from mamllib.tasks import Constants, TaskFamily
from mamllib.tasks.family import require_family
from mamllib.tasks.task import Parameters


@instance()
class Pairs:
    """A task family, an inner step α, pairs of points w, u (leading axis n), and the constants to test."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    u: Parameters
    constants: Constants

    @classmethod
    def of(cls, family, alpha, w, u, constants: Constants | None = None) -> "Pairs":
        """Check the input and take the family's own constants where none are given.

        Raises:
            ValueError: α < 0 or anything non-finite. ShapeError: w and u differ in shape, or do not fit a task.
        """
        require_family(family)
        validation.require_nonnegative("alpha", alpha)
        validation.require_parameters("w", w)
        validation.require_parameters("u", u)
        validation.require_same_shape("w", w, "u", u)
        validation.require_fits("w", w, family.kinds, points=True)
        constants = constants or family.constants
        validation.require_constants(constants)
        return cls(family, alpha, w, u, constants)


@jit_unless_exact
def lhs(pairs: Pairs):
    """‖∇F(w) − ∇F(u)‖ at each pair."""

    def change(w, u):
        return tree.norm(
            tree.subtract(meta_gradient(pairs.family, pairs.alpha, w), meta_gradient(pairs.family, pairs.alpha, u))
        )

    return each(change, pairs.w, pairs.u)


@jit_unless_exact
def rhs(pairs: Pairs):
    """min{L(w), L(u)}‖w − u‖."""
    return smaller_constant_times_distance(pairs, _smoothness(pairs))


def hypotheses(pairs: Pairs):
    """α ≤ 1/L, and both Lipschitz constants at the points used."""
    return {"α ≤ 1/L": margin(1, pairs.alpha * pairs.constants.L), **smoothness_hypotheses(pairs)}


def smoothness_hypotheses(pairs: Pairs):
    """‖∇²f_i‖ ≤ L at w and u, and the Hessians' Lipschitz quotient between them is at most ρ, for every task."""
    norms, quotients = _curvatures(pairs)
    return {
        "f_i is L-smooth": margin(pairs.constants.L, norms),
        "Hessian is ρ-Lipschitz": margin(pairs.constants.rho, quotients),
    }


def roundoff(pairs: Pairs):
    """∇F computed at data perturbed by γ: γ(L(w)‖w‖ + ‖∇F(w)‖) at either point, and γ times the right side."""

    smoothness = _smoothness(pairs)

    def size(x):
        return smoothness(x) * tree.norm(x) + tree.norm(meta_gradient(pairs.family, pairs.alpha, x))

    sizes = jax.jit(jax.vmap(lambda w, u: size(w) + size(u)))(pairs.w, pairs.u)
    return relative_roundoff(pairs) * (sizes + rhs(pairs))


@jit_unless_exact
def _curvatures(pairs: Pairs):
    def of_task(task):
        def norm(w, u):
            return larger(measure.hessian_norm(task, w), measure.hessian_norm(task, u))

        def quotient(w, u):
            quotient = measure.hessian_quotient(task, w, u)
            return larger(quotient - _cancellation(pairs, w, u), 0 * quotient)

        return each(norm, pairs.w, pairs.u), each(quotient, pairs.w, pairs.u)

    return pairs.family.map(of_task)


def _cancellation(pairs, w, u):
    """How far round-off alone can push a Lipschitz quotient of the Hessian: γρ‖w‖/‖w − u‖; 0 in fractions."""
    distance = tree.norm(tree.subtract(w, u))
    if isinstance(distance, Q):
        return Q(0)
    size = pairs.constants.rho * (tree.norm(w) + tree.norm(u)) + pairs.constants.L
    return relative_roundoff(pairs) * size / jnp.where(distance > 0, distance, jnp.inf)


def _smoothness(pairs: Pairs):
    return lambda w: local_smoothness(pairs.family, pairs.constants.L, pairs.constants.rho, pairs.alpha, w)


def smaller_constant_times_distance(pairs: Pairs, constant):
    """min{constant(w), constant(u)}‖w − u‖ at each pair."""

    def bound(w, u):
        return smaller(constant(w), constant(u)) * tree.norm(tree.subtract(w, u))

    return each(bound, pairs.w, pairs.u)
