"""How smooth the N-step objective is where inner and outer loss are measured on different data.

    ‖∇𝓛(w) − ∇𝓛(u)‖ ≤ L_w‖w − u‖,   L_w = x^{2N}L + C_b b + C_L E_i‖∇l_T(w)‖,
    C_b = (ρ/L)x^{N−1}(x^N − 1)²,  C_L = (ρ/L)x^{2N−1}(x^N − 1),  x = 1 + αL                          (derived here)

for every α ≥ 0 and N ≥ 1, where l_S and l_T have L-Lipschitz gradients, l_S a ρ-Lipschitz Hessian, and
E_i max_{m≤N}‖∇l_S(w̃_m) − ∇l_T(w̃_m)‖ ≤ b.

Proof. As for ``smoothness``, with P of l_S and with
    ∇l_T(w̃_{m+1}) = (I − αH̄_T)∇l_T(w̃_m) + αH̄_T(∇l_T − ∇l_S)(w̃_m),
H̄_T the mean of ∇²l_T along the step: ‖∇l_T(w̃_N)‖ ≤ x^N‖∇l_T(w)‖ + (x^N − 1)b_i. In the second term of the split this is
multiplied by (ρ/L)x^{N−1}(x^N − 1)‖w − u‖. ∎ Approached as there, where l_T is l_S with a tilt b against its gradient.
"""

from mamllib.statements.ji2022.smoothness import NEAR, falling_wave
from mamllib.statements.ji2022.split_pairs import SplitPair, roundoff, shifted_by
from mamllib.statements.ji2022.stretch import departure, powers, stretch
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SMOOTH,
    Q,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    holds_if,
    mutant,
    np,
    replace,
    total,
)
from mamllib.tasks import Quadratic, Split, Trigonometric, digit_pair


def change(asked: SplitPair):
    """‖∇𝓛(w) − ∇𝓛(u)‖."""
    return asked.answer.parts.change


def stretched_curvature(asked: SplitPair):
    """x^{2N}L‖w − u‖."""
    return stretch(asked) ** (2 * asked.steps) * asked.constants.L * asked.answer.parts.distance


def bend(asked: SplitPair):
    """(ρ/L)x^{N−1}(x^N − 1) = αρx^{N−1}Σ_{j<N}x^j."""
    N = asked.steps
    return asked.alpha * asked.constants.rho * stretch(asked) ** max(N - 1, 0) * powers(asked, N)


def shifted_data(asked: SplitPair):
    """C_b b‖w − u‖."""
    return bend(asked) * departure(asked, asked.steps) * asked.shift * asked.answer.parts.distance


def bent_factors(asked: SplitPair):
    """C_L E‖∇l_T(w)‖‖w − u‖."""
    parts = asked.answer.parts
    return bend(asked) * stretch(asked) ** asked.steps * parts.mean_size * parts.distance


bound = total(stretched_curvature, shifted_data, bent_factors)


def hypotheses(asked: SplitPair) -> dict:
    """N ≥ 1, and that the two losses have gradients as close as b says."""
    return {"N ≥ 1": holds_if(asked.steps >= 1), "E_i‖∇l_S − ∇l_T‖ ≤ b": shifted_by(asked)}


def tilted_path(N: int, tilt=Q(1, 2), turns: int = 10**4, declared=Q(1)) -> SplitPair:
    """l_S with l'' = −1, l''' = −1 on the whole path from 1, where l_S' = −1; l_T' = l_S' + b, b < 1.

    α = 1, so the path is c + 2^j. ``declared`` is the share of b that is declared.
    """
    period = Q(1, turns)
    w, wave = period / 2 + 1, falling_wave(period)
    family = TaskFamily.of([Split(wave, replace(wave, tilt=wave.tilt + tilt))])
    return SplitPair.of(family, Q(1), w, w + NEAR * period / 2**N, declared * tilt, steps=N)


def share(N: int, tilt=Q(1, 2), turns: int = 10**4) -> float:
    """What ``tilted_path`` uses of the bound as u → w: it has L = 1 + β where the curvature is 1."""

    def constant(L):
        x = 1 + L
        powers_of = sum(x**j for j in range(N))
        bend = x ** (N - 1) * powers_of
        return x ** (2 * N) * L + bend * (x**N - 1) * tilt + bend * x**N * (1 - tilt)

    return float(constant(Q(1)) / constant(1 + Q(1, 4 * turns)))


def rippled(seed: int) -> SplitPair:
    """Three rippled tasks whose outer loss is the inner one with another tilt; five steps."""
    rng = np.random.default_rng(seed)
    tilts = rng.normal(size=(3, 2, 4))
    tasks = [Split(*(Trigonometric(0.3, 0.5, 2.0, tilt) for tilt in pair)) for pair in tilts]
    shift = float(np.linalg.norm(tilts[:, 0] - tilts[:, 1], axis=1).mean()) * (1 + 1e-9)
    w = rng.normal(size=4)
    return SplitPair.of(TaskFamily.of(tasks), 0.2, w, w + 0.3 * rng.normal(size=4), shift, steps=5)


def digits(seed: int) -> SplitPair:
    """Digits 3 and 8, and 4 and 9: inner steps on every other image, the loss on the rest; b as measured there."""
    family, w = split_digits(((3, 8), (4, 9))), 0.3 * np.random.default_rng(seed).normal(size=65)
    u = w + 0.1 * np.random.default_rng(seed + 1).normal(size=65)
    return SplitPair.of(family, 0.2 / family.constants.L, w, u, 2.0, steps=5)


def split_digits(pairs) -> TaskFamily:
    """Every other image of each digit for the inner steps, the rest for the outer loss."""
    tasks = [digit_pair(*pair) for pair in pairs]
    halves = [[replace(task, x=task.x[start::2], y=task.y[start::2]) for start in (0, 1)] for task in tasks]
    return TaskFamily.of([Split(*half) for half in halves])


def quadratic(N: int, steepest=Q(2)) -> SplitPair:
    """Inner and outer parabola with their minima apart; without a step, and where b is too small by half."""
    family = TaskFamily.of([Split(Quadratic(-steepest, Q(0)), Quadratic(-steepest, Q(1)))])
    return SplitPair.of(family, Q(1, 3), Q(2), Q(-1), abs(steepest), steps=N)


SPLIT_SMOOTHNESS = Statement(
    id="ji2022/split_smoothness",
    title="N inner steps on other data, smoothness (J9)",
    source=Source("ji2022", "smoothness of the finite-sum objective (J9)", "D"),
    claim=r"\|\nabla\mathcal L(w)-\nabla\mathcal L(u)\|\le\Big(x^{2N}L+\tfrac\rho Lx^{N-1}(x^N-1)^2b"
    r"+\tfrac\rho Lx^{2N-1}(x^N-1)\,\mathbb E_i\|\nabla l_{T_i}(w)\|\Big)\|w-u\|",
    takes=SplitPair,
    assumes=(SMOOTH, HESSIAN_LIPSCHITZ),
    hypotheses=hypotheses,
    lhs=change,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        case("f'' = −1, f''' = −1 on the path, b = ½, N = 1", tilted_path, 1, predicted=share(1)),
        case("the same, N = 2", tilted_path, 2, predicted=share(2)),
        case("the same, N = 4", tilted_path, 4, predicted=share(4)),
        case("the same at b = 9/10, N = 3", tilted_path, 3, Q(9, 10), predicted=share(3, Q(9, 10))),
        case("two concave parabolas, N = 3", quadratic, 3, predicted=Q(1)),
        case("three rippled tasks, N = 5", rippled),
        case("3 or 8, 4 or 9: halves of the images, N = 5", digits),
        case("N = 0", quadratic, 0, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("b dropped", tilted_path, 3, rhs=lambda p: bound(p) - shifted_data(p)),
        mutant(
            "x^N − 1 in C_b not squared",
            tilted_path,
            2,
            rhs=lambda p: bound(p) - shifted_data(p) * (1 - 1 / departure(p, p.steps)),
        ),
        mutant("C_L dropped", tilted_path, 3, rhs=lambda p: bound(p) - bent_factors(p)),
        mutant("x^N for x^{2N}", quadratic, 3, rhs=lambda p: bound(p) / stretch(p) ** p.steps),
        mutant("b a twentieth too small", tilted_path, 4, declared=Q(19, 20), drops="E_i‖∇l_S − ∇l_T‖ ≤ b"),
        mutant("lowered by a thousandth", tilted_path, 3, rhs=lambda p: bound(p) * Q(999, 1000)),
    ),
)
