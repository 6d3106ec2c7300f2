"""N-step MAML converges, on fresh samples, to an accuracy that its batches set.

    x^{2N} < 2, C ≥ 1, κ > 0, β_k = 1/(C L_{w_k})  ⇒  (1/K)Σ_{k<K}E‖∇𝓛(w_k)‖ ≤ (B̄q + √(B̄²q² + 4Aq))/2,
    κ = ½ − C₂²/D_in − M₂/(CB den²),    den = 2 − x^{2N},    C_l = x^{2N} − 1,
    q = (C/κ)Δ/K + [(C₁ + C₂σ)²/D_in + (M₁ + M₂σ²(1 + 2C_l²/den²))/(2CB)]/(κx^{2N}L),
    A = x^{2N}L + C_Lσ/den,  B̄ = C_L/den,  C_L = (ρ/L)x^{2N−1}(x^N − 1),
    C₁ = x^N s_N σ̃,  C₂ = (ρα/L)x^{2N−1}Σ_{j<N}s_j σ̃/den,  M₁ = y^N(σ̃²/D_o + 2s_N²σ̃²/D_in),  M₂ = 2x^{2N}y^N,
    y = x² + α²σ_H²/D_h,  s_j² = (αL)²Σ_{i<j}x^{2i}                                                (derived here)

Proof. Write g = ∇𝓛(w_k), G for what is followed and EG = g + r, all given w_k. ‖r‖ ≤ [C₁ + C₂(‖g‖ + σ)]/√D_in by
``bias`` and ``task_gradient``; E‖G‖² ≤ ‖g + r‖² + E‖Ĝ_i‖²/B. L_{w_k} bounds the smoothness from w_k on, so
    E𝓛(w_{k+1}) ≤ 𝓛(w_k) − β⟨g, g + r⟩ + (β/2C)(‖g + r‖² + E‖Ĝ_i‖²/B)
                = 𝓛(w_k) − (β/2)‖g‖² − (β/2)(1 − 1/C)‖g + r‖² + (β/2)‖r‖² + (β/2C)E‖Ĝ_i‖²/B.
C ≥ 1: drop the third term. ‖r‖² ≤ (2/D_in)[(C₁ + C₂σ)² + C₂²‖g‖²]; E‖Ĝ_i‖² ≤ M₁ + M₂E‖∇l_i‖² by ``second_moment`` and
(a + b)² ≤ 2a² + 2b²; E‖∇l_i‖² ≤ σ² + ‖E∇l_i‖² ≤ σ² + 2(‖g‖² + C_l²σ²)/den² by ``mean_gradient``. So κβ‖g‖² is at most
the expected fall of 𝓛 and β times the bracket of q; β ≤ 1/(Cx^{2N}L); sum: E(1/K)Σ‖∇𝓛(w_k)‖²/L_{w_k} ≤ q. Now
L_w ≤ A + B̄‖∇𝓛(w)‖, and t²/(A + B̄t) is convex and increasing for t ≥ 0: Jensen, and solve. ∎ Tasks and batches are
fresh at every k and independent; σ holds at every w. The L_{w_k} of the step is exact: it contains E_i‖∇l_i(w_k)‖.
"""

from mamllib.statements.ji2022 import outer_loop
from mamllib.statements.ji2022.outer_loop import accuracy
from mamllib.statements.ji2022.resampled_runs import ResampledRuns, flattest, largest_smoothness, stray
from mamllib.statements.ji2022.sampled_path import growth
from mamllib.statements.ji2022.stretch import remainder, stretch
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SAMPLE_HESSIAN,
    SMOOTH,
    TASK_DEVIATION,
    UNBIASED,
    Mean,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    holds_if,
    margin,
    mutant,
    np,
    replace,
    strictly,
)
from mamllib.tasks import Noisy, Quadratic, RademacherNoise, SinusoidalNoise, Trigonometric


def mean_gradient(asked):
    """(1/K)Σ_{k<K}E‖∇𝓛(w_k)‖, from independent runs."""
    return Mean(asked.answer.parts.norms.mean(axis=1)[None])


def bias_constants(asked) -> tuple:
    """(C₁, C₂)."""
    x, N, c = stretch(asked), asked.steps, asked.constants
    first = x**N * asked.alpha * c.L * growth(asked, N) * c.sigma_tilde
    strayed = asked.alpha * sum(growth(asked, j) for j in range(N))
    second = c.rho * asked.alpha * x ** (2 * N - 1) * strayed * c.sigma_tilde / remainder(asked)
    return first, second


def moment_constants(asked) -> tuple:
    """(M₁, M₂)."""
    x, N, c = stretch(asked), asked.steps, asked.constants
    factors = (x * x + (asked.alpha * c.sigma_H) ** 2 / asked.D_h) ** N
    strayed = (asked.alpha * c.L * growth(asked, N) * c.sigma_tilde) ** 2
    return factors * (c.sigma_tilde**2 / asked.D_o + 2 * strayed / asked.D_in), 2 * x ** (2 * N) * factors


def descent(asked):
    """κ, the share of β‖∇𝓛‖² by which 𝓛 falls."""
    per_task = moment_constants(asked)[1] / (asked.divisor * asked.B * remainder(asked) ** 2)
    return 0.5 - bias_constants(asked)[1] ** 2 / asked.D_in - per_task


def noise(asked):
    """The bracket of q."""
    (first, second), (fixed, growing) = bias_constants(asked), moment_constants(asked)
    spread = asked.sigma**2 * (1 + 2 * (stray(asked) / remainder(asked)) ** 2)
    moments = (fixed + growing * spread) / (2 * asked.divisor * asked.B)
    return (first + second * asked.sigma) ** 2 / asked.D_in + moments


def quotient(asked):
    """q."""
    fall = asked.divisor * asked.gap / asked.iterations
    return (fall + noise(asked) / flattest(asked)) / descent(asked)


def bound(asked):
    """(B̄q + √(B̄²q² + 4Aq))/2."""
    return accuracy(quotient(asked), *largest_smoothness(asked))


def hypotheses(asked) -> dict:
    """N ≥ 1, x^{2N} < 2, C ≥ 1, κ > 0, and Δ."""
    return {
        "N ≥ 1": holds_if(asked.steps >= 1),
        "x^{2N} < 2": strictly(margin(2, stretch(asked) ** (2 * asked.steps))),
        "C ≥ 1": margin(asked.divisor, 1),
        "κ > 0": strictly(descent(asked) / 0.5),
        outer_loop.FALL: asked.fall(),
    }


def parabola(N: int = 1, w=0.0, iterations: int = 100, B: int = 64, divisor=1.0, step=0.125) -> ResampledRuns:
    """w²/2 with noise ±1, αL = ``step``/N; from its minimum, where all that moves is noise."""
    family = TaskFamily.of([Noisy(Quadratic(1.0, 0.0), RademacherNoise(1.0))], sigma=0.0)
    gap = (1 - step / N) ** (2 * N) * w * w / 2
    return ResampledRuns.of(family, step / N, w, 16, B, gap, iterations, divisor, N)


def two_waves(seed: int) -> ResampledRuns:
    """cos w and (w − c)²/40 at c = −2 and 3, moved by π, with noise in gradient and Hessian; five steps."""
    noise = SinusoidalNoise(0.3 * np.sqrt(2), 1.0)
    tasks = [Noisy(Trigonometric(0.05, 1.0, 1.0, 0.05 * (np.pi - c)), noise) for c in (-2.0, 3.0)]
    family = TaskFamily.of(tasks).with_certified_sigma()
    return ResampledRuns.of(family, 0.2 / 5, 0.4 - np.pi, 20, 64, 2.5, 60, 4.0, 5, 20, 20, 24, seed=seed)


def without_noise(asked):
    """The bound without the bracket of q."""
    fall = asked.divisor * asked.gap / asked.iterations / descent(asked)
    return accuracy(fall, *largest_smoothness(asked))


def with_tasks_squared(asked):
    """The bound with 1/B² for 1/B."""
    return bound(replace(asked, B=asked.B**2))


SHARE = "open: no recorded run uses more than .44 of T(q), and this leaves more"
ASSUMES = (SMOOTH, HESSIAN_LIPSCHITZ, TASK_DEVIATION, SAMPLE_DEVIATION, SAMPLE_HESSIAN, UNBIASED)
ASSUMED = [assumption.name for assumption in ASSUMES]

CONVERGENCE = Statement(
    id="ji2022/convergence",
    title="N inner steps, convergence (J7)",
    source=Source("ji2022", "convergence in the resampling case (J7)", "D"),
    claim=r"x^{2N}<2,\ C\ge1,\ \kappa>0,\ \beta_k=\tfrac1{CL_{w_k}}\ \Rightarrow\ "
    r"\frac1K\sum_{k<K}\mathbb E\|\nabla\mathcal L(w_k)\|\le\tfrac12\Big(\bar Bq+\sqrt{\bar B^2q^2+4Aq}\Big)",
    takes=ResampledRuns,
    assumes=ASSUMES,
    hypotheses=hypotheses,
    lhs=mean_gradient,
    rhs=bound,
    roundoff=outer_loop.roundoff,
    rests_on=("ji2022/smoothness", "ji2022/bias", "ji2022/second_moment", "ji2022/mean_gradient"),
    cases=(
        case("w²/2, noise ±1, C = 1, N = 1", parabola, sampled=1),
        case("the same, N = 5", parabola, 5, sampled=1),
        case("the same from w = 5, K = 3, C = 8", parabola, 1, 5.0, 3, divisor=8.0, sampled=1),
        case("cos w with two bowls, noise in gradient and Hessian, N = 5", two_waves, sampled=1),
        case("B = 1: κ < 0", parabola, 1, B=1, expected=Verdict.SILENT, sampled=1),
    ),
    mutants=(
        mutant("the noise dropped", parabola, rhs=without_noise),
        mutant("1/B² for 1/B", parabola, rhs=with_tasks_squared),
        mutant("Δ dropped", parabola, *(1, 5.0, 3), divisor=8.0, rhs=lambda p: bound(replace(p, gap=0.0))),
        mutant("C ≥ 1 deleted", parabola, *(1, 5.0, 50), divisor=0.5, step=0.001, drops="C ≥ 1"),
    ),
    spared=outer_loop.open_where(SHARE, "α", "L", "ρ", "σ", "σ̃", "σ_H", "D_in", "D_o", "D_h", "B", "C", "Δ", "K")
    | outer_loop.open_where(SHARE, "x^{2N} < 2", "C ≥ 1", "κ > 0", outer_loop.FALL, *ASSUMED),
)
