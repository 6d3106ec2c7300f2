"""Lemma 4.9: the outer step can be estimated from a few tasks and samples, at constant cost.

    L̃(w) = 4L + (2ρα/B') Σ_{j∈ℬ'} ‖∇̃f_j(w, 𝒟_β^j)‖,   β̃(w) = 1/L̃(w)                                    (16), (17)
    B' ≥ ⌈½(ρασ/L)²⌉, D_β ≥ ⌈(2ρασ̃/L)²⌉  ⇒  E β̃ ≥ 0.8/L(w),  E β̃² ≤ 3.125/L(w)²                   (18), (19, printed)
                                              E β̃² ≤ 1.855/L(w)²                                  (derived here)

Proof. Scale L to 1 and write L̃ = 4 + Y, Y ≥ 0, μ = EY. By Jensen μ ≥ L(w) − 4 and, with (18),
μ ≤ L(w) − 4 + 2ραE‖∇̃f_j − ∇f_j‖ ≤ L(w) − 4 + 2ρασ̃/√D_β ≤ L(w) − 3. Hence E β̃ ≥ 1/(4 + μ) ≥ 1/(L(w) + 1) ≥ 0.8/L(w),
the last because L(w) ≥ 4. For the second moment,
Var Y ≤ (4ρ²α²/B')(σ² + σ̃²/D_β) ≤ 8 + 1 = 9 by (18). Among laws on [0, ∞) with mean μ and variance at most v, E(4 + Y)⁻²
is largest for the two-point law on {0, (v + μ²)/μ} with P(0) = v/(v + μ²): the parabola through (4 + y)⁻² at 0 that
touches it at (v + μ²)/μ lies above it on y ≥ 0, and is convex. So
L(w)² E β̃² ≤ (4 + μ)² [ v/(16(v + μ²)) + μ⁴/((v + μ²)(μ² + 4μ + v)²) ], which can only grow with v, and
at v = 9 lies below 1.855 for every μ. Two tasks with gradient norms {0, M} reach the same expression at v = 8; its
maximum there is 1.7745.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp

from mamllib import arithmetic, tree, validation
from mamllib.arithmetic import jit_unless_exact
from mamllib.batches import all_batches, draws
from mamllib.checking.margins import margin
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.statistics import Mean
from mamllib.checking.verdict import Verdict
from mamllib.monte_carlo import stream
from mamllib.statements.fallah2020 import measure
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.step_sizes import estimated_smoothness, local_smoothness
from mamllib.tasks import (
    Constants,
    EvenRamp,
    Noisy,
    RademacherNoise,
    SinusoidalNoise,
    TaskFamily,
    Trigonometric,
    digit_pairs,
)
from mamllib.tasks.task import Parameters, batch_gradient

SECOND_MOMENT_CONSTANT = Q(371, 200)


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
        """
        validation.require_nonnegative("alpha", alpha)
        validation.require_parameters("w", w)
        validation.require_batch_size("B", B)
        validation.require_batch_size("D_beta", D_beta)
        squared = family.sigma**2 if sigma_squared is None else sigma_squared
        constants = constants or family.constants
        validation.require_constants(constants)
        return cls(family, alpha, w, squared, constants, jax.random.key(seed), B, D_beta, samples)


def moment(step: Step, power: int):
    """E [L(w) β̃]^power, dimensionless; a ``Mean`` where the instance is sampled."""
    if step.samples:
        return Mean(stream(RelativeStepDraw(step.B, step.D_beta, power), step, step.key, step.samples).blocks[:, 0])
    return _enumerated_moment(step, power)


def first_moment(step: Step):
    """L(w) E β̃."""
    return moment(step, 1)


def second_moment(step: Step):
    """L(w)² E β̃²."""
    return moment(step, 2)


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


@dataclass(frozen=True)
class RelativeStepDraw:
    """One draw of [L(w) β̃]^power."""

    B: int
    D_beta: int
    power: int

    def __call__(self, step: Step, key):
        """The draw for ``step``."""
        estimate = estimated_smoothness(
            step.family, step.constants.L, step.constants.rho, step.alpha, step.w, key, self.B, self.D_beta
        )
        return (_smoothness(step) / estimate) ** self.power


def _smoothness(step: Step):
    return local_smoothness(step.family, step.constants.L, step.constants.rho, step.alpha, step.w)


def _enumerated_moment(step: Step, power: int):
    norms, chances = _single_draws(step)
    c, total = step.constants, 0
    for counts, chance in draws(chances, step.B):
        mean = sum(k * norm for k, norm in zip(counts, norms, strict=True)) / step.B
        total += chance / (4 * c.L + 2 * c.rho * step.alpha * mean) ** power
    return total * _smoothness(step) ** power


def _single_draws(step: Step):
    """All values of ‖∇̃f_j(w, 𝒟_β)‖ and their probabilities."""
    pairs = [
        (tree.norm(batch_gradient(task, step.w, batch)), p * chance)
        for task, p in zip(step.family, step.family.probabilities, strict=True)
        for batch, chance in all_batches(task, step.D_beta)
    ]
    number = (lambda x: x) if arithmetic.is_exact(pairs) else float
    return tuple(tuple(map(number, column)) for column in zip(*pairs, strict=True))


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
    return relative_roundoff(step) * (1 + (_smoothness(step) / (4 * step.constants.L)) ** 2)


def attained_first_moment() -> Step:
    """∇f(w) = 0 and sample gradients ±s with 2ραs = L, D_β = 1: L̃ = 5L always while L(w) = 4L."""
    task = Noisy(EvenRamp(Q(1), Q(1), Q(0)), RademacherNoise(Q(1)))
    return Step.of(TaskFamily.of([task]), Q(1, 2), Q(0), 1, 1, Q(0))


def two_gradient_norms(M, q, sigma_squared, B: int = 1) -> Step:
    """Gradients 0 and M at w = 0, the second with probability q; α = L = ρ = 1, no sample noise."""
    tasks = [EvenRamp(Q(1), Q(1), Q(0)), EvenRamp(Q(1), Q(1), M)]
    return Step.of(TaskFamily.of(tasks, [1 - q, q]), Q(1), Q(0), B, 1, sigma_squared)


def attained_second_moment(mu=Q(683, 125)) -> Step:
    """The two-point law on {0, (8 + μ²)/μ} for Y, reached by gradient norms {0, M}: ½(ρασ/L)² = 1 = B' exactly."""
    q = mu**2 / (8 + mu**2)
    return two_gradient_norms((8 + mu**2) / mu / 2, q, Q(2))


def rippled(seed: int, samples: int = 0) -> Step:
    """Three tilted rippled parabolas with noise, B' = 2, D_β = 3."""
    key_w, key_t = jax.random.split(jax.random.key(seed))
    tilts = 0.4 * jax.random.normal(key_t, (3,))
    tasks = [Noisy(Trigonometric(0.5, 0.5, 3.0, t), SinusoidalNoise(0.5, 2.0)) for t in tilts]
    sigma_squared = jnp.var(tilts)
    return Step.of(TaskFamily.of(tasks), 0.9, 4 * jax.random.normal(key_w), 2, 3, sigma_squared, samples=samples)


def digit_step(seed: int) -> Step:
    """The 45 digit pairs at α = 1/L with the smallest batches that (18) allows."""
    family = digit_pairs()
    c = family.constants
    alpha = 1 / c.L
    ratio = c.rho * alpha / c.L
    B, D_beta = math.ceil((ratio * family.sigma) ** 2 / 2), math.ceil((2 * ratio * c.sigma_tilde) ** 2)
    w = 0.3 * jax.random.normal(jax.random.key(seed), (65,))
    return Step.of(family, alpha, w, B, D_beta, samples=20_000, seed=seed)


def lopsided_noise() -> Step:
    """2ραs = 10L with D_β = 1: the condition on D_β is missed a hundredfold."""
    task = Noisy(EvenRamp(Q(1), Q(1), Q(0)), RademacherNoise(Q(5)))
    return Step.of(TaskFamily.of([task]), Q(1), Q(0), 1, 1, Q(0))


FIRST_CASES = (
    Case("zero gradient, noise with 2ραs = L", lambda seed: attained_first_moment()),
    Case("gradient norms {0, M}, B' = 1", lambda seed: attained_second_moment()),
    Case("three rippled parabolas, B' = 2, D_β = 3", rippled),
    Case("45 digit pairs, smallest batches allowed", digit_step, sampled=1),
    Case("2ραs = 10L, D_β = 1", lambda seed: lopsided_noise(), Verdict.SILENT),
)

FIRST_MOMENT = Statement(
    id="fallah2020/lemma_4_9_first_moment",
    title="Lemma 4.9, first moment (19)",
    source=Source("fallah2020", "Lemma 4.9, first part of (19)", "V"),
    claim=r"\mathbb{E}\,\tilde\beta(w)\ge\frac{0.8}{L(w)}",
    takes=Step,
    hypotheses=hypotheses,
    lhs=lambda step: Q(4, 5) if arithmetic.is_exact(step) else 0.8,
    rhs=first_moment,
    roundoff=roundoff,
    cases=(replace(FIRST_CASES[0], predicted=Q(1)), *FIRST_CASES[1:]),
    mutants=(
        Mutant("0.8 raised to 0.81", lambda seed: attained_first_moment(), lhs=lambda step: Q(81, 100)),
        Mutant("condition on D_β deleted", lambda seed: lopsided_noise(), drops=("D_β ≥ (2ρασ̃/L)²",)),
    ),
)

SECOND_MOMENT = replace(
    FIRST_MOMENT,
    id="fallah2020/lemma_4_9_second_moment",
    title="Lemma 4.9, second moment (19)",
    source=Source("fallah2020", "Lemma 4.9, second part of (19)", "V"),
    claim=r"\mathbb{E}\,\tilde\beta(w)^2\le\frac{3.125}{L(w)^2}",
    lhs=second_moment,
    rhs=lambda step: Q(25, 8) if arithmetic.is_exact(step) else 3.125,
    cases=(FIRST_CASES[0], replace(FIRST_CASES[1], predicted=1.7745 / 3.125), *FIRST_CASES[2:]),
    mutants=(
        Mutant("3.125 lowered to 1.77", lambda seed: attained_second_moment(), rhs=lambda step: Q(177, 100)),
        Mutant(
            "condition on B' deleted",
            lambda seed: two_gradient_norms(Q(100), Q(1, 2), Q(2500)),
            drops=("B' ≥ ½(ρασ/L)²",),
        ),
    ),
)

SECOND_MOMENT_LOWERED = replace(
    SECOND_MOMENT,
    id="fallah2020/lemma_4_9_second_moment_lowered",
    title="Lemma 4.9, second moment lowered",
    source=Source("fallah2020", "Lemma 4.9, second moment with 1.855", "D"),
    claim=r"\mathbb{E}\,\tilde\beta(w)^2\le\frac{1.855}{L(w)^2}",
    rhs=lambda step: SECOND_MOMENT_CONSTANT if arithmetic.is_exact(step) else float(SECOND_MOMENT_CONSTANT),
    cases=(FIRST_CASES[0], replace(FIRST_CASES[1], predicted=1.7745 / 1.855), *FIRST_CASES[2:]),
)

STATEMENTS = (FIRST_MOMENT, SECOND_MOMENT, SECOND_MOMENT_LOWERED)
