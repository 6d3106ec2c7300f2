"""Lemma 4.10: the gradient MAML follows is biased, because a sampled inner step stands inside a nonlinear gradient.

Write ḡ = ∇f(w), w⁺ = w − αḡ, w̃ = w − α∇̃f(w, 𝒟_in), ξ = ∇̃f(w, 𝒟_in) − ḡ.

    bias           ‖E∇̃f(w̃, 𝒟_o) − ∇f(w⁺)‖ ≤ αLσ̃/√D_in                                              (20)
    second moment  E‖∇̃f(w̃, 𝒟_o)‖² ≤ (1 + 1/φ)‖∇f(w⁺)‖² + (1 + φ)α²L²σ̃²/D_in + σ̃²/D_o, φ > 0     (21)
    Taylor         bias ≤ ρα²σ̃²/(2D_in)                                                   (derived here)
    quadratics     the whole MAML gradient is unbiased where ρ = 0                        (derived here)

Proof. 𝒟_o is independent, so the bias is E∇f(w⁺ − αξ) − ∇f(w⁺), of norm at most LαE‖ξ‖ ≤ αLσ̃/√D_in. Subtracting the
linear term −α∇²f(w⁺)ξ, whose mean is zero, leaves E of a Taylor remainder of norm at most ρα²‖ξ‖²/2: the third line.
For (21): given w̃, E‖∇̃f(w̃, 𝒟_o)‖² ≤ ‖∇f(w̃)‖² + σ̃²/D_o; then Young's inequality on ∇f(w⁺) + [∇f(w̃) − ∇f(w⁺)]. On a
quadratic ∇f is affine, so means pass through it, and the independent factor I − α∇̃²f(w, 𝒟_h) through the product.
"""

from dataclasses import dataclass, replace
from fractions import Fraction as Q
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, tree, validation
from mamllib.arithmetic import jit_unless_exact
from mamllib.batches import expectation
from mamllib.checking.margins import margin
from mamllib.checking.statement import Adversary, Case, Mutant, Source, Statement
from mamllib.checking.statistics import Mean, NormOfMean
from mamllib.checking.verdict import Verdict
from mamllib.estimators import Batches, maml
from mamllib.monte_carlo import stream
from mamllib.objectives import inner_step, task_meta_gradient
from mamllib.statements.fallah2020 import measure
from mamllib.statements.instance import instance, relative_roundoff
from mamllib.tasks import (
    AtomicNoise,
    Constants,
    CurvatureNoise,
    Noisy,
    OddRamp,
    Quadratic,
    RademacherNoise,
    SinusoidalNoise,
    SmoothedAbsolute,
    TaskFamily,
    Trigonometric,
    digit_pair,
    digit_pairs,
)
from mamllib.tasks.task import Parameters, Task, batch_gradient, draw, register


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
        """
        validation.require_nonnegative("alpha", alpha)
        validation.require_positive("phi", phi)
        validation.require_parameters("w", w)
        validation.require_batch_size("D_in", D_in)
        validation.require_batch_size("D_o", D_o)
        return cls(family, alpha, w, phi, constants or family.constants, jax.random.key(seed), D_in, D_o, samples)


def bias(problem: Adaptation):
    """‖E∇̃f_i(w̃, 𝒟_o) − ∇f_i(w⁺)‖ for each task; a ``NormOfMean`` where the instance is sampled."""
    return _sampled_bias(problem) if problem.samples else _enumerated_bias(problem)


def lipschitz_bound(problem: Adaptation):
    """αLσ̃/√D_in. In fractions D_in must be a perfect square."""
    c = problem.constants
    return problem.alpha * c.L * c.sigma_tilde / _root(problem.D_in, c.L)


def taylor_bound(problem: Adaptation):
    """ρα²σ̃²/(2D_in)."""
    c = problem.constants
    return c.rho * problem.alpha**2 * c.sigma_tilde**2 / (2 * problem.D_in)


def second_moment(problem: Adaptation):
    """E‖∇̃f_i(w̃, 𝒟_o)‖² for each task; a ``Mean`` where the instance is sampled."""
    return _sampled_second_moment(problem) if problem.samples else _enumerated_second_moment(problem)


@jit_unless_exact
def second_moment_bound(problem: Adaptation):
    """(1 + 1/φ)‖∇f_i(w⁺)‖² + (1 + φ)α²L²σ̃²/D_in + σ̃²/D_o for each task."""
    c, phi = problem.constants, problem.phi
    noise = (1 + phi) * (problem.alpha * c.L * c.sigma_tilde) ** 2 / problem.D_in + c.sigma_tilde**2 / problem.D_o
    return (1 + 1 / phi) * _adapted_norm_squared(problem) + noise


def _adapted_norm_squared(problem: Adaptation):
    return _per_task(problem, lambda task: tree.norm_squared(_adapted_gradient(problem, task)))


def hypotheses(problem: Adaptation):
    """α ≤ 1/L; ‖∇²f_i‖ ≤ L at w, w⁺; the sample deviation at w is at most σ̃, for every task."""
    return {"α ≤ 1/L": margin(1, problem.alpha * problem.constants.L), **noise_hypotheses(problem)}


def noise_hypotheses(problem: Adaptation):
    """The hypotheses on L and σ̃ alone."""
    norms, variances = _measured(problem)
    return {
        "f_i is L-smooth": margin(problem.constants.L, norms),
        "sample deviation ≤ σ̃": margin(problem.constants.sigma_tilde**2, variances),
    }


def taylor_hypotheses(problem: Adaptation):
    """The Hessian's Lipschitz quotient between w⁺ and single-sample w̃ is at most ρ; the deviation at most σ̃."""
    noise = noise_hypotheses(problem)
    quotients = margin(problem.constants.rho, _curvature_change(problem))
    return {"Hessian is ρ-Lipschitz": quotients, "sample deviation ≤ σ̃": noise["sample deviation ≤ σ̃"]}


def roundoff(problem: Adaptation):
    """Gradients of size L(‖w‖ + ασ̃) + ‖∇f_i(w)‖, wrong by γ of that, and the constants of the right side."""
    c = problem.constants
    size = c.L * (tree.norm(problem.w) + problem.alpha * c.sigma_tilde) + _gradient_norm(problem)
    return relative_roundoff(problem) * 2 * size


def squared_roundoff(problem: Adaptation):
    """The same budget for squares: γ times the right side of (21) and twice size times γ·size."""
    return 2 * roundoff(problem) ** 2 / relative_roundoff(problem) + relative_roundoff(problem) * second_moment_bound(
        problem
    )


class ProofChain(NamedTuple):
    """The quantities of the proof of (20), each at most the next, for each task, with Δ = ∇f_i(w̃) − ∇f_i(w⁺).

    ‖EΔ‖, E‖Δ‖, αL E‖ξ‖, αL times the task's own deviation at w over √D_in, and αLσ̃/√D_in.
    """

    bias: Parameters
    mean_change: Parameters
    mean_noise: Parameters
    own_deviation: Parameters
    bound: Parameters


@jit_unless_exact
def proof_chain(problem: Adaptation) -> ProofChain:
    """Where the bound (20) is lost: wherever two neighbours of the chain differ. By enumeration."""
    c = problem.constants
    reach = problem.alpha * c.L

    def of_task(task):
        gradient, adapted = task.gradient(problem.w), _adapted_gradient(problem, task)

        def norms(batch):
            change = tree.subtract(task.gradient(_adapted(problem, task, batch)), adapted)
            return tree.norm(change), tree.norm(tree.subtract(batch_gradient(task, problem.w, batch), gradient))

        change, xi = expectation(task, (problem.D_in,), norms)
        deviation = arithmetic.sqrt(measure.gradient_variance(task, problem.w))
        return change, reach * xi, reach * deviation / _root(problem.D_in, c.L)

    change, xi, deviation = problem.family.map(of_task) if problem.family.stacked else _columns(problem, of_task)
    bound = lipschitz_bound(problem) + 0 * deviation
    return ProofChain(_enumerated_bias(problem), change, xi, deviation, bound)


@jit_unless_exact
def _enumerated_bias(problem: Adaptation):
    def of_task(task):
        mean = expectation(task, (problem.D_in,), lambda batch: task.gradient(_adapted(problem, task, batch)))
        return tree.norm(tree.subtract(mean, _adapted_gradient(problem, task)))

    return _per_task(problem, of_task)


@jit_unless_exact
def _enumerated_second_moment(problem: Adaptation):
    def of_task(task):
        def given_inner(batch):
            w = _adapted(problem, task, batch)
            return tree.norm_squared(task.gradient(w)) + measure.gradient_variance(task, w) / problem.D_o

        return expectation(task, (problem.D_in,), given_inner)

    return _per_task(problem, of_task)


@dataclass(frozen=True)
class BiasDraw:
    """One draw of ∇f(w̃) − ∇f(w⁺) + α∇²f(w⁺)ξ: the last term has mean exactly zero and carries most of the variance.

    ``control`` False leaves it out, to show what it is worth.
    """

    D_in: int
    control: bool = True

    def __call__(self, argument, key):
        """The draw for ``argument`` = (task, α, w, ∇f(w), w⁺, ∇f(w⁺))."""
        task, alpha, w, gradient, w_plus, adapted = argument
        sampled = batch_gradient(task, w, draw(task, key, self.D_in))
        difference = tree.subtract(task.gradient(tree.step(w, alpha, sampled)), adapted)
        if not self.control:
            return difference
        xi = tree.subtract(sampled, gradient)
        return tree.step(difference, -alpha, task.hessian_vector_product(w_plus, xi))


@dataclass(frozen=True)
class SecondMomentDraw:
    """One draw of ‖∇̃f(w̃, 𝒟_o)‖²."""

    D_in: int
    D_o: int

    def __call__(self, argument, key):
        """The draw for ``argument`` = (task, α, w, …)."""
        task, alpha, w = argument[:3]
        key_in, key_o = jax.random.split(key)
        adapted = tree.step(w, alpha, batch_gradient(task, w, draw(task, key_in, self.D_in)))
        return tree.norm_squared(batch_gradient(task, adapted, draw(task, key_o, self.D_o)))


def bias_stream(task, alpha, w, D_in: int, key, samples: int, control: bool = True):
    """Block means of the bias at w, streamed; ``control`` chooses the control variate."""
    return stream(BiasDraw(D_in, control), _draw_argument(task, alpha, w), key, samples)


def _sampled_bias(problem: Adaptation) -> NormOfMean:
    return NormOfMean(np.stack([s.blocks for s in _streams(problem, BiasDraw(problem.D_in))]))


def _sampled_second_moment(problem: Adaptation) -> Mean:
    streams = _streams(problem, SecondMomentDraw(problem.D_in, problem.D_o))
    return Mean(np.stack([s.blocks[:, 0] for s in streams]))


def _streams(problem: Adaptation, one_draw):
    keys = jax.random.split(problem.key, len(problem.family))
    for task, key in zip(problem.family, keys, strict=True):
        yield stream(one_draw, _draw_argument(task, problem.alpha, problem.w), key, problem.samples)


def _draw_argument(task, alpha, w):
    gradient = task.gradient(w)
    w_plus = tree.step(w, alpha, gradient)
    return task, alpha, w, gradient, w_plus, task.gradient(w_plus)


def _adapted(problem, task, batch):
    return tree.step(problem.w, problem.alpha, batch_gradient(task, problem.w, batch))


def _adapted_gradient(problem, task):
    return task.gradient(inner_step(task, problem.alpha, problem.w))


@jit_unless_exact
def _measured(problem: Adaptation):
    def of_task(task):
        w_plus = inner_step(task, problem.alpha, problem.w)
        norm = arithmetic.larger(measure.hessian_norm(task, problem.w), measure.hessian_norm(task, w_plus))
        return norm, measure.gradient_variance(task, problem.w)

    return problem.family.map(of_task) if problem.family.stacked else _columns(problem, of_task)


@jit_unless_exact
def _gradient_norm(problem: Adaptation):
    return _per_task(problem, lambda task: tree.norm(task.gradient(problem.w)))


@jit_unless_exact
def _curvature_change(problem: Adaptation):
    def of_task(task):
        w_plus = inner_step(task, problem.alpha, problem.w)

        def quotient(theta):
            sampled = tree.step(problem.w, problem.alpha, task.sample_gradient(problem.w, theta))
            return measure.hessian_quotient(task, w_plus, sampled)

        return measure.largest_over_samples(task, quotient)

    return _per_task(problem, of_task)


def _columns(problem, function):
    return tuple(np.array(column) for column in zip(*problem.family.map(function), strict=True))


def _per_task(problem, function):
    values = problem.family.map(function)
    return values if problem.family.stacked else np.array(values, dtype=object)


def _root(D, like):
    return arithmetic.sqrt(Q(D)) if isinstance(like, Q) else jnp.sqrt(D)


def smoothed_absolute(t=Q(400, 39999), D_in: int = 1, alpha=Q(1)) -> Adaptation:
    """f' = √(w² + d²) − d at w = 0 with noise ±1 and d = αt: bias/bound = √(1 + t²) − t at D_in = 1.

    t = 2mn/(m² − n²) makes it rational, (m − n)/(m + n); the default is m = 200, n = 1.
    """
    d = alpha * t
    one = t / t
    task = Noisy(SmoothedAbsolute(one, d, d), RademacherNoise(one))
    return Adaptation.of(TaskFamily.of([task]), alpha, 0 * t, D_in)


def odd_ramp(x=Q(1), D_in: int = 1, one=Q(1)) -> Adaptation:
    """f'' = clip(ρw, −L, L) at w = 0, α = L = 1, noise ±1, ρ = x: the Taylor bound is attained for x ≤ 1 at every D_in.

    At D_in = 1 and x ≥ 1 the bias is 1 − 1/(2x) of αLσ̃.
    """
    return Adaptation.of(TaskFamily.of([Noisy(OddRamp(one, x * one), RademacherNoise(one))]), one, 0 * one, D_in)


@register
class Saddle(Task):
    """w = (x, t), r = √(‖x‖² + ε²): f(w) = tr where |t| ≤ r, and ±(r² + t²)/2 beyond, with the sign of t. L = 1.

    ∇f(x, 0) = (0, r): on the plane t = 0 the gradient is a smoothed ‖x‖ times a *fixed* direction.
    Where |t| < r the Hessian has the eigenvalue t/r across x and, in the plane of x and t, those of the matrix
    [[tq/r, p], [p, 0]] with q = ε²/r², p² = 1 − q, which are at most 1 in size since |t|/r ≤ 1 and q + p² = 1. Beyond
    it is ±I. Values and gradients meet on the cone |t| = r. The Hessian jumps there (and only there): no ρ exists
    until a mollifier of width η rounds that off, which keeps L = 1 and moves gradients by at most η.
    """

    epsilon: Parameters

    @property
    def constants(self) -> Constants:
        """L = 1, ρ = ∞."""
        return Constants(1.0, float("inf"), 0.0, 0.0)

    def loss(self, w):
        """tr, or ±(r² + t²)/2."""
        x, t = w[:-1], w[-1]
        r = jnp.sqrt(jnp.sum(x**2) + self.epsilon**2)
        return jnp.where(jnp.abs(t) <= r, t * r, jnp.sign(t) * (r**2 + t**2) / 2)


def many_directions(directions: int = 12, D_in: int = 2, epsilon: float = 1e-9) -> Adaptation:
    """``Saddle`` at 0 with noise ±e_1, …, ±e_m, α = 1: as ε → 0, bias/bound = √D E‖mean of D such atoms‖.

    At D_in = 2 that is 1 − (1 − √½)/m, and at every D_in it tends to 1 as m → ∞: D draws are then orthogonal.
    """
    axes = jnp.eye(directions, directions + 1)
    task = Noisy(Saddle(jnp.asarray(epsilon)), AtomicNoise(jnp.concatenate([axes, -axes])))
    return Adaptation.of(TaskFamily.of([task]), 1.0, jnp.zeros(directions + 1), D_in)


def aligned_bias(w=Q(1), phi=Q(1), D_o: int = 100, d=Q(400, 39999)) -> Adaptation:
    """f' = √(w² + d²) − c with w⁺ = 0, α = ½, noise ±2, D_in = 1: the bias points along ∇f(w⁺) ≈ w.

    As d → 0 both sides of (21) tend to (w + 1)² + 4/D_o at φ = w.
    """
    one = w / w
    slope = arithmetic.sqrt(w * w + d * d) - 2 * w
    task = Noisy(SmoothedAbsolute(one, d, slope), RademacherNoise(2 * one))
    return Adaptation.of(TaskFamily.of([task]), one / 2, w, 1, D_o, phi)


def noisy_quadratic(D_in: int = 4, D_o: int = 3, phi=Q(1, 100)) -> Adaptation:
    """f = w²/2 at its minimum with noise ±1, α = 1: both sides of (21) are noise alone."""
    task = Noisy(Quadratic(Q(1), Q(0)), RademacherNoise(Q(1)))
    return Adaptation.of(TaskFamily.of([task]), Q(1), Q(0), D_in, D_o, phi)


def _trigonometric(seed: int) -> Adaptation:
    key_w, key_t = jax.random.split(jax.random.key(seed))
    tilts = jax.random.normal(key_t, (6, 3))
    noise = SinusoidalNoise(0.7, 2.0, angles=3, dimension=3)
    family = TaskFamily.of([Noisy(Trigonometric(0.5, 0.5, 3.0, t), noise) for t in tilts])
    return Adaptation.of(family, 0.9, 2 * jax.random.normal(key_w, (3,)), D_in=4, D_o=2, phi=0.5)


def _digits_enumerated(seed: int) -> Adaptation:
    family = digit_pairs()
    constants = family.constants
    w = 0.3 * jax.random.normal(jax.random.key(seed), (65,))
    return Adaptation.of(family, 1 / constants.L, w, D_in=1, D_o=1, constants=constants)


DIGIT_PAIRS_SAMPLED = ((0, 1), (3, 8), (4, 9))


def _digits_sampled(seed: int) -> Adaptation:
    family = TaskFamily.of([digit_pair(a, b) for a, b in DIGIT_PAIRS_SAMPLED])
    w = 0.3 * jax.random.normal(jax.random.key(seed), (65,))
    constants = family.constants
    return Adaptation.of(family, 1 / constants.L, w, 10, 10, constants=constants, samples=40_000, seed=seed)


def _halved_deviation(problem: Adaptation) -> Adaptation:
    return replace(problem, constants=problem.constants._replace(sigma_tilde=problem.constants.sigma_tilde / 2))


def _adversarial(parameters) -> Adaptation:
    log_t, w, alpha_L = parameters
    d = alpha_L * 10**log_t
    task = Noisy(SmoothedAbsolute(1.0, d, d), RademacherNoise(1.0))
    return Adaptation.of(TaskFamily.of([task]), alpha_L, w, 1, constants=Constants(1.0, 1 / d, 1.0, 0.0))


def _adversarial_ramp(parameters) -> Adaptation:
    log_x, w, alpha = parameters
    task = Noisy(OddRamp(1.0, 10**log_x), RademacherNoise(1.0))
    return Adaptation.of(TaskFamily.of([task]), alpha, w, 1, constants=Constants(1.0, 10**log_x, 1.0, 0.0))


def _adversarial_moment(parameters) -> Adaptation:
    w, log_phi = parameters
    task = Noisy(Quadratic(1.0, 0.0), RademacherNoise(1.0))
    return Adaptation.of(TaskFamily.of([task]), 1.0, w, 4, 3, 10**log_phi, constants=Constants(1.0, 0.0, 1.0, 0.0))


BIAS = Statement(
    id="fallah2020/lemma_4_10_bias",
    title="Lemma 4.10, bias (20)",
    source=Source("fallah2020", "Lemma 4.10, (20)", "V"),
    claim=r"\left\|\mathbb{E}\,\tilde\nabla f_i\big(w-\alpha\tilde\nabla f_i(w,\mathcal D_{in}),\mathcal D_o\big)"
    r"-\nabla f_i(w^+)\right\|\le\frac{\alpha L\tilde\sigma}{\sqrt{D_{in}}}",
    hypotheses=hypotheses,
    lhs=bias,
    rhs=lipschitz_bound,
    roundoff=roundoff,
    cases=(
        Case("√(w² + d²), t ≈ 0.01, D_in = 1", lambda seed: smoothed_absolute(), predicted=Q(199, 201)),
        Case("ramp with ρ = 1000, D_in = 1", lambda seed: odd_ramp(Q(1000)), predicted=Q(1999, 2000)),
        Case("ramp with ρ = 1000, D_in = 4", lambda seed: odd_ramp(Q(1000), 4), predicted=Q(1199, 1600)),
        Case(
            "√(w² + d²), t = 10⁻⁹, D_in = 1000",
            lambda seed: smoothed_absolute(jnp.asarray(1e-9), 1000, 1.0),
            predicted=np.sqrt(2 / np.pi) * (1 - 1 / 4000),
        ),
        Case(
            "saddle, noise in 12 directions, D_in = 2",
            lambda seed: many_directions(),
            predicted=1 - (1 - np.sqrt(0.5)) / 12,
        ),
        Case("six trigonometric tasks in 3-D", _trigonometric),
        Case("45 digit pairs, D_in = 1", _digits_enumerated),
        Case("three digit pairs, D_in = 10", _digits_sampled, sampled=3),
        Case("√(w² + d²) at αL = 2", lambda seed: smoothed_absolute(alpha=Q(2)), Verdict.SILENT),
    ),
    mutants=(
        Mutant(
            "σ̃ halved",
            lambda seed: _halved_deviation(smoothed_absolute()),
            drops=("sample deviation ≤ σ̃",),
        ),
        Mutant(
            "1/D_in claimed under Lipschitz gradients alone",
            lambda seed: odd_ramp(Q(1000), 9),
            rhs=lambda p: p.alpha * p.constants.L * p.constants.sigma_tilde / p.D_in,
        ),
    ),
    adversaries=(Adversary("√(w² + d²): t, w, αL", _adversarial, ((-2.0, 1.0), (-1.0, 1.0), (0.05, 1.0)), 0.99005),),
)

SECOND_MOMENT = Statement(
    id="fallah2020/lemma_4_10_second_moment",
    title="Lemma 4.10, second moment (21)",
    source=Source("fallah2020", "Lemma 4.10, (21)", "V"),
    claim=r"\mathbb{E}\left\|\tilde\nabla f_i(\tilde w,\mathcal D_o)\right\|^2\le"
    r"\Big(1+\frac1\phi\Big)\|\nabla f_i(w^+)\|^2+\frac{(1+\phi)\alpha^2L^2\tilde\sigma^2}{D_{in}}"
    r"+\frac{\tilde\sigma^2}{D_o}",
    hypotheses=hypotheses,
    lhs=second_moment,
    rhs=second_moment_bound,
    roundoff=squared_roundoff,
    cases=(
        Case("quadratic at its minimum, φ = 1/100", lambda seed: noisy_quadratic(), predicted=Q(700, 703)),
        Case("√(w² + d²), bias along the gradient, φ = 1", lambda seed: aligned_bias()),
        Case("six trigonometric tasks in 3-D", _trigonometric),
        Case("45 digit pairs, D_in = 1", _digits_enumerated),
        Case("three digit pairs, D_in = 10", _digits_sampled, sampled=3),
        Case("√(w² + d²) at αL = 2", lambda seed: smoothed_absolute(alpha=Q(2)), Verdict.SILENT),
    ),
    mutants=(
        Mutant(
            "σ̃²/D_o dropped",
            lambda seed: noisy_quadratic(),
            rhs=lambda p: second_moment_bound(p) - p.constants.sigma_tilde**2 / p.D_o,
        ),
        Mutant(
            "inner-step term dropped",
            lambda seed: noisy_quadratic(),
            rhs=lambda p: (
                second_moment_bound(p) - (1 + p.phi) * (p.alpha * p.constants.L * p.constants.sigma_tilde) ** 2 / p.D_in
            ),
        ),
        Mutant(
            "1 + 1/φ lowered to 1",
            lambda seed: aligned_bias(),
            rhs=lambda p: second_moment_bound(p) - _adapted_norm_squared(p) / p.phi,
        ),
        Mutant(
            "1 + φ lowered to 1",
            lambda seed: aligned_bias(),
            rhs=lambda p: (
                second_moment_bound(p) - p.phi * (p.alpha * p.constants.L * p.constants.sigma_tilde) ** 2 / p.D_in
            ),
        ),
        Mutant("σ̃ halved", lambda seed: _halved_deviation(noisy_quadratic()), drops=("sample deviation ≤ σ̃",)),
    ),
    adversaries=(Adversary("quadratic: w, φ", _adversarial_moment, ((-1.0, 1.0), (-2.0, 2.0)), 700 / 703),),
)

TAYLOR = replace(
    BIAS,
    id="fallah2020/lemma_4_10_taylor",
    title="Lemma 4.10, Taylor bound",
    source=Source("fallah2020", "Lemma 4.10, with Assumption 4.4", "D"),
    claim=r"\left\|\mathbb{E}\,\tilde\nabla f_i(\tilde w,\mathcal D_o)-\nabla f_i(w^+)\right\|"
    r"\le\frac{\rho\alpha^2\tilde\sigma^2}{2D_{in}}",
    hypotheses=taylor_hypotheses,
    rhs=taylor_bound,
    cases=(
        Case("ramp with ρ = 1, D_in = 1", lambda seed: odd_ramp(), predicted=Q(1)),
        Case("ramp with ρ = 1, D_in = 7", lambda seed: odd_ramp(D_in=7), predicted=Q(1)),
        Case("√(w² + d²), t ≈ 0.01, D_in = 1", lambda seed: smoothed_absolute()),
        Case("six trigonometric tasks in 3-D", _trigonometric),
        Case("45 digit pairs, D_in = 1", _digits_enumerated),
        Case("three digit pairs, D_in = 10", _digits_sampled, sampled=3),
    ),
    mutants=(
        Mutant("the ½ lowered to 0.49", lambda seed: odd_ramp(D_in=7), rhs=lambda p: taylor_bound(p) * Q(98, 100)),
        Mutant("1/D_in raised to 1/D_in²", lambda seed: odd_ramp(D_in=7), rhs=lambda p: taylor_bound(p) / p.D_in),
    ),
    adversaries=(Adversary("ramps: ρ, w, α", _adversarial_ramp, ((-1.0, 2.0), (-1.0, 1.0), (0.05, 1.0)), 1.0),),
)


@instance("D_in", "D_o", "D_h")
class MamlMean:
    """The mean of the MAML gradient (5) over its three independent batches: a family, α, w, batch sizes."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    D_in: int
    D_o: int
    D_h: int


@jit_unless_exact
def maml_bias(problem: MamlMean):
    """‖E[(I − α∇̃²f_i(w, 𝒟_h))∇̃f_i(w̃, 𝒟_o)] − ∇F_i(w)‖ for each task."""
    sizes = (problem.D_in, problem.D_o, problem.D_h)
    return _maml_bias(problem, sizes, lambda inner, outer, hessian: Batches(inner, outer, hessian))


@jit_unless_exact
def reused_batch_bias(problem: MamlMean):
    """The same with 𝒟_h = 𝒟_in, one batch used twice."""
    return _maml_bias(problem, (problem.D_in, problem.D_o), lambda inner, outer: Batches(inner, outer, inner))


def _maml_bias(problem, sizes, arrange):
    def of_task(task):
        mean = expectation(task, sizes, lambda *drawn: maml(task, problem.alpha, problem.w, arrange(*drawn)))
        return tree.norm(tree.subtract(mean, task_meta_gradient(task, problem.alpha, problem.w)))

    return _per_task(problem, of_task)


def quadratic_hypotheses(problem: MamlMean):
    """ρ = 0 for every task."""
    return {"f_i is quadratic": margin(0 * problem.alpha, problem.family.constants.rho)}


def noisy_curvatures(seed: int = 0) -> MamlMean:
    """Two quadratics with curvature noise a ± ½ about a common centre: gradient and Hessian noise are correlated."""
    tasks = [Noisy(Quadratic(Q(a), Q(0)), CurvatureNoise(Q(1, 2), Q(0))) for a in (1, -2)]
    return MamlMean(TaskFamily.of(tasks), Q(1, 2), Q(1), 2, 2, 2)


QUADRATIC = Statement(
    id="fallah2020/lemma_4_10_quadratic",
    title="No bias on quadratics",
    source=Source("fallah2020", "Lemma 4.10, case ρ = 0", "D"),
    claim=r"\rho=0\;\Rightarrow\;\mathbb{E}\big[(I-\alpha\tilde\nabla^2f_i(w,\mathcal D_h))"
    r"\tilde\nabla f_i(\tilde w,\mathcal D_o)\big]=\nabla F_i(w)",
    hypotheses=quadratic_hypotheses,
    lhs=maml_bias,
    rhs=lambda problem: 0 * problem.alpha,
    roundoff=lambda problem: relative_roundoff(problem) * (1 + tree.norm(problem.w)),
    cases=(
        Case("two quadratics, curvature noise, D = 2", noisy_curvatures, predicted=Q(1)),
        Case(
            "ramp: not quadratic",
            lambda seed: MamlMean(odd_ramp().family, Q(1), Q(0), 1, 1, 1),
            Verdict.SILENT,
        ),
    ),
    mutants=(Mutant("one batch for 𝒟_in and 𝒟_h", noisy_curvatures, lhs=reused_batch_bias),),
)

STATEMENTS = (BIAS, SECOND_MOMENT, TAYLOR, QUADRATIC)
