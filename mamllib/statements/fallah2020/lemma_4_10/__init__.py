"""Lemma 4.10: the gradient MAML follows is biased, because a sampled inner step stands inside a nonlinear gradient.

Write ḡ = ∇f(w), w⁺ = w − αḡ, w̃ = w − α∇̃f(w, 𝒟_in), ξ = ∇̃f(w, 𝒟_in) − ḡ.

    bias           ‖E∇̃f(w̃, 𝒟_o) − ∇f(w⁺)‖ ≤ αLσ̃/√D_in                                              (20)
    second moment  E‖∇̃f(w̃, 𝒟_o)‖² ≤ (1 + 1/φ)‖∇f(w⁺)‖² + (1 + φ)α²L²σ̃²/D_in + σ̃²/D_o, φ > 0     (21)
    Taylor         bias ≤ ρα²σ̃²/(2D_in)                                                   (derived here)
    quadratics     the whole MAML gradient is unbiased where ρ = 0                        (derived here)

Proof. 𝒟_o is independent, so the bias is E∇f(w⁺ − αξ) − ∇f(w⁺), of norm at most LαE‖ξ‖ ≤ αLσ̃/√D_in. Subtracting the
linear term −α∇²f(w⁺)ξ, whose mean is zero, leaves E of a Taylor remainder of norm at most ρα²‖ξ‖²/2: the third line.
For (21): given w̃, E‖∇̃f(w̃, 𝒟_o)‖² ≤ ‖∇f(w̃)‖² + σ̃²/D_o; then Young's inequality on ∇f(w⁺) + [∇f(w̃) − ∇f(w⁺)]. On a
quadratic ∇f is affine, so means pass through it, and the independent factor I − α∇̃²f(w, 𝒟_h) through the product.
"""

from mamllib.statements.fallah2020.lemma_4_10.bias import BIAS, bias, bias_stream, lipschitz_bound, proof_chain
from mamllib.statements.fallah2020.lemma_4_10.instances import (
    Saddle,
    aligned_bias,
    many_directions,
    noisy_quadratic,
    odd_ramp,
    smoothed_absolute,
)
from mamllib.statements.fallah2020.lemma_4_10.quadratic import (
    QUADRATIC,
    MamlMean,
    maml_bias,
    noisy_curvatures,
    reused_batch_bias,
)
from mamllib.statements.fallah2020.lemma_4_10.question import Adaptation
from mamllib.statements.fallah2020.lemma_4_10.second_moment import SECOND_MOMENT, second_moment, second_moment_bound
from mamllib.statements.fallah2020.lemma_4_10.taylor import TAYLOR, taylor_bound
