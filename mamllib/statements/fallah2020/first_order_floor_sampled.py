"""FO-MAML's floor with K samples: how large ∇F can be where the expected direction of first-order MAML vanishes.

    E_i E∇f_i(w̃) = 0, αL ≤ 1  ⇒  ‖∇F(w)‖ ≤ a(1 + a)σ + b[1 + a + a·min(1, a/√(1 − a²))]         (derived here)

with a = αL, b = aσ̃/√K; at σ̃ = 0 it is ``first_order_floor``. False for every αL > 1.

Proof. Write x_i = ∇f_i(w), m = ‖E x‖, q_i for the mean of the gradient after the sampled step, y_i = ∇f_i(w⁺) and
‖·‖₂ = (E_i‖·‖²)^½. By Lemma 4.10 ‖q_i − y_i‖ ≤ b, and E q = 0.
(i) ∇F = E(I − αH_i)(y_i − q_i) − αE H_iq_i is at most (1 + a)b + a‖q‖₂, and ‖q‖₂ ≤ σ + √(‖q − x‖₂² − m²). A secant
has ‖q_i − x_i‖² ≤ a²(‖x_i‖² + σ̃²/K), so the root is at most √(a²σ² + b² − (1 − a²)m²) ≤ aσ + b.
(ii) ‖E y‖ ≤ b, so ∇F = E y − αE H_iy_i is at most b + a‖y‖₂. Here ‖y‖₂ ≤ b + σ + the root of
‖y − x‖₂² − ‖E(y − x)‖², with ‖y − x‖₂² ≤ a²(σ² + m²) and ‖E(y − x)‖ ≥ m − b. Over m the root is largest at
m = b/(1 − a²), at most aσ + ab/√(1 − a²) where a < 1. The smaller of (i) and (ii) is the bound.
"""

from functools import partial

from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.statements.fallah2020.first_order_floor import (
    balanced_ramps,
    equal_gradients_long_step,
    opposite_curvatures,
    share,
)
from mamllib.statements.fallah2020.rest import hypotheses, inner_bias, relative_step
from mamllib.statements.fallah2020.table_1 import TABLE_1_MAML, kinked_bowl, noisy_ramps, one_shot, saddle_at_rest
from mamllib.statements.kit import (
    TASK_DEVIATION,
    Q,
    Source,
    Verdict,
    case,
    is_exact,
    mutant,
    replace,
    root_below,
    sqrt,
)


def bound(setting: Setting):
    """αL(1 + αL)σ + b(1 + αL) + αL min(1, αL/√(1 − α²L²)) b,  b = αLσ̃/√K."""
    step, bias = relative_step(setting), inner_bias(setting)
    return step * (1 + step) * setting.sigma + (1 + step) * bias + step * drift(step, bias)


def drift(step, bias):
    """min(1, a/√(1 − a²)) b, in fractions never rounded up."""
    if 2 * step * step >= 1:
        return bias
    square = (step * bias) ** 2 / (1 - step * step)
    return root_below(square) if is_exact(square) else sqrt(square)


FIRST_ORDER_FLOOR_SAMPLED = TABLE_1_MAML.variant(
    id="fallah2020/first_order_floor_sampled",
    title="FO-MAML's floor with K samples",
    source=Source("fallah2020", "Theorem 4.15 and Table 1, where FO-MAML comes to rest with K samples", "D"),
    claim=r"\|\nabla F(w)\|\le\alpha L(1+\alpha L)\,\sigma"
    r"+b\Big(1+\alpha L+\alpha L\min\Big\{1,\tfrac{\alpha L}{\sqrt{1-\alpha^2L^2}}\Big\}\Big),"
    r"\quad b=\frac{\alpha L\tilde\sigma}{\sqrt K}",
    assumes=(*TABLE_1_MAML.assumes, TASK_DEVIATION),
    hypotheses=partial(hypotheses, algorithm="FO-MAML"),
    rhs=bound,
    rests_on=("fallah2020/lemma_4_10_bias",),
    cases=(
        case("opposite curvatures, η = 10⁻⁴", opposite_curvatures, predicted=share(Q(1, 10), Q(1, 10**4))),
        case("opposite curvatures at αL = 1", opposite_curvatures, Q(1), predicted=share(Q(1), Q(1, 10**4))),
        case("odd ramp at αL = 3/5, K = 1", one_shot, "FO-MAML", Q(3, 5)),
        case("odd ramp at αL = 1/10, K = 1", one_shot, "FO-MAML", Q(1, 10)),
        case("tilted saddle at αL = 1/10, K = 2", saddle_at_rest, 0.1, 2, "FO-MAML"),
        case("two ramps balanced for FO-MAML", balanced_ramps),
        case("two noisy ramps, K = 16", noisy_ramps, 16, "FO-MAML"),
        case("kinked bowl, K = 256", kinked_bowl, 256, algorithm="FO-MAML", alpha=0.1),
        case("αL = 11/10, equal gradients", equal_gradients_long_step, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("σ dropped", balanced_ramps, rhs=lambda s: bound(replace(s, sigma=0 * s.sigma))),
        mutant("αL(1 + αL)σ lowered to αLσ", opposite_curvatures, rhs=lambda s: relative_step(s) * s.sigma),
        mutant("b(1 + αL) lowered to b", one_shot, "FO-MAML", Q(3, 5), rhs=inner_bias),
        mutant(
            "σ̃ dropped",
            kinked_bowl,
            1,
            algorithm="FO-MAML",
            alpha=0.1,
            rhs=lambda s: bound(replace(s, constants=s.constants._replace(sigma_tilde=0.0))),
        ),
    ),
)
