"""Equation (9): the error of the central difference that stands for a Hessian-vector product.

    ‖[∇φ(w + δv) − ∇φ(w − δv)]/(2δ) − ∇²φ(w)v‖ ≤ ρδ‖v‖²          (printed)
                                                ≤ ρδ‖v‖²/2        (derived here)

Proof of the second. The error is (1/2)∫₋₁¹ [∇²φ(w + tδv) − ∇²φ(w)]v dt, of norm at most
(1/2)∫₋₁¹ ρ|t|δ‖v‖² dt = ρδ‖v‖²/2. Equality: φ'' = min(ρ|w|, L) at w = 0 with δ|v| ≤ L/ρ, where ∇φ(±δv) = ±ρδ²v²/2.
"""

from dataclasses import replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp

from mamllib import tree, validation
from mamllib.arithmetic import each, jit_unless_exact
from mamllib.checking.margins import margin
from mamllib.checking.statement import Adversary, Case, Mutant, Source, Statement
from mamllib.estimators import central_difference
from mamllib.statements.fallah2020 import measure
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.tasks import Constants, EvenRamp, Trigonometric, digit_pair
from mamllib.tasks.family import require_task
from mamllib.tasks.task import Parameters, Task


@instance()
class Probe:
    """A loss φ, points w, directions v and steps δ (leading axis n on each), and the constants to test."""

    task: Task
    w: Parameters
    v: Parameters
    delta: Parameters
    constants: Constants

    @classmethod
    def of(cls, task, w, v, delta, constants: Constants | None = None) -> "Probe":
        """Check the input and take the task's own constants where none are given.

        Raises:
            ValueError: δ ≤ 0 or anything non-finite. PrecisionError: the task holds data that are not float64.
            ShapeError: w and v differ in shape or do not fit the task, or δ does not have one entry a point.
        """
        require_task("task", task)
        validation.require_positive("delta", delta)
        validation.require_parameters("w", w)
        validation.require_parameters("v", v)
        validation.require_same_shape("w", w, "v", v)
        validation.require_fits("w", w, [task], points=True)
        validation.require_one_each("delta", delta, "w", w)
        constants = constants or task.constants
        validation.require_constants(constants)
        return cls(task, w, v, delta, constants)


@jit_unless_exact
def lhs(probe: Probe):
    """‖central difference − Hessian-vector product‖ at each point."""

    def error(w, v, delta):
        difference = central_difference(probe.task.gradient, w, v, delta)
        return tree.norm(tree.subtract(difference, probe.task.hessian_vector_product(w, v)))

    return each(error, probe.w, probe.v, probe.delta)


@jit_unless_exact
def rhs(probe: Probe):
    """ρδ‖v‖²."""
    return each(lambda v, delta: probe.constants.rho * delta * tree.norm_squared(v), probe.v, probe.delta)


def hypotheses(probe: Probe):
    """The Hessian's Lipschitz quotient between w and w + δv stays below ρ."""
    return {"Hessian is ρ-Lipschitz": margin(probe.constants.rho, _quotients(probe))}


@jit_unless_exact
def _quotients(probe: Probe):
    def quotient(w, v, delta):
        return measure.hessian_quotient(probe.task, w, tree.step(w, -delta, v))

    return each(quotient, probe.w, probe.v, probe.delta)


def roundoff(probe: Probe):
    """Two gradients, each wrong by γ(‖∇φ‖ + L(‖w‖ + δ‖v‖)), divided by 2δ; and one product of size L‖v‖."""

    def size(w, v, delta):
        gradient = tree.norm(probe.task.gradient(w))
        reach = tree.norm(w) + delta * tree.norm(v)
        return (gradient + 2 * probe.constants.L * reach) / delta + probe.constants.L * tree.norm(v)

    return relative_roundoff(probe) * jax.jit(jax.vmap(size))(probe.w, probe.v, probe.delta)


def _ramp(seed: int) -> Probe:
    return Probe.of(EvenRamp(Q(1), Q(2), Q(1, 3)), (Q(0),), (Q(3, 4),), (Q(1, 3),))


def _random_rationals(seed: int) -> Probe:
    draws = jax.random.randint(jax.random.key(seed), (30, 3), 1, 100).tolist()
    w, v, delta = zip(*((Q(a - 50, 20), Q(2 * b - 101, 40), Q(c, 40)) for a, b, c in draws), strict=True)
    return Probe.of(EvenRamp(Q(1), Q(2), Q(1, 3)), w, v, delta)


def _trigonometric(seed: int) -> Probe:
    key_w, key_v, key_d = jax.random.split(jax.random.key(seed), 3)
    w, v = 5 * jax.random.normal(key_w, (200, 3)), jax.random.normal(key_v, (200, 3))
    delta = 10 ** jax.random.uniform(key_d, (200,), minval=-3, maxval=0)
    return Probe.of(Trigonometric(1.0, 0.5, 4.0), w, v, delta)


def _digits(seed: int) -> Probe:
    key_w, key_v = jax.random.split(jax.random.key(seed))
    w, v = 0.5 * jax.random.normal(key_w, (60, 65)), jax.random.normal(key_v, (60, 65))
    return Probe.of(digit_pair(3, 8), w, v / jnp.linalg.norm(v, axis=1, keepdims=True), jnp.logspace(-3, 0.5, 60))


def _understated(seed: int) -> Probe:
    probe = _ramp(seed)
    return replace(probe, constants=probe.constants._replace(rho=Q(9, 10)))


def _adversarial(parameters) -> Probe:
    w, v, log_delta = parameters
    return Probe.of(EvenRamp(1.0, 2.0, 0.0), w[None], v[None], (10**log_delta)[None])


CASES = (
    Case("ramp at its corner", _ramp, predicted=Q(1, 2)),
    Case("ramp, 30 random rational probes", _random_rationals),
    Case("trigonometric, 200 random probes in 3-D", _trigonometric),
    Case("digits 3 against 8, 60 probes", _digits),
)
BOUNDS = ((-0.5, 0.5), (-1.0, 1.0), (-3.0, 0.0))

EQUATION_9 = Statement(
    id="fallah2020/equation_9",
    title="Equation (9)",
    source=Source("fallah2020", "equation (9)", "V"),
    claim=r"\left\|\tfrac{\nabla\phi(w+\delta v)-\nabla\phi(w-\delta v)}{2\delta}-\nabla^2\phi(w)v\right\|"
    r"\le\rho\,\delta\,\|v\|^2",
    takes=Probe,
    hypotheses=hypotheses,
    lhs=lhs,
    rhs=rhs,
    roundoff=roundoff,
    rests_on=("fallah2020/equation_9_halved",),
    cases=CASES,
    mutants=(
        Mutant(
            "error of order δ² under a Lipschitz Hessian alone",
            lambda seed: Probe.of(EvenRamp(Q(1), Q(2), Q(0)), (Q(0),), (Q(1),), (Q(1, 10),)),
            rhs=lambda probe: each(lambda v, d: probe.constants.rho * d**2 * tree.norm(v) ** 3, probe.v, probe.delta),
        ),
        Mutant("ρ understated, 0.9 for 2", _understated, drops=("Hessian is ρ-Lipschitz",)),
    ),
    adversaries=(Adversary("ramps: w, v, δ", _adversarial, BOUNDS, 0.5),),
)


def half_rhs(probe: Probe):
    """ρδ‖v‖²/2."""
    return rhs(probe) / 2


EQUATION_9_HALVED = replace(
    EQUATION_9,
    id="fallah2020/equation_9_halved",
    title="Equation (9), halved",
    source=Source("fallah2020", "equation (9), with ½", "D"),
    claim=EQUATION_9.claim.replace(r"\rho\,\delta", r"\tfrac12\rho\,\delta"),
    rhs=half_rhs,
    rests_on=(),
    cases=(replace(CASES[0], predicted=Q(1)), *CASES[1:]),
    mutants=(Mutant("ρδ‖v‖²/2 lowered by one part in a thousand", _ramp, rhs=lambda p: half_rhs(p) * Q(999, 1000)),),
    adversaries=(replace(EQUATION_9.adversaries[0], known=1.0),),
)

STATEMENTS = (EQUATION_9, EQUATION_9_HALVED)
