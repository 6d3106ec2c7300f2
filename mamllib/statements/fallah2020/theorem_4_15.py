"""Theorem 4.15: first-order MAML converges to an accuracy that no batch can improve.

    α ≤ 1/(10L), B ≥ 20, β_k = β̃(w_k)/18  ⇒  for some k < N
    E‖∇F(w_k)‖ ≤ max{√(14(1 + x)E), 14(ρα/L)E, ε},   E = σ²(1/B + 20α²L²) + σ̃²/(BD_o) + σ̃²/D_in,  x = ρασ/L
    N = 246 Δ (4L + 2.54ρα(σ + T))/T²                                             (general form; N derived here)

The printed theorem also asks for D_h ≥ ⌈2α²σ_H²⌉; FO-MAML uses no Hessian, so nothing is asked here. The proof with its
constants is in ``convergence/rate.py``. The floor is real: where tasks of unequal
curvature have E G(w) = E∇f_i(w⁺) = 0, ∇F(w) = −αE∇²f_i(w)∇f_i(w⁺) need not be 0. Where all Hessians are equal, it is.
"""

from mamllib.statements.fallah2020.convergence import instances
from mamllib.statements.fallah2020.convergence.rate import FO_MAML
from mamllib.statements.fallah2020.convergence.sides import convergence_statement, sides
from mamllib.statements.fallah2020.two_ramps import from_stationarity
from mamllib.statements.kit import Q, Verdict, case, mutant, replace

THEOREM_4_15 = convergence_statement(
    "Theorem 4.15, general form",
    FO_MAML,
    id="fallah2020/theorem_4_15",
    title="Theorem 4.15",
    claim=r"\min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le"
    r"\max\Big\{\sqrt{14(1+x)E},\,14\tfrac{\rho\alpha}{L}E,\,\epsilon\Big\},"
    r"\quad E\ni\sigma^2(\tfrac1B+20\alpha^2L^2)",
    cases=(
        case("one quadratic, no noise, ε = 1/10", instances.one_quadratic, "FO-MAML", Q(1, 10)),
        case("two ramps, αL = 1/10, B = 10⁵", from_stationarity, *("FO-MAML", 0.1, 10**5, 1e-3, 2000), sampled=1),
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
            "20α²L²σ² dropped",
            from_stationarity,
            *("FO-MAML", 0.1, 10**5, 0.05, 9000),
            **sides(replace(FO_MAML, task_floor=lambda step: 0 * step)),
        ),
        mutant(
            "σ²/B dropped, equal curvatures",
            instances.two_centres,
            *("FO-MAML", 0.014, 0.0055),
            inverse_step=1000,
            **sides(FO_MAML, lambda setting: replace(setting, sigma=0.0)),
        ),
    ),
)
