"""What the convergence theorems promise, with every constant explicit: T, and the iterations after which it is met.

    E = σ²(1/B + e) + (σ̃²/D_o)(1/B + o) + σ̃²/D_in,     x = ρασ/L
    T = max{√(c₁(1 + x)E), c₂(ρα/L)E, ε}
    N = n Δ (4L + pρα(σ + T))/T²

Some iterate before N has E‖∇F(w_k)‖ ≤ T. The four cases differ in the constants and in e and o alone.

Proof. Let a = ‖∇F(w_k)‖, β_k = cβ̃(w_k), r the bias of the direction G and Q a bound on E‖g‖², all given w_k. Lemma 4.8
gives F(w_{k+1}) ≤ F(w_k) − β_k⟨∇F, G⟩ + ½L(w_k)β_k²‖G‖²; β_k is independent of G, and Lemma 4.9 bounds its moments:
0.8c/L(w_k) ≤ Eβ_k ≤ √3.125 c/L(w_k), Eβ_k² ≤ 3.125c²/L(w_k)². So, given w_k,

    E[F(w_k) − F(w_{k+1})] ≥ (c/L(w_k)) [0.4a² − 0.884‖r‖² − 1.5625c E‖G‖²],
    E‖G‖² ≤ 2a² + 2‖r‖² + E‖G_i‖²/B.

The auxiliary inequality ‖∇f‖ ≤ (a + κσ)/(1 − κ), κ = 2αL + α²L², and Lemma 4.10 with φ = 10 bound E‖g‖² by
Q = 1.1(1 + αL)²(2a²/(1 − κ)² + 2κ²σ²/(1 − κ)² + σ²) + 11α²L²σ̃²/D_in + σ̃²/D_o. With B ≥ 20 the bracket is at least
ua² − vE for numbers u, v below. Since L(w_k) lies between 4L and 4L + pρα(σ + a) with p = 2/(1 − κ), and
ϕ(a) = a²/(4L + pρα(σ + a)) is convex and grows, taking expectations gives
E[F(w_k) − F(w_{k+1})] ≥ c[uϕ(Ea) − vE/(4L)]. As long as Ea > T, the choice of c₁ and c₂ makes vE/(4L) at most θuϕ(T)
with θ < 1 (here p ≤ 4 turns 4 + px into at most 4(1 + x)), so every such iteration takes c(1 − θ)uϕ(T) off EF, and
there are fewer than N. Where Δ = 0, w_0 itself is stationary.

    MAML     αL ≤ 1/6,  c = 1/12:  ‖r‖² ≤ (49/1296)σ̃²/D_in, E‖G_i‖² ≤ (49/36 + ½)Q
    FO-MAML  αL ≤ 1/10, c = 1/18:  ‖r‖ ≤ αLσ̃/√D_in + .1393a + 1.3924αLσ, G_i = g
    HF-MAML  αL ≤ 1/6,  c = 1/25:  ‖r‖² ≤ (49/648)σ̃²/D_in + Q/(72B), E‖G_i‖² ≤ [(7/6 + 1/12)² + ½]Q
             with the printed δ:   ‖r‖² ≤ (49/648)σ̃²/D_in + m²Q/72, m = min(1, 24αL)

``constants.py`` computes u, v, θ and n for each in fractions.
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
    "fallah2020/lemma_4_9_second_moment",
    "fallah2020/lemma_4_10_bias",
    "fallah2020/lemma_4_10_second_moment",
    "fallah2020/auxiliary_inequality",
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


MAML = Rate("MAML", 6, Q(61), Q(61), Q(157, 50), 361)
FO_MAML = Rate("FO-MAML", 10, Q(14), Q(14), Q(127, 50), 246, task_floor=lambda step: 20 * step**2)
HF_MAML = Rate("HF-MAML", 6, Q(169, 25), Q(51, 10), Q(157, 50), 215)
HF_MAML_PRINTED_PROBE = Rate("HF-MAML", 6, Q(9), Q(9), Q(157, 50), 403, printed_probe_floor, printed_probe_floor)
