"""Theorem 4.12: MAML converges, to an accuracy that its batches set.

    α ≤ 1/(6L), D_h ≥ ⌈2α²σ_H²⌉, B ≥ 20, β_k = β̃(w_k)/12  ⇒  for some k < N
    E‖∇F(w_k)‖ ≤ max{√(2(1 + x)E), 2(ρα/L)E, ε},   E = σ²/B + σ̃²/(BD_o) + σ̃²/D_in,  x = ρασ/L
    N = 29 Δ (4L + 3.14ρα(σ + T))/T²                                             (general form; N derived here)

The printed theorem says O(√E) + ε within O(1)Δ min{L/ε², LB/σ² + L(BD_o + D_in)/σ̃²} iterations, where Assumption 4.7
hides ρα/L and σ² + σ̃². The proof with its constants is in ``convergence/rate.py``. It bounds the mean over the first K
iterates for every K ≥ N, so an iterate drawn uniformly from them will do: that is the second statement.
"""

from mamllib.statements.fallah2020.convergence import instances, slopes
from mamllib.statements.fallah2020.convergence.rate import MAML
from mamllib.statements.fallah2020.convergence.sides import (
    ENOUGH,
    convergence_statement,
    mean_statement,
    misread,
    sides,
)
from mamllib.statements.fallah2020.two_ramps import from_stationarity
from mamllib.statements.kit import BatchSizes, Q, Source, Verdict, case, mutant, replace

ON_ONE = slopes.one_slope, "MAML", Q(9, 5), 450
ON_SLOPES = slopes.tilted_slopes, "MAML", 0.2, 1500
INNER = slopes.noisy_slope, "MAML", 0.19, 340, BatchSizes(16, 16, 1)
OUTER = slopes.noisy_slope, "MAML", 0.045, 340, BatchSizes(2000, 16, 1)
PLATEAU = {"gradient": 0.017, "epsilon": 0.0065}


def with_tasks_squared(setting):
    """The setting whose σ²/B is this one's σ²/B²."""
    return replace(setting, sigma=setting.sigma / setting.B**0.5)


def with_sizes(setting, **sizes):
    """The setting with these batch sizes."""
    return replace(setting, sizes=setting.sizes._replace(**sizes))


THEOREM_4_12 = convergence_statement(
    "Theorem 4.12, general form",
    MAML,
    id="fallah2020/theorem_4_12",
    title="Theorem 4.12",
    claim=r"\min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le"
    r"\max\Big\{\sqrt{2(1+x)E},\,2\tfrac{\rho\alpha}{L}E,\,\epsilon\Big\}",
    cases=(
        case("one slope, no noise", *ON_ONE),
        case("two slopes with tilts ±1, B = 20", *ON_SLOPES, sampled=1),
        case("one slope, samples ±1, D_in = 16", *INNER, sampled=1),
        case("one slope, samples ±1, BD_o = 320", *OUTER, sampled=1),
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
            *("FO-MAML", 1 / 6, 10**5, 0.1, 2000),
            drops=("the algorithm is MAML", "β_k = β̃/12"),
        ),
        mutant(
            "σ̃ dropped",
            instances.noisy_quadratic,
            *("MAML", 0.0145, 0.0075),
            **sides(MAML, lambda setting: replace(setting, constants=setting.constants._replace(sigma_tilde=0.0))),
        ),
        mutant("σ²/B²", *ON_SLOPES, **misread(MAML, with_tasks_squared)),
        mutant("2(1 + x) lowered to (1 + x)/2", *ON_SLOPES, **misread(replace(MAML, root=Q(1, 2)))),
        mutant("σ̃²/D_in²", *INNER, **misread(MAML, lambda s: with_sizes(s, D_in=s.sizes.D_in**2))),
        mutant("σ̃²/(BD_o²)", *OUTER, **misread(MAML, lambda s: with_sizes(s, D_o=s.sizes.D_o**2))),
        mutant("σ̃²/(B²D_o)", *OUTER, **misread(MAML, lambda s: with_sizes(s, D_o=s.B * s.sizes.D_o))),
    ),
)

THEOREM_4_12_MEAN = mean_statement(
    THEOREM_4_12,
    MAML,
    id="fallah2020/theorem_4_12_mean",
    title="Theorem 4.12, for the mean iterate",
    source=Source("fallah2020", "Theorem 4.12, for an iterate drawn uniformly", "D"),
    cases=(
        case("one slope, no noise", *ON_ONE),
        case("two slopes with tilts ±1, B = 20", *ON_SLOPES, sampled=2),
        case("one slope, no noise, stopped before N", *ON_ONE[:-2], Q(1, 2), 20, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("σ²/B²", *ON_SLOPES, **misread(MAML, with_tasks_squared)),
        mutant("K ≥ N deleted", *ON_ONE[:-2], Q(1, 2), 20, drops=ENOUGH),
    ),
)
