"""Theorem 4.17′, the repair: with √B in δ, HF-MAML has MAML's guarantee.

    α ≤ 1/(6L), B ≥ 20, D_h ≥ 2α²σ_H², β_k = β̃/25, δ ≤ 1/(6ρα√B‖g‖)  ⇒  for some k < N
    E‖∇F(w_k)‖ ≤ max{2.6√((1 + x)E), 5.1(ρα/L)E, ε},   E = σ²/B + σ̃²/(BD_o) + σ̃²/D_in,  x = ρασ/L
    N = 215 Δ (4L + 3.14ρα(σ + T))/T²                                                          (derived here)

The batch of size D_h is the same in both probes, as (11) has it, δ is chosen before it is drawn, and it is independent
of those behind g. The printed D_h ≥ 36(αρσ̃)² would not do: it does not see σ_H. The same proof bounds the mean over the
first ⌈N⌉ iterates, so a uniformly drawn one will do.

Proof. Write H = ∇²f_i(w), Ξ(u) for the error of the sampled Hessian at u, d for the central difference and
d̄ = ½∫₋₁¹∇²f_i(w + tδg)g dt for its mean over the samples. (1) α‖d̄ − Hg‖ ≤ αρδ‖g‖²/2 ≤ ‖g‖/(12√B). (2) n = d − d̄ =
½∫₋₁¹Ξ(w + tδg)g dt has mean zero given g and E‖n‖² ≤ σ_H²‖g‖²/D_h, for every δ. (3) E‖g‖² ≤ Q. (4) The bias is
(I − αH)(Eg − ∇f_i(w⁺)) − αE(d̄ − Hg), so ‖r‖² ≤ 2(49/1296)σ̃²/D_in + 2Q/(144B). (5) E‖G_i‖² ≤ [(7/6 + 1/12)² + ½]Q.
(6) Descent, with Lemmas 4.8 and 4.9, as in ``convergence/rate.py``.
"""

from functools import partial

from mamllib.statements.fallah2020.convergence import instances
from mamllib.statements.fallah2020.convergence.rate import HF_MAML, PREMISES
from mamllib.statements.fallah2020.convergence.setting import repaired_displacement
from mamllib.statements.fallah2020.convergence.sides import convergence_statement, sides
from mamllib.statements.fallah2020.theorem_4_17.printed_step import all_hypotheses, at_floor
from mamllib.statements.fallah2020.two_ramps import from_stationarity
from mamllib.statements.kit import Source, Verdict, case, mutant, replace

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
    r"\min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le\max\Big\{2.6\sqrt{(1+x)E},\,5.1\tfrac{\rho\alpha}{L}E,\,\epsilon\Big\}",
    hypotheses=partial(all_hypotheses, longest=repaired),
    rests_on=(*PREMISES, "fallah2020/equation_9_halved"),
    cases=(
        case("one quadratic, no noise, ε = 1/10", instances.one_quadratic, "HF-MAML"),
        case(
            "Instance A, from the printed floor, B = 10⁵",
            from_stationarity,
            *("HF-MAML", 1 / 6, 10**5, 1e-3, 12_000),
            sampled=1,
        ),
        case("four rippled parabolas in 3-D", instances.rippled, "HF-MAML", reach=1.0, iterations=1000, sampled=1),
        case("Instance A, δ as printed", at_floor, *(10**5, 1e-3, 12_000), expected=Verdict.SILENT, sampled=1),
    ),
    mutants=(
        mutant("√B dropped", at_floor, *(10**5, 1e-3, 12_000), drops=SHORT_PROBE),
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
    ),
)
