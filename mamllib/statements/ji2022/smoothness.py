"""How smooth the N-step objective is: with a constant that grows with the task gradients, and that cannot be smaller.

    ‖∇𝓛(w) − ∇𝓛(u)‖ ≤ min{L_w, L_u}‖w − u‖,   L_w = x^{2N}L + C_L E_i‖∇l_i(w)‖,
    x = 1 + αL,  C_L = (ρ/L)x^{2N−1}(x^N − 1)                                                        (derived here)

for every α ≥ 0 and N ≥ 1, where l_i has an L-Lipschitz gradient and a ρ-Lipschitz Hessian.

Proof. ∇𝓛_i(w) = P(w)∇l_i(w̃_N) with P(w) = ∏_{j<N}(I − α∇²l_i(w̃_j)), each factor at most x in norm. A step is
x-Lipschitz, so ‖w̃_j − ũ_j‖ ≤ x^j‖w − u‖, and ∇l_i(w̃_{j+1}) = (I − αH̄)∇l_i(w̃_j) with the mean Hessian of the step, so
‖∇l_i(w̃_N)‖ ≤ x^N‖∇l_i(w)‖. Split
    ∇𝓛_i(w) − ∇𝓛_i(u) = P(u)[∇l_i(w̃_N) − ∇l_i(ũ_N)] + [P(w) − P(u)]∇l_i(w̃_N).
The first term is at most x^N · L · x^N‖w − u‖. In the second exchange one factor at a time:
‖P(w) − P(u)‖ ≤ αρx^{N−1}Σ_{j<N}‖w̃_j − ũ_j‖ ≤ αρx^{N−1}Σ_{j<N}x^j‖w − u‖ = (ρ/L)x^{N−1}(x^N − 1)‖w − u‖.
Average over i; exchange w and u for the minimum. ∎ At N = 1 it is Lemma 4.8 of Fallah et al. for every α.

No constant can be lowered: a path through points at which l'' is nearly −L and |l'''| = ρ comes as near to both terms
at once as one likes, for every N.
"""

from mamllib.statements.fallah2020.lemma_4_8 import LEMMA_4_8, Pairs
from mamllib.statements.fallah2020.lemma_4_8.instances import digits
from mamllib.statements.ji2022.stretch import powers, stretch
from mamllib.statements.kit import (
    Q,
    Source,
    TaskFamily,
    Verdict,
    case,
    holds_if,
    mutant,
    np,
    smaller_of,
    total,
)
from mamllib.tasks import Quadratic, TriangularWave, Trigonometric

NEAR = Q(1, 10**6)


def stretched_curvature(pairs: Pairs):
    """x^{2N}L‖w − u‖."""
    return stretch(pairs) ** (2 * pairs.steps) * pairs.constants.L * pairs.answer.parts.distance


def bent_factors(pairs: Pairs):
    """C_L min{E‖∇l_i(w)‖, E‖∇l_i(u)‖}‖w − u‖."""
    parts = pairs.answer.parts
    return bend(pairs) * smaller_of(*parts.gradients) * parts.distance


def bend(pairs: Pairs):
    """C_L = (ρ/L)x^{2N−1}(x^N − 1) = αρx^{2N−1}Σ_{j<N}x^j."""
    N = pairs.steps
    return pairs.alpha * pairs.constants.rho * stretch(pairs) ** max(2 * N - 1, 0) * powers(pairs, N)


bound = total(stretched_curvature, bent_factors)


def with_fewer_factors(pairs: Pairs):
    """L_w‖w − u‖ with x^N in place of x^{2N}."""
    return stretched_curvature(pairs) / stretch(pairs) ** pairs.steps + bent_factors(pairs)


def with_linear_growth(pairs: Pairs):
    """L_w‖w − u‖ with NαL in place of x^N − 1."""
    return stretched_curvature(pairs) + bent_factors(pairs) * pairs.steps / powers(pairs, pairs.steps)


def several_steps(pairs: Pairs) -> dict:
    """N ≥ 1."""
    return {"N ≥ 1": holds_if(pairs.steps >= 1)}


def falling_path(N: int, alpha=Q(1), turns: int = 10**4) -> Pairs:
    """f'' = −1 + bT about a point c where T falls through 0, with ρ = 1: the path from c + 1 is w̃_j = c + (1 + α)^j.

    A period P = 4b divides every (1 + α)^j, so T vanishes and falls all along: f'' = −1 and f''' = −1 there.
    """
    period = Q(1, turns * alpha.denominator**N)
    w = period / 2 + 1
    family = TaskFamily.of([falling_wave(period)])
    return Pairs.of(family, alpha, (w,), (w + NEAR * period / (1 + alpha) ** N,), steps=N)


def falling_wave(period) -> TriangularWave:
    """f'' = −1 + bT with ρ = 4b/P = 1, and f' = 0 where T first falls through 0, at P/2."""
    b = period / 4
    return TriangularWave(0 * b - 1, b, period, period / 2 - b * period / 4)


def falling_path_in_floats(N: int, turns: int = 10**4) -> Pairs:
    """The same at α = 1: in fractions the digits of a second path double with every step."""
    period = 1 / turns
    w = np.array([period / 2 + 1])
    return Pairs.of(TaskFamily.of([falling_wave(period)]), 1.0, w, w + 0.1 * period / 2.0**N, steps=N)


def share(N: int, alpha=Q(1), turns: int = 10**4) -> float:
    """What ``falling_path`` uses of the bound as u → w: it has L = 1 + b where the curvature is 1."""

    def constant(L):
        x = 1 + alpha * L
        return x ** (2 * N) * L + alpha * x ** (2 * N - 1) * sum(x**j for j in range(N))

    return float(constant(Q(1)) / constant(1 + Q(1, 4 * turns * alpha.denominator**N)))


def rippled(seed: int) -> Pairs:
    """Three rippled tasks, five steps, 100 pairs from 10⁻⁴ to 10 apart."""
    rng = np.random.default_rng(seed)
    tasks = [Trigonometric(1.0, 0.5, 4.0, 0.3), Trigonometric(-1.0, 0.3, 3.0, 0.0), Trigonometric(0.2, 0.6, 2.0, -0.5)]
    w, distance = 10 * rng.normal(size=100), 10 ** rng.uniform(-4, 1, 100)
    return Pairs.of(TaskFamily.of(tasks), 0.3, w, w + distance * rng.normal(size=100), steps=5)


def concave(N: int, alpha=Q(1, 3)) -> Pairs:
    """f = −3w²/2, where ∇𝓛 = −3x^{2N}w."""
    return Pairs.of(TaskFamily.of([Quadratic(Q(-3), Q(0))]), alpha, (Q(2),), (Q(-1, 7),), steps=N)


SMOOTHNESS = LEMMA_4_8.variant(
    id="ji2022/smoothness",
    title="N inner steps, smoothness (J2)",
    source=Source("ji2022", "smoothness of the N-step objective (J2)", "D"),
    claim=r"\|\nabla\mathcal L(w)-\nabla\mathcal L(u)\|\le\min\{L_w,L_u\}\|w-u\|,\quad "
    r"L_w=x^{2N}L+\tfrac\rho Lx^{2N-1}(x^N-1)\,\mathbb E_i\|\nabla l_i(w)\|,\ x=1+\alpha L",
    hypotheses=several_steps,
    rhs=bound,
    rests_on=(),
    cases=(
        case("f'' = −1, f''' = −1 on the whole path, N = 1", falling_path, 1, predicted=share(1)),
        case("the same, N = 4", falling_path, 4, predicted=share(4)),
        case("the same, N = 16, in floats", falling_path_in_floats, 16, predicted=share(16)),
        case("the same at α = ½, N = 3", falling_path, 3, Q(1, 2), predicted=share(3, Q(1, 2))),
        case("−3w²/2, N = 5", concave, 5, predicted=Q(1)),
        case("three rippled tasks, N = 5, 100 pairs", rippled),
        case("45 digit pairs at α = 1/L, N = 1, 24 pairs", digits),
        case("N = 0", concave, 0, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("x^N for x^{2N}", falling_path, 2, rhs=with_fewer_factors),
        mutant("C_L dropped", falling_path, 4, rhs=stretched_curvature),
        mutant("x^{2N−2} in C_L", falling_path, 4, rhs=lambda p: stretched_curvature(p) + bent_factors(p) / stretch(p)),
        mutant("NαL for x^N − 1 in C_L", falling_path, 4, rhs=with_linear_growth),
        mutant("lowered by a thousandth", falling_path, 4, rhs=lambda p: bound(p) * Q(999, 1000)),
    ),
)
