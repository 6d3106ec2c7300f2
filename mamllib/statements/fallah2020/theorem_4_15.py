"""Theorem 4.15: first-order MAML converges to an accuracy that no batch can improve.

    α ≤ 1/(10L), B ≥ 20, β_k = β̃(w_k)/18  ⇒  for some k < N
    E‖∇F(w_k)‖ ≤ max{√(2(1 + x)E), 2(ρα/L)E, ε},   E = σ²(1/B + 10α²L²) + σ̃²/(BD_o) + σ̃²/D_in,  x = ρασ/L
    N = 59 Δ (4L + 2.54ρα(σ + T))/T²                                             (general form; N derived here)

The printed theorem also asks for D_h ≥ ⌈2α²σ_H²⌉; FO-MAML uses no Hessian, so nothing is asked here. The proof with its
constants is in ``convergence/rate.py``. The floor is real: where tasks of unequal
curvature have E G(w) = E∇f_i(w⁺) = 0, ∇F(w) = −αE∇²f_i(w)∇f_i(w⁺) need not be 0. Where all Hessians are equal, it is.
"""

from mamllib.statements.fallah2020.convergence import instances, slopes
from mamllib.statements.fallah2020.convergence.rate import FO_MAML
from mamllib.statements.fallah2020.convergence.sides import convergence_statement, misread, sides
from mamllib.statements.fallah2020.theorem_4_12 import with_sizes, with_tasks_squared
from mamllib.statements.fallah2020.two_ramps import from_stationarity
from mamllib.statements.kit import BatchSizes, Q, Verdict, case, mutant, replace

ON_SLOPES = slopes.tilted_slopes, "FO-MAML"
SMALL = 0.16  # the slope at αL = 1/1000, where σ²/B is all of E
INNER = slopes.noisy_slope, "FO-MAML", 0.17, 640, BatchSizes(16, 16, 1)
OUTER = slopes.noisy_slope, "FO-MAML", 0.04, 640, BatchSizes(2000, 16, 1)

THEOREM_4_15 = convergence_statement(
    "Theorem 4.15, general form",
    FO_MAML,
    id="fallah2020/theorem_4_15",
    title="Theorem 4.15",
    claim=r"\min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le"
    r"\max\Big\{\sqrt{2(1+x)E},\,2\tfrac{\rho\alpha}{L}E,\,\epsilon\Big\},"
    r"\quad E\ni\sigma^2(\tfrac1B+10\alpha^2L^2)",
    cases=(
        case("one slope, no noise", slopes.one_slope, "FO-MAML", Q(11, 5), 590, Q(1, 10)),
        case("two slopes with tilts ±1, B = 20", *ON_SLOPES, 0.28, 2200, inverse_step=10, sampled=1),
        case("two slopes with tilts ±1, B = 1000", *ON_SLOPES, 0.24, 2200, inverse_step=10, B=1000, sampled=1),
        case("two ramps, αL = 1/10, B = 10⁵", from_stationarity, *("FO-MAML", 0.1, 10**5, 1e-3, 100), sampled=1),
        case("four rippled parabolas in 3-D", instances.rippled, "FO-MAML", 10, iterations=1000, sampled=1),
        case(
            "two parabolas of unequal curvature",
            instances.unequal_curvatures,
            "FO-MAML",
            expected=Verdict.SILENT,
            sampled=1,
        ),
    ),
    mutants=(
        mutant(
            "10α²L²σ² dropped",
            from_stationarity,
            *("FO-MAML", 0.1, 10**5, 0.05, 2500),
            **sides(replace(FO_MAML, task_floor=lambda step: 0 * step)),
        ),
        mutant(
            "σ²/B dropped, equal curvatures",
            instances.two_centres,
            *("FO-MAML", 0.014, 0.0055),
            inverse_step=1000,
            **sides(FO_MAML, lambda setting: replace(setting, sigma=0.0)),
        ),
        mutant(
            "10α⁴L⁴",
            *ON_SLOPES,
            *(0.24, 2200),
            inverse_step=10,
            B=1000,
            **misread(replace(FO_MAML, task_floor=lambda step: 10 * step**4)),
        ),
        mutant("σ̃²/D_in²", *INNER, inverse_step=10, **misread(FO_MAML, lambda s: with_sizes(s, D_in=s.sizes.D_in**2))),
        mutant("σ̃²/(BD_o²)", *OUTER, inverse_step=10, **misread(FO_MAML, lambda s: with_sizes(s, D_o=s.sizes.D_o**2))),
        mutant(
            "σ̃²/(B²D_o)", *OUTER, inverse_step=10, **misread(FO_MAML, lambda s: with_sizes(s, D_o=s.B * s.sizes.D_o))
        ),
        mutant(
            "σ²/B²",
            *ON_SLOPES,
            *(SMALL, 400),
            inverse_step=1000,
            reach=4.0,
            **misread(FO_MAML, with_tasks_squared),
        ),
    ),
)
