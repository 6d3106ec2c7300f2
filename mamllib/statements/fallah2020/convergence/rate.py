"""What the convergence theorems promise, with every constant explicit: T, and the iterations after which it is met.

    E = σ²(1/B + e) + (σ̃²/D_o)(1/B + o) + σ̃²/D_in,     x = ρασ/L
    T = max{√(c₁(1 + x)E), c₂(ρα/L)E, ε}
    N = n Δ (4L + pρα(σ + T))/T²

For every K ≥ N the mean (1/K)Σ_{k<K} E‖∇F(w_k)‖ is at most T: an iterate drawn uniformly before N will do, and so will
the best. The four cases differ in the constants and in e and o alone.

Proof. Fix k, given w_k. Write a = ‖∇F‖, x_i = ∇f_i, ∇f = E x_i, H_i = ∇²f_i, all at w_k, g_i for the sampled gradient
after the sampled inner step w̃_i, G_i for what task i contributes to the direction G, r = E G − ∇F, ‖·‖₂ = (E‖·‖²)^½
and κ = 2αL + α²L². β_k = cβ̃ is independent of G.

One step. Lemma 4.8 gives F(w_{k+1}) ≤ F(w_k) − β_k⟨∇F, G⟩ + ½L(w_k)β_k²‖G‖². By Lemma 4.9 E β̃² ≤ 1.855/L(w_k)², so E β̃
lies between .8/L(w_k) and √1.855/L(w_k), and ⟨∇F, E G⟩ ≥ a² − a‖r‖. The G_i are independent, so that
E‖G‖² = ‖E G‖² + E‖G_i − E G_i‖²/B, where E G_i is the point with the least mean square distance. Hence

    E[F(w_k) − F(w_{k+1})] ≥ (c/L(w_k)) min_b {b(a² − a‖r‖) − (1.855c/2)[(a + ‖r‖)² + E‖G_i − ∇f‖²/B]}

with b one of .8 and √1.855.

Sizes. ‖x_i‖₂ ≤ a/(1 − κ) + σ/√(1 − κ²) by the auxiliary inequality in L². The adapted gradient without noise is
(I − αH̄_i)x_i with ‖H̄_i‖ ≤ L, and (I − αH_i)(I − αH̄_i) = I + M_i with ‖M_i‖ ≤ κ. Sampling the inner step moves w⁺ by
α times the error of a mean of D_in samples, hence ‖∇f_i(w̃_i) − ∇f_i(w⁺)‖₂ ≤ αLσ̃/√D_in. So by Minkowski's inequality

    ‖∇f_i(w̃_i)‖₂ ≤ (1 + αL)‖x_i‖₂ + αLσ̃/√D_in
    ‖(I − αH_i)∇f_i(w̃_i) − ∇f‖₂ ≤ ‖x_i − ∇f‖₂ + κ‖x_i‖₂ + (1 + αL)αLσ̃/√D_in,   ‖x_i − ∇f‖₂ ≤ σ

The error of the outer batch has mean zero given all that came before and adds (1 + αL)²σ̃²/D_o to the square of the last
line; that of the Hessian batch has mean zero given g_i and adds α²σ_H²/D_h · E‖g_i‖² ≤ ½E‖g_i‖², where
E‖g_i‖² ≤ ‖∇f_i(w̃_i)‖₂² + σ̃²/D_o.

    MAML     αL ≤ 1/6,  c = 1/12:  ‖r‖ ≤ (1 + αL)αLσ̃/√D_in, by Lemma 4.10
    FO-MAML  αL ≤ 1/10, c = 1/18:  ‖r‖ ≤ αLσ̃/√D_in + αL(1 + αL)‖x_i‖₂; in E‖G_i − ∇f‖² κ becomes αL and 1 + αL becomes 1
    HF-MAML  αL ≤ 1/6,  c = 1/25:  ‖r‖ ≤ (1 + αL)αLσ̃/√D_in + ‖g_i‖₂/(12√B); the probe adds ‖g_i‖₂/(12√B) to ‖G_i − ∇f‖₂
             with the printed δ:   the same with m/12 in place of 1/(12√B), m = min(1, 24αL)

Collect. All of these are linear in y = (a, σ/√B, …, σ̃/√D_in) with coefficients ≥ 0 that grow with αL and 1/√B, so the
braces are at least the quadratic form with αL at its largest and B = 20. ``constants.py`` completes squares in it, in
fractions, and finds u and v with braces ≥ ua² − vE. No weight is chosen but v.

From one step to all. L(w_k) = 4L + 2ραE‖x_i‖ lies between 4L and 4L + pρα(σ + a), p = 2/(1 − κ), and
ϕ(a) = a²/(4L + pρα(σ + a)) is convex and grows: with a_k = E‖∇F(w_k)‖ over everything random,
E[F(w_k) − F(w_{k+1})] ≥ c[uϕ(a_k) − vE/(4L)]. As p ≤ 4, the first two entries of T make E/(4L) ≤ [1/c₁ + p/(4c₂)]ϕ(T),
so vE/(4L) ≤ θuϕ(T) with θ = (v/u)[1/c₁ + p/(4c₂)] < 1. Sum over k < K and use Jensen again: the mean ā of the a_k has
ϕ(ā) ≤ Δ/(cuK) + θϕ(T), which is at most ϕ(T) for K ≥ Δ/(cu(1 − θ)ϕ(T)), and N is at least that. Where Δ = 0, w_0 itself
is stationary. ∎

What is left. On a long slope of height s a step takes cs²/(4L) off F, so no proof with this step can do with
n < 1/c = 12, 18, 25. Larger c₁ and c₂ bring n nearer to 1/(cu), smaller ones away from it: (1, 1) costs MAML n = 58,
HF-MAML 82 and the printed probe 92. Whether (1 + x) and the second entry of T are needed is not known here.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction as Q

from mamllib.arithmetic import is_exact, sqrt
from mamllib.statements.fallah2020.convergence.setting import Setting, relative_curvature

# What the proof above uses, whichever the algorithm; the two of HF-MAML use equation (9) besides.
PREMISES = (
    "fallah2020/descent",
    "fallah2020/lemma_4_9_first_moment",
    "fallah2020/lemma_4_9_second_moment_lowered",
    "fallah2020/lemma_4_10_bias",
    "fallah2020/auxiliary_inequality_l2",
)


@dataclass(frozen=True)
class Rate:
    """The constants of one theorem: 1/(αL), c₁, c₂, p, n, and the extra terms e and o as functions of αL."""

    algorithm: str
    smallest_inverse_step: int
    root: Q
    linear: Q
    growth: Q
    iterations: int
    task_floor: Callable = lambda step: 0 * step
    sample_floor: Callable = lambda step: 0 * step

    def noise(self, setting: Setting):
        """E."""
        c, (D_in, D_o, _), step = setting.constants, setting.sizes, setting.alpha * setting.constants.L
        share = Q(1, setting.B) if is_exact(setting.w) else 1 / setting.B
        tasks = setting.sigma**2 * (share + self.task_floor(step))
        samples = c.sigma_tilde**2 / D_o * (share + self.sample_floor(step))
        return tasks + samples + c.sigma_tilde**2 / D_in

    def accuracy(self, setting: Setting):
        """T, ∞ where σ or σ̃ is. In fractions E must make the root rational, as E = 0 does."""
        if math.isinf(setting.sigma + setting.constants.sigma_tilde):
            return math.inf
        noise, curvature = self.noise(setting), relative_curvature(setting)
        root = _root(self.root * (1 + curvature * setting.sigma) * noise)
        return max(root, self.linear * curvature * noise, setting.epsilon)

    def budget(self, setting: Setting):
        """N; 0 where T is infinite, since every iterate is accurate enough then."""
        c, T = setting.constants, self.accuracy(setting)
        if math.inf == T:
            return 0
        smoothness = 4 * c.L + self.growth * c.rho * setting.alpha * (setting.sigma + T)
        return self.iterations * setting.gap * smoothness / T**2


def _root(square):
    return sqrt(square) if is_exact(square) else math.sqrt(square)


def printed_probe_floor(step):
    """m² = min(1, 24αL)²: the relative error, in units of 1/12, of a probe that moves by 1/(6ρα)."""
    return min(1, 24 * step) ** 2


MAML = Rate("MAML", 6, Q(2), Q(2), Q(157, 50), 29)
FO_MAML = Rate("FO-MAML", 10, Q(2), Q(2), Q(127, 50), 59, task_floor=lambda step: 10 * step**2)
HF_MAML = Rate("HF-MAML", 6, Q(2), Q(2), Q(157, 50), 55)
HF_MAML_PRINTED_PROBE = Rate("HF-MAML", 6, Q(2), Q(2), Q(157, 50), 63, printed_probe_floor, printed_probe_floor)
