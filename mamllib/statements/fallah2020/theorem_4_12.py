"""Theorem 4.12: MAML converges, to an accuracy that its batches set.

    α ≤ 1/(6L), D_h ≥ ⌈2α²σ_H²⌉, B ≥ 20, β_k = β̃(w_k)/12  ⇒  for some k < N
    E‖∇F(w_k)‖ ≤ max{√(61(1 + x)E), 61(ρα/L)E, ε},   E = σ²/B + σ̃²/(BD_o) + σ̃²/D_in,  x = ρασ/L
    N = 361 Δ (4L + 3.14ρα(σ + T))/T²                                             (general form; N derived here)

The printed theorem says O(√E) + ε within O(1)Δ min{L/ε², LB/σ² + L(BD_o + D_in)/σ̃²} iterations, where Assumption 4.7
hides ρα/L and σ² + σ̃². The proof with its constants is in ``convergence/rate.py``.
"""

from mamllib.statements.fallah2020.convergence import instances
from mamllib.statements.fallah2020.convergence.rate import MAML
from mamllib.statements.fallah2020.convergence.sides import convergence_statement, sides
from mamllib.statements.fallah2020.two_ramps import from_stationarity
from mamllib.statements.kit import Verdict, case, mutant, replace

PLATEAU = {"gradient": 0.017, "epsilon": 0.0065}

THEOREM_4_12 = convergence_statement(
    "Theorem 4.12, general form",
    MAML,
    id="fallah2020/theorem_4_12",
    title="Theorem 4.12",
    claim=r"\min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le"
    r"\max\Big\{\sqrt{61(1+x)E},\,61\tfrac{\rho\alpha}{L}E,\,\epsilon\Big\}",
    cases=(
        case("one quadratic, no noise, ε = 1/10", instances.one_quadratic, "MAML"),
        case("two parabolas at ±1, B = 20", instances.two_centres, "MAML", **PLATEAU, sampled=1),
        case("four rippled parabolas in 3-D", instances.rippled, "MAML", sampled=1),
        case("45 digit pairs, B = 20", instances.digits, "MAML", sampled=1),
        case(
            "two parabolas of unequal curvature",
            instances.unequal_curvatures,
            "MAML",
            expected=Verdict.SILENT,
            sampled=1,
        ),
    ),
    mutants=(
        mutant(
            "σ²/B dropped",
            instances.two_centres,
            "MAML",
            **PLATEAU,
            **sides(MAML, lambda setting: replace(setting, sigma=0.0)),
        ),
        mutant(
            "FO-MAML in MAML's place",
            from_stationarity,
            *("FO-MAML", 1 / 6, 10**5, 0.1, 20_000),
            drops=("the algorithm is MAML", "β_k = β̃/12"),
        ),
        mutant(
            "σ̃ dropped",
            instances.noisy_quadratic,
            *("MAML", 0.0145, 0.0075),
            **sides(MAML, lambda setting: replace(setting, constants=setting.constants._replace(sigma_tilde=0.0))),
        ),
    ),
)
