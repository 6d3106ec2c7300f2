"""Lemma 4.9: the outer step can be estimated from a few tasks and samples, at constant cost.

    L̃(w) = 4L + (2ρα/B') Σ_{j∈ℬ'} ‖∇̃f_j(w, 𝒟_β^j)‖,   β̃(w) = 1/L̃(w)                                    (16), (17)
    B' ≥ ⌈½(ρασ/L)²⌉, D_β ≥ ⌈(2ρασ̃/L)²⌉  ⇒  E β̃ ≥ 0.8/L(w),  E β̃² ≤ 3.125/L(w)²                   (18), (19, printed)
                                              E β̃² ≤ 1.855/L(w)²                                  (derived here)

Proof. Scale L to 1 and write L̃ = 4 + Y, Y ≥ 0, μ = EY. By Jensen μ ≥ L(w) − 4 and, with (18),
μ ≤ L(w) − 4 + 2ραE‖∇̃f_j − ∇f_j‖ ≤ L(w) − 4 + 2ρασ̃/√D_β ≤ L(w) − 3. Hence E β̃ ≥ 1/(4 + μ) ≥ 1/(L(w) + 1) ≥ 0.8/L(w),
the last because L(w) ≥ 4. For the second moment,
Var Y ≤ (4ρ²α²/B')(σ² + σ̃²/D_β) ≤ 8 + 1 = 9 by (18). Among laws on [0, ∞) with mean μ and variance at most v, E(4 + Y)⁻²
is largest for the two-point law on {0, (v + μ²)/μ} with P(0) = v/(v + μ²): the parabola through (4 + y)⁻² at 0 that
touches it at (v + μ²)/μ lies above it on y ≥ 0, and is convex. So
L(w)² E β̃² ≤ (4 + μ)² [ v/(16(v + μ²)) + μ⁴/((v + μ²)(μ² + 4μ + v)²) ], which can only grow with v, and
at v = 9 lies below 1.855 for every μ. Two tasks with gradient norms {0, M} reach the same expression at v = 8; its
maximum there is 1.7745. At v = 9 it is reached by two tasks with gradients s and 1/s under noise that takes each sample
gradient to 0 or to one common value, in opposite senses: Var Y = 8 + 1, and 1.8549 is false.
"""

from mamllib.statements.fallah2020.lemma_4_9.first_moment import FIRST_MOMENT
from mamllib.statements.fallah2020.lemma_4_9.instances import (
    attained_first_moment,
    attained_second_moment,
    digit_step,
    lopsided_noise,
    rippled,
    saturated_second_moment,
    two_gradient_norms,
)
from mamllib.statements.fallah2020.lemma_4_9.lowered import SECOND_MOMENT_CONSTANT, SECOND_MOMENT_LOWERED
from mamllib.statements.fallah2020.lemma_4_9.mean_step import MEAN_STEP
from mamllib.statements.fallah2020.lemma_4_9.question import (
    RelativeStepDraw,
    Step,
    first_moment,
    hypotheses,
    second_moment,
)
from mamllib.statements.fallah2020.lemma_4_9.second_moment import SECOND_MOMENT
