"""Lemma 4.8: the meta-objective F is smooth only with a constant that grows with the gradients.

For α ≤ 1/L:       ‖∇F(w) − ∇F(u)‖ ≤ min{L(w), L(u)}‖w − u‖,  L(w) = 4L + 2ρα E_i‖∇f_i(w)‖        (printed)
For every α ≥ 0:   the same with L(1 + αL)² + ρα(1 + αL) E_i‖∇f_i(w)‖                              (derived here)

Proof. Write A_i(w) = I − α∇²f_i(w) and w⁺ = w − α∇f_i(w). Then
∇F_i(w) − ∇F_i(u) = A_i(u)[∇f_i(w⁺) − ∇f_i(u⁺)] + [A_i(w) − A_i(u)]∇f_i(w⁺). The first term is at most
(1 + αL)·L·(1 + αL)‖w − u‖, because w ↦ w⁺ is (1 + αL)-Lipschitz. The second is at most αρ‖w − u‖‖∇f_i(w⁺)‖, and
∇f_i(w⁺) = (I − αH̃)∇f_i(w) with a mean Hessian H̃ gives ‖∇f_i(w⁺)‖ ≤ (1 + αL)‖∇f_i(w)‖. Average over i, exchange w
and u for the minimum; αL ≤ 1 gives 4L and 2ρα.
"""

from mamllib.statements.fallah2020.lemma_4_8.any_alpha import LEMMA_4_8_ANY_ALPHA, any_alpha_rhs
from mamllib.statements.fallah2020.lemma_4_8.cases import BEYOND, CASES, FAR
from mamllib.statements.fallah2020.lemma_4_8.instances import (
    NEAR,
    concave_quadratic,
    not_smooth_witness,
    trigonometric_pairs,
    wave_pair,
)
from mamllib.statements.fallah2020.lemma_4_8.pairs import Pairs, hypotheses, lhs, rhs, roundoff, smoothness_hypotheses
from mamllib.statements.fallah2020.lemma_4_8.printed import LEMMA_4_8

STATEMENTS = (LEMMA_4_8, LEMMA_4_8_ANY_ALPHA)

__all__ = [
    "BEYOND",
    "CASES",
    "FAR",
    "LEMMA_4_8",
    "LEMMA_4_8_ANY_ALPHA",
    "NEAR",
    "STATEMENTS",
    "Pairs",
    "any_alpha_rhs",
    "concave_quadratic",
    "hypotheses",
    "lhs",
    "not_smooth_witness",
    "rhs",
    "roundoff",
    "smoothness_hypotheses",
    "trigonometric_pairs",
    "wave_pair",
]
