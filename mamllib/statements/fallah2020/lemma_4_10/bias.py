"""The bias of the sampled inner step, inequality (20)."""

from dataclasses import dataclass
from fractions import Fraction as Q
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, tree
from mamllib.arithmetic import jit_unless_exact
from mamllib.batches import expectation
from mamllib.checking.statement import Adversary, Case, Mutant, Source, Statement
from mamllib.checking.statistics import NormOfMean
from mamllib.checking.verdict import Verdict
from mamllib.monte_carlo import stream
from mamllib.statements.fallah2020 import measure
from mamllib.statements.fallah2020.lemma_4_10 import instances
from mamllib.statements.fallah2020.lemma_4_10.adaptation import (
    Adaptation,
    adapted_gradient,
    adapted_point,
    draw_argument,
    hypotheses,
    root_of_batch_size,
    roundoff,
    streams,
)
from mamllib.tasks.task import Parameters, batch_gradient, draw


def bias(problem: Adaptation):
    """‖E∇̃f_i(w̃, 𝒟_o) − ∇f_i(w⁺)‖ for each task; a ``NormOfMean`` where the instance is sampled."""
    return _sampled_bias(problem) if problem.samples else _enumerated_bias(problem)


def lipschitz_bound(problem: Adaptation):
    """αLσ̃/√D_in. In fractions D_in must be a perfect square."""
    c = problem.constants
    return problem.alpha * c.L * c.sigma_tilde / root_of_batch_size(problem.D_in, c.L)


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
        gradient, adapted = task.gradient(problem.w), adapted_gradient(problem, task)

        def norms(batch):
            change = tree.subtract(task.gradient(adapted_point(problem, task, batch)), adapted)
            return tree.norm(change), tree.norm(tree.subtract(batch_gradient(task, problem.w, batch), gradient))

        change, xi = expectation(task, (problem.D_in,), norms)
        deviation = arithmetic.sqrt(measure.gradient_variance(task, problem.w))
        return change, reach * xi, reach * deviation / root_of_batch_size(problem.D_in, c.L)

    change, xi, deviation = problem.family.map(of_task)
    bound = lipschitz_bound(problem) + 0 * deviation
    return ProofChain(_enumerated_bias(problem), change, xi, deviation, bound)


@jit_unless_exact
def _enumerated_bias(problem: Adaptation):
    def of_task(task):
        mean = expectation(task, (problem.D_in,), lambda batch: task.gradient(adapted_point(problem, task, batch)))
        return tree.norm(tree.subtract(mean, adapted_gradient(problem, task)))

    return problem.family.map(of_task)


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


def bias_stream(task, alpha, w, D_in: int, key, samples: int, control: bool = True):
    """Block means of the bias at w, streamed; ``control`` chooses the control variate."""
    return stream(BiasDraw(D_in, control), draw_argument(task, alpha, w), key, samples)


def _sampled_bias(problem: Adaptation) -> NormOfMean:
    return NormOfMean(np.stack([s.blocks for s in streams(problem, BiasDraw(problem.D_in))]))


BIAS = Statement(
    id="fallah2020/lemma_4_10_bias",
    title="Lemma 4.10, bias (20)",
    source=Source("fallah2020", "Lemma 4.10, (20)", "V"),
    claim=r"\left\|\mathbb{E}\,\tilde\nabla f_i\big(w-\alpha\tilde\nabla f_i(w,\mathcal D_{in}),\mathcal D_o\big)"
    r"-\nabla f_i(w^+)\right\|\le\frac{\alpha L\tilde\sigma}{\sqrt{D_{in}}}",
    takes=Adaptation,
    hypotheses=hypotheses,
    lhs=bias,
    rhs=lipschitz_bound,
    roundoff=roundoff,
    cases=(
        Case("√(w² + d²), t ≈ 0.01, D_in = 1", lambda seed: instances.smoothed_absolute(), predicted=Q(199, 201)),
        Case("ramp with ρ = 1000, D_in = 1", lambda seed: instances.odd_ramp(Q(1000)), predicted=Q(1999, 2000)),
        Case("ramp with ρ = 1000, D_in = 4", lambda seed: instances.odd_ramp(Q(1000), 4), predicted=Q(1199, 1600)),
        Case(
            "√(w² + d²), t = 10⁻⁹, D_in = 1000",
            lambda seed: instances.smoothed_absolute(jnp.asarray(1e-9), 1000, 1.0),
            predicted=np.sqrt(2 / np.pi) * (1 - 1 / 4000),
        ),
        Case(
            "saddle, noise in 12 directions, D_in = 2",
            lambda seed: instances.many_directions(),
            predicted=1 - (1 - np.sqrt(0.5)) / 12,
        ),
        Case("six trigonometric tasks in 3-D", instances.trigonometric),
        Case("45 digit pairs, D_in = 1", instances.digits_enumerated),
        Case("three digit pairs, D_in = 10", instances.digits_sampled, sampled=3),
        Case("√(w² + d²) at αL = 2", lambda seed: instances.smoothed_absolute(alpha=Q(2)), Verdict.SILENT),
    ),
    mutants=(
        Mutant(
            "σ̃ halved",
            lambda seed: instances.halved_deviation(instances.smoothed_absolute()),
            drops=("sample deviation ≤ σ̃",),
        ),
        Mutant(
            "1/D_in claimed under Lipschitz gradients alone",
            lambda seed: instances.odd_ramp(Q(1000), 9),
            rhs=lambda p: p.alpha * p.constants.L * p.constants.sigma_tilde / p.D_in,
        ),
    ),
    adversaries=(
        Adversary("√(w² + d²): t, w, αL", instances.adversarial, ((-2.0, 1.0), (-1.0, 1.0), (0.05, 1.0)), 0.99005),
    ),
)
