"""Table 1, K-shot column: how accurate FO-MAML can be when a task has K samples for its inner step.

Where the expected direction of B → ∞ vanishes,
    ‖∇F‖ ≤ (αLσ̃/√K + θσ)/(1 − θ),  θ = αL(1 + αL)/(1 − 2αL − α²L²) < 1          O(σ + σ̃/√K)
(the printed order, with constants derived here; ``first_order_floor_sampled.py`` has better ones)

Proof. Directly: ∇F − E G = E_i(∇f_i(w⁺) − E g_i) − αE_iH_i∇f_i(w⁺), and E_i‖∇f_i(w⁺)‖ ≤ (1 + αL)(‖∇f‖ + σ) ≤
(1 + αL)(‖∇F‖ + σ)/(1 − κ) by the auxiliary inequality; solve for ‖∇F‖. It also follows from the sampled floor, since
θ < 1 asks a = αL < 2/7, where a(1 + a) ≤ θ and 1 + a + a²/√(1 − a²) ≤ 1 + a + 2a² ≤ 1 + θ + θ² ≤ 1/(1 − θ).
"""

from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.statements.fallah2020.first_order_floor import balanced_ramps, opposite_curvatures
from mamllib.statements.fallah2020.first_order_floor_sampled import FIRST_ORDER_FLOOR_SAMPLED
from mamllib.statements.fallah2020.rest import hypotheses, inner_bias, relative_step, roundoff
from mamllib.statements.fallah2020.table_1 import TABLE_1_MAML, kinked_bowl, noisy_ramps, one_shot, saddle_at_rest
from mamllib.statements.kit import Q, Verdict, case, margin, mutant, replace, strictly


def heterogeneity(setting: Setting):
    """θ = αL(1 + αL)/(1 − 2αL − α²L²)."""
    step = relative_step(setting)
    return step * (1 + step) / (1 - 2 * step - step * step)


def bound(setting: Setting):
    """(αLσ̃/√K + θσ)/(1 − θ)."""
    theta = heterogeneity(setting)
    return (inner_bias(setting) + theta * setting.sigma) / (1 - theta)


def all_hypotheses(setting: Setting) -> dict:
    """FO-MAML at rest, and θ < 1 with its denominator 1 − κ > 0, free of the quotient."""
    step = relative_step(setting)
    return hypotheses(setting, "FO-MAML") | {"θ < 1": strictly(margin(1, 3 * step + 2 * step * step))}


def solved_roundoff(setting: Setting):
    """The error of a direction that is not quite zero, solved for ‖∇F‖."""
    return roundoff(setting) / abs(1 - heterogeneity(setting))


TABLE_1_FO_MAML = FIRST_ORDER_FLOOR_SAMPLED.variant(
    id="fallah2020/table_1_fo_maml",
    title="Table 1, K-shot accuracy of FO-MAML",
    source=TABLE_1_MAML.source,
    claim=r"\|\nabla F(w)\|\le\frac{\alpha L\tilde\sigma/\sqrt K+\theta\sigma}{1-\theta},"
    r"\quad\theta=\frac{\alpha L(1+\alpha L)}{1-2\alpha L-\alpha^2L^2}<1",
    hypotheses=all_hypotheses,
    rhs=bound,
    roundoff=solved_roundoff,
    rests_on=("fallah2020/first_order_floor_sampled",),
    cases=(
        case("opposite curvatures, αL = 1/1000", opposite_curvatures, Q(1, 1000), Q(1, 10**6)),
        case("odd ramp at αL = 1/100, K = 1", one_shot, "FO-MAML", Q(1, 100)),
        case("tilted saddle at αL = 1/100, K = 2", saddle_at_rest, 0.01, 2, "FO-MAML"),
        case("two ramps balanced for FO-MAML", balanced_ramps),
        case("two noisy ramps, K = 16", noisy_ramps, 16, "FO-MAML"),
        case("kinked bowl, K = 256", kinked_bowl, 256, algorithm="FO-MAML", alpha=0.1),
        case("opposite curvatures, αL = 3/10", opposite_curvatures, Q(3, 10), expected=Verdict.SILENT),
    ),
    spared={"α ≤ 1/L": "true: θ < 1 asks for more"},
    mutants=(
        mutant("σ dropped", opposite_curvatures, rhs=lambda s: bound(replace(s, sigma=0 * s.sigma))),
        mutant("θ halved", opposite_curvatures, Q(1, 1000), Q(1, 10**6), rhs=lambda s: heterogeneity(s) * s.sigma / 2),
        mutant(
            "σ̃ dropped",
            one_shot,
            "FO-MAML",
            Q(1, 100),
            rhs=lambda s: bound(replace(s, constants=s.constants._replace(sigma_tilde=0 * s.alpha))),
        ),
    ),
)
