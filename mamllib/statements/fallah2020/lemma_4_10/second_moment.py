"""The second moment of the sampled gradient, inequality (21)."""

from dataclasses import dataclass
from fractions import Fraction as Q

import jax
import numpy as np

from mamllib import tree
from mamllib.arithmetic import jit_unless_exact
from mamllib.batches import expectation
from mamllib.checking.statement import Adversary, Case, Mutant, Source, Statement
from mamllib.checking.statistics import Mean
from mamllib.checking.verdict import Verdict
from mamllib.statements.fallah2020 import measure
from mamllib.statements.fallah2020.lemma_4_10 import instances
from mamllib.statements.fallah2020.lemma_4_10.adaptation import (
    Adaptation,
    adapted_norm_squared,
    adapted_point,
    hypotheses,
    roundoff,
    streams,
)
from mamllib.statements.instance import relative_roundoff
from mamllib.tasks.task import batch_gradient, draw


def second_moment(problem: Adaptation):
    """E‖∇̃f_i(w̃, 𝒟_o)‖² for each task; a ``Mean`` where the instance is sampled."""
    return _sampled_second_moment(problem) if problem.samples else _enumerated_second_moment(problem)


@jit_unless_exact
def second_moment_bound(problem: Adaptation):
    """(1 + 1/φ)‖∇f_i(w⁺)‖² + (1 + φ)α²L²σ̃²/D_in + σ̃²/D_o for each task."""
    c, phi = problem.constants, problem.phi
    noise = (1 + phi) * (problem.alpha * c.L * c.sigma_tilde) ** 2 / problem.D_in + c.sigma_tilde**2 / problem.D_o
    return (1 + 1 / phi) * adapted_norm_squared(problem) + noise


def squared_roundoff(problem: Adaptation):
    """The same budget for squares: γ times the right side of (21) and twice size times γ·size."""
    return 2 * roundoff(problem) ** 2 / relative_roundoff(problem) + relative_roundoff(problem) * second_moment_bound(
        problem
    )


@jit_unless_exact
def _enumerated_second_moment(problem: Adaptation):
    def of_task(task):
        def given_inner(batch):
            w = adapted_point(problem, task, batch)
            return tree.norm_squared(task.gradient(w)) + measure.gradient_variance(task, w) / problem.D_o

        return expectation(task, (problem.D_in,), given_inner)

    return problem.family.map(of_task)


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


def _sampled_second_moment(problem: Adaptation) -> Mean:
    drawn = streams(problem, SecondMomentDraw(problem.D_in, problem.D_o))
    return Mean(np.stack([one_task.blocks[:, 0] for one_task in drawn]))


SECOND_MOMENT = Statement(
    id="fallah2020/lemma_4_10_second_moment",
    title="Lemma 4.10, second moment (21)",
    source=Source("fallah2020", "Lemma 4.10, (21)", "V"),
    claim=r"\mathbb{E}\left\|\tilde\nabla f_i(\tilde w,\mathcal D_o)\right\|^2\le"
    r"\Big(1+\frac1\phi\Big)\|\nabla f_i(w^+)\|^2+\frac{(1+\phi)\alpha^2L^2\tilde\sigma^2}{D_{in}}"
    r"+\frac{\tilde\sigma^2}{D_o}",
    takes=Adaptation,
    hypotheses=hypotheses,
    lhs=second_moment,
    rhs=second_moment_bound,
    roundoff=squared_roundoff,
    cases=(
        Case("quadratic at its minimum, φ = 1/100", lambda seed: instances.noisy_quadratic(), predicted=Q(700, 703)),
        Case("√(w² + d²), bias along the gradient, φ = 1", lambda seed: instances.aligned_bias()),
        Case("six trigonometric tasks in 3-D", instances.trigonometric),
        Case("45 digit pairs, D_in = 1", instances.digits_enumerated),
        Case("three digit pairs, D_in = 10", instances.digits_sampled, sampled=3),
        Case("√(w² + d²) at αL = 2", lambda seed: instances.smoothed_absolute(alpha=Q(2)), Verdict.SILENT),
    ),
    mutants=(
        Mutant(
            "σ̃²/D_o dropped",
            lambda seed: instances.noisy_quadratic(),
            rhs=lambda p: second_moment_bound(p) - p.constants.sigma_tilde**2 / p.D_o,
        ),
        Mutant(
            "inner-step term dropped",
            lambda seed: instances.noisy_quadratic(),
            rhs=lambda p: (
                second_moment_bound(p) - (1 + p.phi) * (p.alpha * p.constants.L * p.constants.sigma_tilde) ** 2 / p.D_in
            ),
        ),
        Mutant(
            "1 + 1/φ lowered to 1",
            lambda seed: instances.aligned_bias(),
            rhs=lambda p: second_moment_bound(p) - adapted_norm_squared(p) / p.phi,
        ),
        Mutant(
            "1 + φ lowered to 1",
            lambda seed: instances.aligned_bias(),
            rhs=lambda p: (
                second_moment_bound(p) - p.phi * (p.alpha * p.constants.L * p.constants.sigma_tilde) ** 2 / p.D_in
            ),
        ),
        Mutant(
            "σ̃ halved",
            lambda seed: instances.halved_deviation(instances.noisy_quadratic()),
            drops=("sample deviation ≤ σ̃",),
        ),
    ),
    adversaries=(Adversary("quadratic: w, φ", instances.adversarial_moment, ((-1.0, 1.0), (-2.0, 2.0)), 700 / 703),),
)
