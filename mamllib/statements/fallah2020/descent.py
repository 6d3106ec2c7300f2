"""The descent inequality that Lemma 4.8 gives, and every convergence proof of the paper uses.

    |F(u) − F(w) − ⟨∇F(w), u − w⟩| ≤ ½ L(w) ‖u − w‖²                                             (derived here)

Proof. Write g = ∇f_i(w⁺). The quadratic bound on w⁺–u⁺ and the (1 + αL)-Lipschitz w ↦ w⁺ give
|f_i(u⁺) − f_i(w⁺) − ⟨g, u⁺ − w⁺⟩| ≤ ½L(1 + αL)²‖u − w‖². Next ⟨g, u⁺ − w⁺⟩ = ⟨∇F_i(w), u − w⟩ − α⟨g, r⟩ with Taylor's
remainder r = ∇f_i(u) − ∇f_i(w) − ∇²f_i(w)(u − w), ‖r‖ ≤ ½ρ‖u − w‖², and ‖g‖ ≤ (1 + αL)‖∇f_i(w)‖. Average over i; αL ≤ 1
gives ½L(w). Each of these inequalities is measured. Equality: f = −Lw²/2 at α = 1/L.
"""

from mamllib.statements.fallah2020.lemma_4_8 import LEMMA_4_8, Pairs, smoothness
from mamllib.statements.fallah2020.lemma_4_8.instances import wave_pair
from mamllib.statements.kit import Q, Source, TaskFamily, Verdict, case, mutant, np, relative_roundoff
from mamllib.tasks import Quadratic, Trigonometric


def bow(pairs: Pairs):
    """|F(u) − F(w) − ⟨∇F(w), u − w⟩| at each pair."""
    return pairs.descent.bow


def half_smoothness(pairs: Pairs):
    """½ L(w) ‖u − w‖²."""
    parts = pairs.answer.parts
    return smoothness(pairs, parts.gradients[0]) * parts.distance**2 / 2


def roundoff(pairs: Pairs):
    """γ of the sizes of the three terms, and of what rounding w and u does to F."""
    parts = pairs.answer.parts
    moved = sum(meta * norm for meta, norm in zip(parts.meta_gradients, parts.norms, strict=True))
    return relative_roundoff(pairs) * (pairs.descent.size + moved + half_smoothness(pairs))


def concave(alpha=Q(1)) -> Pairs:
    """f = −w²/2 at α = 1/L, where F'' = −4L."""
    family = TaskFamily.of([Quadratic(Q(-1), Q(0))])
    return Pairs.of(family, alpha, (Q(0), Q(1), Q(-3, 2)), (Q(1), Q(-1), Q(5, 7)))


def rippled(seed: int) -> Pairs:
    """A rippled parabola and near or far pairs of points."""
    family = TaskFamily.of([Trigonometric(1.0, 0.5, 4.0, t) for t in (-0.5, 0.8)])
    rng = np.random.default_rng(seed)
    w = 10 * rng.normal(size=200)
    return Pairs.of(family, 0.6, w, w + rng.normal(size=200))


DESCENT = LEMMA_4_8.variant(
    id="fallah2020/descent",
    title="Descent, from Lemma 4.8",
    source=Source("fallah2020", "a corollary of Lemma 4.8", "D"),
    claim=r"\big|F(u)-F(w)-\langle\nabla F(w),u-w\rangle\big|\le\tfrac12L(w)\|u-w\|^2",
    lhs=bow,
    rhs=half_smoothness,
    roundoff=roundoff,
    rests_on=("fallah2020/lemma_4_8",),
    cases=(
        case("−w²/2 at α = 1/L", concave, predicted=Q(1)),
        case("triangular wave, b = 1/1000, n = 10⁶", wave_pair),
        case("two rippled parabolas, 200 pairs", rippled),
        case("−w²/2 at α = 2/L", concave, Q(2), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("½ lowered to 0.49", concave, rhs=lambda p: Q(98, 100) * half_smoothness(p)),
        mutant("α = 1.1/L allowed", concave, Q(11, 10), drops="α ≤ 1/L"),
    ),
)
