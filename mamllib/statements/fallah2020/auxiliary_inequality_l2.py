"""The bridge from ∇F to ∇f with mean squares: a square root where the triangle inequality pays 1/(1 − κ).

    κ = 2αL + α²L² < 1  ⇒  ‖∇f(w)‖ ≤ ‖∇F(w)‖/(1 − κ) + κσ/√(1 − κ²)                                (derived here)

Proof. Write m = ‖∇f(w)‖ and a = ‖∇F(w)‖. As in the auxiliary inequality ∇F = ∇f + E M_i∇f_i with ‖M_i∇f_i‖ ≤ κ‖∇f_i‖,
but now E‖∇f_i‖ ≤ (E‖∇f_i‖²)^½ ≤ √(m² + σ²), so m − κ√(m² + σ²) ≤ a. The left side grows with m. At m* = a/(1 − κ) + κs
with s = σ/√(1 − κ²) the root is at most a/(1 − κ) + s, since (a/(1 − κ) + s)² − m*² ≥ (1 − κ²)s² = σ², and the left
side is at least a. So m ≤ m*. ∎ With it (E‖∇f_i‖²)^½ ≤ a/(1 − κ) + s.

It is stronger than the auxiliary inequality for every κ > 0. Nearly attained at a small αL by ±w²/2, tilted so that
∇F = 0: the convex task's gradient shrinks by 2αL, the other's grows by κ.
"""

from mamllib.statements.fallah2020.auxiliary_inequality import AUXILIARY, digits, kappa, one_convex, opposed, rippled
from mamllib.statements.kit import Q, Source, Verdict, case, is_exact, mutant, root_above, sqrt


def rational_step(number: Q) -> Q:
    """An αL for which √(1 − κ²) is rational, about 2 ``number``: (1 + αL)² + t² = 2 has rational points."""
    return 2 * number * (1 - number) / (1 + number**2)


SMALL = rational_step(Q(1, 1000))


def deviation(point):
    """κσ/√(1 − κ²); in fractions a root that is irrational is taken from above, which leaves less room."""
    square = 1 - kappa(point) ** 2
    return kappa(point) * point.sigma / (root_above(square) if is_exact(square) else sqrt(square))


def bound(point):
    """‖∇F(w)‖/(1 − κ) + κσ/√(1 − κ²)."""
    return point.answer.parts.meta_gradient / (1 - kappa(point)) + deviation(point)


AUXILIARY_L2 = AUXILIARY.variant(
    id="fallah2020/auxiliary_inequality_l2",
    title="Auxiliary inequality in L²",
    source=Source("fallah2020", "the bridge from ∇F to ∇f, with mean squares", "D"),
    claim=r"\kappa=2\alpha L+\alpha^2L^2<1\ \Rightarrow\ "
    r"\|\nabla f(w)\|\le\frac{\|\nabla F(w)\|}{1-\kappa}+\frac{\kappa\sigma}{\sqrt{1-\kappa^2}}",
    rhs=bound,
    rests_on=(),
    spared=AUXILIARY.spared,
    cases=(
        case("±w²/2 at αL = .002, ∇F = 0", opposed, SMALL),
        case("w²/2 at αL = 1/6", one_convex, predicted=Q(36 - 13, 25)),
        case("six rippled parabolas in 3-D", rippled),
        case("45 digit pairs, α = 1/(6L)", digits),
        case("w²/2 at αL = 1/2", one_convex, Q(1, 2), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("κσ/√(1 − κ²) lowered by 1 %", opposed, SMALL, rhs=lambda p: bound(p) - deviation(p) / 100),
        mutant("‖∇F‖/(1 − κ) for ‖∇F‖", one_convex, rhs=lambda p: p.answer.parts.meta_gradient + deviation(p)),
        mutant("κσ squared", opposed, SMALL, rhs=lambda p: bound(p) - deviation(p) + deviation(p) ** 2),
    ),
)
