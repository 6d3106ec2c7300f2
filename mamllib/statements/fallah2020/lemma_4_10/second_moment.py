"""The second moment of the sampled gradient, inequality (21)."""

from mamllib.statements.fallah2020.lemma_4_10 import instances
from mamllib.statements.fallah2020.lemma_4_10.question import Adaptation, roundoff, short_step
from mamllib.statements.kit import (
    SAMPLE_DEVIATION,
    SMOOTH,
    UNBIASED,
    Adversary,
    Mean,
    Q,
    Source,
    Statement,
    Verdict,
    case,
    mutant,
    np,
    relative_roundoff,
    total,
)


def second_moment(problem: Adaptation):
    """E‖∇̃f_i(w̃, 𝒟_o)‖² for each task; a ``Mean`` where the instance is sampled."""
    if problem.samples:
        return Mean(np.stack([each.blocks[:, -1] for each in problem.streams]))
    return problem.moments.second


def adapted_term(problem: Adaptation):
    """(1 + 1/φ)‖∇f_i(w⁺)‖² for each task."""
    return (1 + 1 / problem.phi) * problem.answer.parts.adapted_squared


def inner_term(problem: Adaptation):
    """(1 + φ)α²L²σ̃²/D_in."""
    c = problem.constants
    return (1 + problem.phi) * (problem.alpha * c.L * c.sigma_tilde) ** 2 / problem.D_in


def outer_term(problem: Adaptation):
    """σ̃²/D_o."""
    return problem.constants.sigma_tilde**2 / problem.D_o


second_moment_bound = total(adapted_term, inner_term, outer_term)


def squared_roundoff(problem: Adaptation):
    """The same budget for squares: γ times the right side of (21) and twice size times γ·size."""
    gamma = relative_roundoff(problem)
    return 2 * roundoff(problem) ** 2 / gamma + gamma * second_moment_bound(problem)


SECOND_MOMENT = Statement(
    id="fallah2020/lemma_4_10_second_moment",
    title="Lemma 4.10, second moment (21)",
    source=Source("fallah2020", "Lemma 4.10, (21)", "V"),
    claim=r"\mathbb{E}\left\|\tilde\nabla f_i(\tilde w,\mathcal D_o)\right\|^2\le"
    r"\Big(1+\frac1\phi\Big)\|\nabla f_i(w^+)\|^2+\frac{(1+\phi)\alpha^2L^2\tilde\sigma^2}{D_{in}}"
    r"+\frac{\tilde\sigma^2}{D_o}",
    takes=Adaptation,
    assumes=(SMOOTH, SAMPLE_DEVIATION, UNBIASED),
    hypotheses=short_step,
    lhs=second_moment,
    rhs=second_moment_bound,
    roundoff=squared_roundoff,
    cases=(
        case("quadratic at its minimum, φ = 1/100", instances.noisy_quadratic, predicted=Q(700, 703)),
        case("√(w² + d²), bias along the gradient, φ = 1", instances.aligned_bias),
        case("six trigonometric tasks in 3-D", instances.trigonometric),
        case("45 digit pairs, D_in = 1", instances.digits_enumerated),
        case("three digit pairs, D_in = 10", instances.digits_sampled, sampled=3),
        case("√(w² + d²) at αL = 2", instances.smoothed_absolute, alpha=Q(2), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant(
            "σ̃²/D_o dropped",
            instances.noisy_quadratic,
            rhs=lambda p: second_moment_bound(p) - p.constants.sigma_tilde**2 / p.D_o,
        ),
        mutant(
            "inner-step term dropped",
            instances.noisy_quadratic,
            rhs=lambda p: (
                second_moment_bound(p) - (1 + p.phi) * (p.alpha * p.constants.L * p.constants.sigma_tilde) ** 2 / p.D_in
            ),
        ),
        mutant(
            "1 + 1/φ lowered to 1",
            instances.aligned_bias,
            rhs=lambda p: second_moment_bound(p) - p.answer.parts.adapted_squared / p.phi,
        ),
        mutant(
            "1 + φ lowered to 1",
            instances.aligned_bias,
            rhs=lambda p: (
                second_moment_bound(p) - p.phi * (p.alpha * p.constants.L * p.constants.sigma_tilde) ** 2 / p.D_in
            ),
        ),
        mutant("σ̃ halved", instances.halved_deviation, instances.noisy_quadratic, drops="sample deviation ≤ σ̃"),
    ),
    spared={"α ≤ 1/L": "true: the proof does not use it", "φ": "true: the lemma holds for every φ > 0"},
    adversaries=(Adversary("quadratic: w, φ", instances.adversarial_moment, ((-1.0, 1.0), (-2.0, 2.0)), 700 / 703),),
)
