"""The bias of the sampled inner step, inequality (20)."""

from typing import NamedTuple

from mamllib.inner_loop import inner_step
from mamllib.monte_carlo import stream
from mamllib.statements.fallah2020.lemma_4_10 import instances
from mamllib.statements.fallah2020.lemma_4_10.draws import BiasDraw, around
from mamllib.statements.fallah2020.lemma_4_10.question import (
    Adaptation,
    root_of_batch_size,
    roundoff,
    short_step,
)
from mamllib.statements.kit import (
    SAMPLE_DEVIATION,
    SMOOTH,
    UNBIASED,
    Adversary,
    NormOfMean,
    Parameters,
    Q,
    Source,
    Statement,
    Verdict,
    case,
    deviations,
    evaluate,
    expectation,
    mutant,
    np,
    sqrt,
    tree,
)
from mamllib.tasks.task import batch_gradient


def bias(problem: Adaptation):
    """‖E∇̃f_i(w̃, 𝒟_o) − ∇f_i(w⁺)‖ for each task; a ``NormOfMean`` where the instance is sampled."""
    if problem.samples:
        return NormOfMean(np.stack([each.blocks[:, :-1] for each in problem.streams]))
    return problem.moments.bias


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


def proof_chain(problem: Adaptation) -> ProofChain:
    """Where the bound (20) is lost: wherever two neighbours of the chain differ. By enumeration."""
    change, xi, deviation = evaluate(_chain, problem)
    reach, bound = problem.alpha * problem.constants.L, lipschitz_bound(problem)
    own = reach * deviation / root_of_batch_size(problem.D_in, problem.constants.L)
    return ProofChain(bias(problem), change, reach * xi, own, bound + 0 * own)


def _chain(problem: Adaptation):
    def of_task(task):
        gradient, adapted = task.gradient(problem.w), task.gradient(inner_step(task, problem.alpha, problem.w))

        def norms(batch):
            change = tree.subtract(task.gradient(problem.adapted(task, batch)), adapted)
            return tree.norm(change), tree.norm(tree.subtract(batch_gradient(task, problem.w, batch), gradient))

        return *expectation(task, (problem.D_in,), norms), sqrt(deviations.gradient_variance(task, problem.w))

    return problem.family.map(of_task)


def bias_stream(task, alpha, w, D_in: int, key, samples: int, control: bool = True):
    """Block means of ∇f(w̃) − ∇f(w⁺), streamed; ``control`` False: independent draws, and nothing subtracted."""
    known = around(task, alpha, w, D_in, samples if control else 0)
    return stream(BiasDraw(D_in, control), known, key, samples)


BIAS = Statement(
    id="fallah2020/lemma_4_10_bias",
    title="Lemma 4.10, bias (20)",
    source=Source("fallah2020", "Lemma 4.10, (20)", "V"),
    claim=r"\left\|\mathbb{E}\,\tilde\nabla f_i\big(w-\alpha\tilde\nabla f_i(w,\mathcal D_{in}),\mathcal D_o\big)"
    r"-\nabla f_i(w^+)\right\|\le\frac{\alpha L\tilde\sigma}{\sqrt{D_{in}}}",
    takes=Adaptation,
    assumes=(SMOOTH, SAMPLE_DEVIATION, UNBIASED),
    hypotheses=short_step,
    lhs=bias,
    rhs=lipschitz_bound,
    roundoff=roundoff,
    cases=(
        case("√(w² + d²), t ≈ 0.01, D_in = 1", instances.smoothed_absolute, predicted=Q(199, 201)),
        case("√(w² + d²), t ≈ 0.01, αL = 1/2", instances.smoothed_absolute, alpha=Q(1, 2), predicted=Q(199, 201)),
        case("ramp with ρ = 1000, D_in = 1", instances.odd_ramp, Q(1000), predicted=Q(1999, 2000)),
        case("ramp with ρ = 1000, D_in = 4", instances.odd_ramp, Q(1000), 4, predicted=Q(1199, 1600)),
        case(
            "√(w² + d²), t = 10⁻⁹, D_in = 1000",
            instances.smoothed_absolute,
            1e-9,
            1000,
            1.0,
            predicted=np.sqrt(2 / np.pi) * (1 - 1 / 4000),
        ),
        case(
            "saddle, noise in 12 directions, D_in = 2", instances.many_directions, predicted=1 - (1 - np.sqrt(0.5)) / 12
        ),
        case("six trigonometric tasks in 3-D", instances.trigonometric),
        case("45 digit pairs, D_in = 1", instances.digits_enumerated),
        case("three digit pairs, D_in = 10", instances.digits_sampled, sampled=3),
        case("√(w² + d²) at αL = 2", instances.smoothed_absolute, alpha=Q(2), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("σ̃ halved", instances.halved_deviation, instances.smoothed_absolute, drops="sample deviation ≤ σ̃"),
        mutant(
            "1/D_in claimed under Lipschitz gradients alone",
            instances.odd_ramp,
            Q(1000),
            9,
            rhs=lambda p: p.alpha * p.constants.L * p.constants.sigma_tilde / p.D_in,
        ),
    ),
    spared={"α ≤ 1/L": "true: the proof does not use it"},
    adversaries=(
        Adversary("√(w² + d²): t, w, αL", instances.adversarial, ((-2.0, 1.0), (-1.0, 1.0), (0.05, 1.0)), 0.99005),
    ),
)
