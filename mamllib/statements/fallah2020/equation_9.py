"""Equation (9): the error of the central difference that stands for a Hessian-vector product.

    ‖[∇φ(w + δv) − ∇φ(w − δv)]/(2δ) − ∇²φ(w)v‖ ≤ ρδ‖v‖²          (printed)
                                                ≤ ρδ‖v‖²/2        (derived here)

Proof of the second. The error is (1/2)∫₋₁¹ [∇²φ(w + tδv) − ∇²φ(w)]v dt, of norm at most
(1/2)∫₋₁¹ ρ|t|δ‖v‖² dt = ρδ‖v‖²/2. What is measured: it is half the difference of two Taylor remainders of ∇φ at w, of
length δ‖v‖ each, divided by δ. Equality: φ'' = min(ρ|w|, L) at w = 0 with δ|v| ≤ L/ρ, where ∇φ(±δv) = ±ρδ²v²/2.
"""

from typing import NamedTuple

from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    Adversary,
    Constants,
    Parameters,
    Places,
    Q,
    Question,
    Source,
    Statement,
    TaskFamily,
    case,
    columns,
    each,
    estimators,
    is_exact,
    jnp,
    join_segments,
    mutant,
    np,
    question,
    relative_roundoff,
    replace,
    tree,
    validation,
)
from mamllib.tasks import EvenRamp, Trigonometric, digit_pair
from mamllib.tasks.task import Task


class ProbeParts(NamedTuple):
    """At each probe: ‖central difference − ∇²φ(w)v‖, ‖v‖, δ, and how large what was rounded is."""

    error: Parameters
    length: Parameters
    delta: Parameters
    size: Parameters


@question
class Probe(Question):
    """A loss φ, points w, directions v and steps δ (leading axis n on each), and the constants to test."""

    task: Task
    w: Parameters
    v: Parameters
    delta: Parameters
    constants: Constants

    many = "probes"

    @property
    def family(self) -> TaskFamily:
        """The loss as a family of one."""
        return TaskFamily.of([self.task])

    def require(self) -> None:
        """Raise unless δ has one entry a point."""
        validation.require_one_each("delta", self.delta, "w", self.w)

    def over_tasks(self, function):
        """``function`` of the loss, along a leading axis of one."""
        return self.family.map(function)

    def places(self, task) -> Places:
        """Taylor's remainder from w to both ends of the probe."""
        ahead, behind = (each(lambda w, v, d, s=s: tree.step(w, s * d, v), *self._probes) for s in (-1, 1))
        return Places(tangents=join_segments((self.w, ahead), (self.w, behind)))

    def parts(self) -> ProbeParts:
        """What both sides are made of."""
        return ProbeParts(*columns(each(self._of_probe, *self._probes), 4))

    @property
    def _probes(self) -> tuple:
        return self.w, self.v, self.delta

    def _of_probe(self, w, v, delta):
        product = self.task.hessian_vector_product(w, v)
        difference = estimators.central_difference(self.task.gradient, w, v, delta)
        error, length = tree.norm(tree.subtract(difference, product)), tree.norm(v)
        return error, length, delta, 0 * length if is_exact(length) else self._size(w, v, delta, product, difference)

    def _size(self, w, v, delta, product, difference):
        """Gradients at both ends and what rounding w does to them, divided by δ; and one product."""
        ends = sum(tree.norm(self.task.gradient(tree.step(w, s * delta, v))) for s in (-1, 1))
        bent = tree.norm(product) + tree.norm(difference)
        curvature = bent / jnp.maximum(tree.norm(v), np.finfo(float).tiny)
        return (ends + curvature * (tree.norm(w) + delta * tree.norm(v))) / delta + bent


def error(probe: Probe):
    """‖central difference − Hessian-vector product‖ at each point."""
    return probe.answer.parts.error


def bound(probe: Probe, power=1):
    """ρδ^power‖v‖^{power + 1}."""
    parts = probe.answer.parts
    return probe.constants.rho * parts.delta**power * parts.length ** (power + 1)


def half_bound(probe: Probe):
    """ρδ‖v‖²/2."""
    return bound(probe) / 2


def roundoff(probe: Probe):
    """γ times the gradients at both ends and what rounding w does to them, divided by δ; and one product."""
    return relative_roundoff(probe) * probe.answer.parts.size


def ramp() -> Probe:
    """f'' = min(2|w|, 1) at its corner."""
    return Probe.of(EvenRamp(Q(1), Q(2), Q(1, 3)), (Q(0),), (Q(3, 4),), (Q(1, 3),))


def random_rationals(seed: int) -> Probe:
    """Thirty probes of the ramp, in fractions."""
    draws = np.random.default_rng(seed).integers(1, 100, (30, 3)).tolist()
    w, v, delta = zip(*((Q(a - 50, 20), Q(2 * b - 101, 40), Q(c, 40)) for a, b, c in draws), strict=True)
    return Probe.of(EvenRamp(Q(1), Q(2), Q(1, 3)), w, v, delta)


def trigonometric(seed: int) -> Probe:
    """Two hundred probes of a rippled parabola in 3-D."""
    rng = np.random.default_rng(seed)
    w, v = 5 * rng.normal(size=(200, 3)), rng.normal(size=(200, 3))
    return Probe.of(Trigonometric(1.0, 0.5, 4.0), w, v, 10 ** rng.uniform(-3, 0, 200))


def digits(seed: int) -> Probe:
    """Digits 3 against 8, sixty probes of growing length along unit directions."""
    rng = np.random.default_rng(seed)
    w, v = 0.5 * rng.normal(size=(60, 65)), rng.normal(size=(60, 65))
    return Probe.of(digit_pair(3, 8), w, v / np.linalg.norm(v, axis=1, keepdims=True), np.logspace(-3, 0.5, 60))


def understated() -> Probe:
    """The ramp with ρ = 9/10 where it is 2."""
    probe = ramp()
    return replace(probe, constants=probe.constants._replace(rho=Q(9, 10)))


def adversarial(parameters) -> Probe:
    """Probes of a ramp: (w, v, log₁₀ δ)."""
    w, v, log_delta = parameters
    return Probe.of(EvenRamp(1.0, 2.0, 0.0), w[None], v[None], (10**log_delta)[None])


CORNER = "ramp at its corner"
OTHERS = (
    case("ramp, 30 random rational probes", random_rationals),
    case("trigonometric, 200 random probes in 3-D", trigonometric),
    case("digits 3 against 8, 60 probes", digits),
)
RAMPS = Adversary("ramps: w, v, δ", adversarial, ((-0.5, 0.5), (-1.0, 1.0), (-3.0, 0.0)), 0.5)

EQUATION_9 = Statement(
    id="fallah2020/equation_9",
    title="Equation (9)",
    source=Source("fallah2020", "equation (9)", "V"),
    claim=r"\left\|\tfrac{\nabla\phi(w+\delta v)-\nabla\phi(w-\delta v)}{2\delta}-\nabla^2\phi(w)v\right\|"
    r"\le\rho\,\delta\,\|v\|^2",
    takes=Probe,
    assumes=(HESSIAN_LIPSCHITZ,),
    lhs=error,
    rhs=bound,
    roundoff=roundoff,
    rests_on=("fallah2020/equation_9_halved",),
    cases=(case(CORNER, ramp, predicted=Q(1, 2)), *OTHERS),
    mutants=(
        mutant(
            "error of order δ² under a Lipschitz Hessian alone",
            lambda: Probe.of(EvenRamp(Q(1), Q(2), Q(0)), (Q(0),), (Q(1),), (Q(1, 10),)),
            rhs=lambda probe: bound(probe, 2),
        ),
        mutant("ρ understated, 0.9 for 2", understated, drops=HESSIAN_LIPSCHITZ.name),
    ),
    spared={"Hessian is ρ-Lipschitz": "true: the halved bound leaves room for a ρ half as large"},
    adversaries=(RAMPS,),
)

EQUATION_9_HALVED = EQUATION_9.variant(
    id="fallah2020/equation_9_halved",
    title="Equation (9), halved",
    source=Source("fallah2020", "equation (9), with ½", "D"),
    claim=EQUATION_9.claim.replace(r"\rho\,\delta", r"\tfrac12\rho\,\delta"),
    rhs=half_bound,
    rests_on=(),
    cases=(case(CORNER, ramp, predicted=Q(1)), *OTHERS),
    mutants=(mutant("ρδ‖v‖²/2 lowered by one part in a thousand", ramp, rhs=lambda p: half_bound(p) * Q(999, 1000)),),
    adversaries=(replace(RAMPS, known=1.0),),
)
