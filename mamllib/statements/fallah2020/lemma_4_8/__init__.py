"""Lemma 4.8: the meta-objective F is smooth only with a constant that grows with the gradients.

For α ≤ 1/L:       ‖∇F(w) − ∇F(u)‖ ≤ min{L(w), L(u)}‖w − u‖,  L(w) = 4L + 2ρα E_i‖∇f_i(w)‖        (printed)
For every α ≥ 0:   the same with L(1 + αL)² + ρα(1 + αL) E_i‖∇f_i(w)‖                              (derived here)

Proof. Write A_i(w) = I − α∇²f_i(w) and w⁺ = w − α∇f_i(w). Then
∇F_i(w) − ∇F_i(u) = A_i(u)[∇f_i(w⁺) − ∇f_i(u⁺)] + [A_i(w) − A_i(u)]∇f_i(w⁺). The first term is at most
(1 + αL)·L·(1 + αL)‖w − u‖, because w ↦ w⁺ is (1 + αL)-Lipschitz. The second is at most αρ‖w − u‖‖∇f_i(w⁺)‖, and
‖∇f_i(w⁺)‖ ≤ (1 + αL)‖∇f_i(w)‖, because w⁺ lies α‖∇f_i(w)‖ away. Average over i, exchange w and u for the minimum;
αL ≤ 1 gives 4L and 2ρα.

What is measured is what this uses: ‖∇²f_i‖ at w and u; secants of ∇f_i on w–u, w⁺–u⁺, w–w⁺ and u–u⁺; and
‖∇²f_i(w) − ∇²f_i(u)‖/‖w − u‖.
"""

from mamllib.statements.fallah2020.lemma_4_8 import instances
from mamllib.statements.fallah2020.lemma_4_8.instances import (
    BEYOND,
    FAR,
    RIPPLED,
    SHARED,
    SHARP,
    concave_quadratic,
    not_smooth_witness,
    trigonometric_pairs,
    wave_pair,
)
from mamllib.statements.fallah2020.lemma_4_8.question import Pairs
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SMOOTH,
    Adversary,
    Q,
    Source,
    Statement,
    Verdict,
    case,
    holds_if,
    margin,
    mutant,
    np,
    relative_roundoff,
    replace,
    smaller_of,
)


def one_step(pairs: Pairs) -> dict:
    """The paper's objective has one inner step."""
    return {"N = 1": holds_if(pairs.steps == 1)}


def short_step(pairs: Pairs) -> dict:
    """α ≤ 1/L and N = 1."""
    return {"α ≤ 1/L": margin(1, pairs.alpha * pairs.constants.L)} | one_step(pairs)


def smoothness(pairs: Pairs, gradient, factor=2):
    """L(w) = 4L + 2ρα E_i‖∇f_i(w)‖ from E_i‖∇f_i(w)‖."""
    return 4 * pairs.constants.L + factor * pairs.constants.rho * pairs.alpha * gradient


def change(pairs: Pairs):
    """‖∇F(w) − ∇F(u)‖ at each pair."""
    return pairs.answer.parts.change


def printed_bound(pairs: Pairs, factor=2):
    """min{L(w), L(u)}‖w − u‖."""
    return smaller_constant(pairs, lambda gradient: smoothness(pairs, gradient, factor))


def any_alpha_bound(pairs: Pairs):
    """min over the pair of L(1 + αL)² + ρα(1 + αL) E‖∇f_i‖, times ‖w − u‖."""
    L, rho, stretch = pairs.constants.L, pairs.constants.rho, 1 + pairs.alpha * pairs.constants.L
    return smaller_constant(pairs, lambda gradient: L * stretch**2 + rho * pairs.alpha * stretch * gradient)


def smaller_constant(pairs: Pairs, constant):
    """min{constant(w), constant(u)}‖w − u‖ at each pair, a constant being a function of E‖∇f_i‖."""
    parts = pairs.answer.parts
    return smaller_of(*map(constant, parts.gradients)) * parts.distance


def times_distance(pairs: Pairs, constant):
    """constant·‖w − u‖ at each pair."""
    return constant * pairs.answer.parts.distance


def roundoff(pairs: Pairs):
    """∇F computed at data perturbed by γ: γ(L(w)‖w‖ + ‖∇F(w)‖) at either point, and γ times the right side."""
    parts = pairs.answer.parts
    points = zip(parts.gradients, parts.meta_gradients, parts.norms, strict=True)
    sizes = sum(smoothness(pairs, gradient) * norm + meta for gradient, meta, norm in points)
    return relative_roundoff(pairs) * (sizes + printed_bound(pairs))


LEMMA_4_8 = Statement(
    id="fallah2020/lemma_4_8",
    title="Lemma 4.8",
    source=Source("fallah2020", "Lemma 4.8", "V"),
    claim=r"\|\nabla F(w)-\nabla F(u)\|\le\min\{L(w),L(u)\}\,\|w-u\|,\qquad "
    r"L(w)=4L+2\rho\alpha\,\mathbb{E}_{i\sim p}\|\nabla f_i(w)\|",
    takes=Pairs,
    assumes=(SMOOTH, HESSIAN_LIPSCHITZ),
    hypotheses=short_step,
    lhs=change,
    rhs=printed_bound,
    roundoff=roundoff,
    rests_on=("fallah2020/lemma_4_8_any_alpha",),
    cases=(*SHARP, *SHARED, BEYOND),
    mutants=(
        mutant("α = 1.1/L allowed", instances.concave_quadratic, Q(11, 10), drops="α ≤ 1/L"),
        mutant("ρ understated by a tenth", instances.understated, drops=HESSIAN_LIPSCHITZ.name),
        mutant("F is 1000-smooth", instances.not_smooth_witness, 1000, rhs=lambda p: times_distance(p, 1000)),
        mutant(
            "4L lowered to 3.9L",
            instances.concave_quadratic,
            rhs=lambda p: times_distance(p, p.constants.L * Q(39, 10)),
        ),
        mutant("2ρα lowered to 1.98ρα", instances.wave_pair, rhs=lambda p: printed_bound(p, Q(198, 100))),
    ),
    adversaries=(
        Adversary(
            "trigonometric: a, b, κ, αL, w",
            instances.adversarial,
            ((-1.0, 1.0), (0.01, 1.0), (0.0, 2.5), (0.0, 1.0), (0.0, 4.0), (0.0, 2 * np.pi)),
            201 / 202,
        ),
    ),
)

LEMMA_4_8_ANY_ALPHA = LEMMA_4_8.variant(
    id="fallah2020/lemma_4_8_any_alpha",
    title="Lemma 4.8 for every α",
    source=Source("fallah2020", "Lemma 4.8, without α ≤ 1/L", "D"),
    claim=r"\|\nabla F(w)-\nabla F(u)\|\le\min_{x\in\{w,u\}}\left\{L(1+\alpha L)^2"
    r"+\rho\alpha(1+\alpha L)\,\mathbb{E}_{i\sim p}\|\nabla f_i(x)\|\right\}\|w-u\|",
    hypotheses=one_step,
    rhs=any_alpha_bound,
    rests_on=(),
    cases=(
        *(replace(known, predicted=value) for known, value in RIPPLED),
        *SHARED,
        replace(BEYOND, expected=Verdict.HOLDS, predicted=Q(1)),
        case("f = −Lw²/2 at αL = 1/2", concave_quadratic, Q(1, 2), predicted=Q(1)),
    ),
    mutants=(
        mutant(
            "(1 + αL)² replaced by 1 + αL",
            instances.concave_quadratic,
            Q(2),
            rhs=lambda p: times_distance(p, p.constants.L * (1 + p.alpha * p.constants.L)),
        ),
    ),
    adversaries=(replace(LEMMA_4_8.adversaries[0], known=1.0),),
)
