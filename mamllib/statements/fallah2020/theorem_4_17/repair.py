"""Theorem 4.17′, the repair: with √B in δ, HF-MAML has MAML's guarantee.

    α ≤ 1/(6L), B ≥ 20, D_h ≥ 2α²σ_H², β_k = β̃/25, δ ≤ 1/(6ρα√B‖g‖)  ⇒  for some k < N
    E‖∇F(w_k)‖ ≤ max{√(2(1 + x)E), 2(ρα/L)E, ε},   E = σ²/B + σ̃²/(BD_o) + σ̃²/D_in,  x = ρασ/L
    N = 55 Δ (4L + 3.14ρα(σ + T))/T²                                                          (derived here)

The batch of size D_h is the same in both probes, as (11) has it, δ is chosen before it is drawn, and it is independent
of those behind g. The printed D_h ≥ 36(αρσ̃)² would not do: it does not see σ_H. The same proof bounds
the mean over the first K iterates for every K ≥ N, so a uniformly drawn one will do: that is the second statement.

Proof. Write H = ∇²f_i(w), Ξ(u) for the error of the sampled Hessian at u, d for the central difference and
d̄ = ½∫₋₁¹∇²f_i(w + tδg)g dt for its mean over the samples. (1) α‖d̄ − Hg‖ ≤ αρδ‖g‖²/2 ≤ ‖g‖/(12√B). (2) n = d − d̄ =
½∫₋₁¹Ξ(w + tδg)g dt has mean zero given g and E‖n‖² ≤ σ_H²‖g‖²/D_h, for every δ. (3) The direction is
(I − αH)g − α(d̄ − Hg) − αn, that of MAML but for the probe: its bias is at most (1 + αL)αLσ̃/√D_in + ‖g‖₂/(12√B), and by
(‖X‖ + ε‖Y‖)² ≤ (1 + ε)(‖X‖² + ε‖Y‖²) with ε = 1/(12√B) E‖G_i − ∇f‖² is at most
(1 + ε)[‖(I − αH)g − ∇f‖₂² + εE‖g‖²] + ½E‖g‖². (4) The rest is in ``convergence/rate.py``.
"""

from functools import partial

from mamllib.statements.fallah2020.convergence import instances, slopes
from mamllib.statements.fallah2020.convergence.rate import HF_MAML, PREMISES
from mamllib.statements.fallah2020.convergence.setting import repaired_displacement
from mamllib.statements.fallah2020.convergence.sides import (
    ENOUGH,
    TENTH,
    convergence_statement,
    mean_statement,
    misread,
    sides,
)
from mamllib.statements.fallah2020.theorem_4_12 import with_sizes, with_tasks_squared
from mamllib.statements.fallah2020.theorem_4_17.printed_step import all_hypotheses, at_floor
from mamllib.statements.fallah2020.two_ramps import from_stationarity
from mamllib.statements.kit import BatchSizes, Q, Source, Verdict, case, mutant, replace

ON_ONE = slopes.one_slope, "HF-MAML", Q(9, 5), 850
ON_SLOPES = slopes.tilted_slopes, "HF-MAML", 0.2, 3000
INNER = slopes.noisy_slope, "HF-MAML", 0.19, 700, BatchSizes(16, 16, 1)
OUTER = slopes.noisy_slope, "HF-MAML", 0.045, 700, BatchSizes(2000, 16, 1)
SHORT_PROBE = "δ ≤ 1/(6ρα√B‖g‖)"


def repaired(setting):
    """The repaired δ, as a hypothesis."""
    return SHORT_PROBE, repaired_displacement(setting.alpha, setting.constants.rho, setting.B)


REPAIR = convergence_statement(
    "Theorem 4.17′, the repair",
    HF_MAML,
    source=Source("fallah2020", "Theorem 4.17′, the repair", "D"),
    id="fallah2020/theorem_4_17_repair",
    title="Theorem 4.17′, repaired",
    claim=r"\delta=\tfrac{1}{6\rho\alpha\sqrt B\|g\|}\ \Rightarrow\ "
    r"\min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le\max\Big\{\sqrt{2(1+x)E},\,2\tfrac{\rho\alpha}{L}E,\,\epsilon\Big\}",
    hypotheses=partial(all_hypotheses, longest=repaired),
    rests_on=(*PREMISES, "fallah2020/equation_9_halved"),
    spared={SHORT_PROBE: TENTH},
    cases=(
        case("one slope, no noise", *ON_ONE),
        case("two slopes with tilts ±1, B = 20", *ON_SLOPES, sampled=1),
        case(
            "Instance A, from the printed floor, B = 10⁵",
            from_stationarity,
            *("HF-MAML", 1 / 6, 10**5, 1e-3, 6600),
            sampled=1,
        ),
        case("four rippled parabolas in 3-D", instances.rippled, "HF-MAML", reach=1.0, iterations=1000, sampled=1),
        case("Instance A, δ as printed", at_floor, *(10**5, 1e-3, 6600), expected=Verdict.SILENT, sampled=1),
    ),
    mutants=(
        mutant("√B dropped", at_floor, *(10**5, 1e-3, 6600), drops=SHORT_PROBE),
        mutant(
            "σ²/B dropped",
            instances.two_centres,
            *("HF-MAML", 0.013, 0.0045),
            **sides(HF_MAML, lambda setting: replace(setting, sigma=0.0)),
        ),
        mutant(
            "β_k ten times larger",
            instances.two_centres,
            *("HF-MAML", 0.05, 0.02),
            fraction=10 / 25,
            drops="β_k = β̃/25",
            survives="the plateau stays 10 times below T: the proof pays for L(w) = 4L, where F bends by less than L",
        ),
        mutant("σ²/B²", *ON_SLOPES, **misread(HF_MAML, with_tasks_squared)),
        mutant("σ̃²/D_in²", *INNER, **misread(HF_MAML, lambda s: with_sizes(s, D_in=s.sizes.D_in**2))),
        mutant("σ̃²/(BD_o²)", *OUTER, **misread(HF_MAML, lambda s: with_sizes(s, D_o=s.sizes.D_o**2))),
        mutant("σ̃²/(B²D_o)", *OUTER, **misread(HF_MAML, lambda s: with_sizes(s, D_o=s.B * s.sizes.D_o))),
    ),
)

REPAIR_MEAN = mean_statement(
    REPAIR,
    HF_MAML,
    id="fallah2020/theorem_4_17_repair_mean",
    title="Theorem 4.17′, for the mean iterate",
    source=Source("fallah2020", "Theorem 4.17′, for an iterate drawn uniformly", "D"),
    cases=(
        case("one slope, no noise", *ON_ONE),
        case("two slopes with tilts ±1, B = 20", *ON_SLOPES, sampled=2),
        case("one slope, no noise, stopped before N", *ON_ONE[:-2], Q(1, 2), 20, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("σ²/B²", *ON_SLOPES, **misread(HF_MAML, with_tasks_squared)),
        mutant("K ≥ N deleted", *ON_ONE[:-2], Q(1, 2), 20, drops=ENOUGH),
    ),
)
