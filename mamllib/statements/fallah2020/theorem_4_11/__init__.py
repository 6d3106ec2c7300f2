"""Theorem 4.11: the objective you sample, F̂, is not the one you wrote, F.

    ‖∇F̂(w) − ∇F(w)‖ ≤ T₁ + T₂,     T₁ = 2αLσ̃/√D_test,  T₂ = α²Lσ_Hσ̃/D_test     (22, printed)
    ‖∇F̂(w) − ∇F(w)‖ ≤ √(T₁² + T₂²)                                              (derived here)
    ‖∇F̂(w) − ∇F(w)‖ ≤ ρα²σ̃²/D_test + T₂   under Assumption 4.4                  (derived here)

Proof. Per task write A = I − α∇²f(w), ξ and ζ for the errors of the sampled gradient and Hessian, and
Δ = ∇f(w⁺ − αξ) − ∇f(w⁺), so ‖Δ‖ ≤ αL‖ξ‖. The gap is A·EΔ − αE[ζΔ], because Eζ = 0. The first term is at most
(1 + αL)αLσ̃/√D. For a unit vector u, ⟨u, E[ζΔ]⟩ = E⟨ζu, Δ⟩, and ζu is a mean of D independent centred *vectors*, so
E‖ζu‖² ≤ σ_H²/D whichever norm Assumption 4.6 is read in; Cauchy–Schwarz gives T₂. For the second bound put m = EΔ.
Since Eζ = 0, E[ζΔ] = E[ζ(Δ − m)], so the gap is at most (1 + αL)‖m‖ + α(σ_H/√D)(E‖Δ − m‖²)^½ with
‖m‖² + E‖Δ − m‖² = E‖Δ‖² ≤ α²L²σ̃²/D; Cauchy–Schwarz in R² gives (αLσ̃/√D)√((1 + αL)² + α²σ_H²/D). For the third,
Taylor's formula Δ = −α∇²f(w⁺)ξ + r with ‖r‖ ≤ ρα²‖ξ‖²/2 and Eξ = 0 give ‖EΔ‖ ≤ ρα²σ̃²/(2D). Only σ̃ and σ_H at this
one w are used.
"""

from mamllib.statements.fallah2020.theorem_4_11.instances import (
    bump,
    common_centre,
    digits,
    quadratics,
    saddle,
    skewed_bump,
    smoothed_absolute,
    smoothed_absolute_float,
    tilted_ramp,
    trigonometric,
)
from mamllib.statements.fallah2020.theorem_4_11.pythagorean import PYTHAGOREAN, squared_rhs
from mamllib.statements.fallah2020.theorem_4_11.question import Gap, roundoff, short_step
from mamllib.statements.fallah2020.theorem_4_11.sum import (
    THEOREM_4_11,
    first_term,
    larger_term,
    lhs,
    second_term,
    squared_test_batch,
)
from mamllib.statements.fallah2020.theorem_4_11.taylor import TAYLOR, taylor_bound
