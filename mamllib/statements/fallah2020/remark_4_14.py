"""Remark 4.14: what is small for F is small for F̂, when test batches are no smaller than inner ones.

    D_test ≥ D_in  ⇒  |‖∇F̂(w)‖ − ‖∇F(w)‖| ≤ (2 + ασ_H) αLσ̃/√D_in                           (constants derived here)

The remark speaks of "the same order, up to some constant" as long as σ_H is not much larger than σ̃. Proof: the triangle
inequality and Theorem 4.11, with √D_test ≥ √D_in and D_test ≥ √D_in. The right side is of the order of the accuracy
σ̃/√D_in that Theorems 4.12 and 4.15 leave anyway, as long as ασ_H = O(1).
"""

from mamllib.statements.fallah2020 import theorem_4_11
from mamllib.statements.fallah2020.theorem_4_11 import Gap
from mamllib.statements.kit import Q, Source, Statement, Verdict, case, is_exact, margin, mutant, replace, sqrt


def difference(gap: Gap):
    """|‖∇F̂(w)‖ − ‖∇F(w)‖|."""
    return abs(gap.gradients.sampled - gap.gradients.exact)


def bound(gap: Gap):
    """(2 + ασ_H) αLσ̃/√D_in; in fractions D_in must be a perfect square."""
    return (2 + gap.alpha * gap.constants.sigma_H) * _order(gap)


def without_hessian(gap: Gap):
    """2αLσ̃/√D_in."""
    return 2 * _order(gap)


def _order(gap: Gap):
    c = gap.constants
    return gap.alpha * c.L * c.sigma_tilde / (sqrt(Q(gap.D_in)) if is_exact(c) else gap.D_in**0.5)


def hypotheses(gap: Gap) -> dict:
    """Those of Theorem 4.11, and D_test ≥ D_in."""
    return theorem_4_11.short_step(gap) | {"D_test ≥ D_in": margin(gap.D_test, gap.D_in)}


def smoothed(D_test: int, D_in: int, d: float = 1e-3) -> Gap:
    """The kink of Theorem 4.11's first term."""
    return replace(theorem_4_11.smoothed_absolute_float(d, D_test=D_test), D_in=D_in)


def bump(D_test: int, D_in: int, s=Q(10)) -> Gap:
    """The bump noise of Theorem 4.11's second term, in fractions."""
    return replace(theorem_4_11.bump(s, D_test=D_test), D_in=D_in)


def trigonometric(seed: int) -> Gap:
    """Six trigonometric tasks with D_test = D_in = 4."""
    return replace(theorem_4_11.trigonometric(4, seed), D_in=4)


REMARK_4_14 = Statement(
    id="fallah2020/remark_4_14",
    title="Remark 4.14",
    source=Source("fallah2020", "Remark 4.14, with explicit constants", "D"),
    claim=r"D_{test}\ge D_{in}\ \Rightarrow\ "
    r"\big|\|\nabla\hat F(w)\|-\|\nabla F(w)\|\big|\le(2+\alpha\sigma_H)\,\alpha L\,\tilde\sigma/\sqrt{D_{in}}",
    takes=Gap,
    assumes=theorem_4_11.THEOREM_4_11.assumes,
    hypotheses=hypotheses,
    lhs=difference,
    rhs=bound,
    roundoff=theorem_4_11.roundoff,
    rests_on=("fallah2020/theorem_4_11",),
    cases=(
        case("bump noise, s = 10, D_test = D_in = 1", bump, 1, 1),
        case("bump noise, s = 1000, D_test = D_in = 1", bump, 1, 1, Q(1000)),
        case("√(w² + d²), d = 10⁻³, D_test = D_in = 1", smoothed, 1, 1),
        case("√(w² + d²), d = 10⁻³, D_test = D_in = 4", smoothed, 4, 4),
        case("√(w² + d²), d = 10⁻³, D_test = 16, D_in = 4", smoothed, 16, 4),
        case("six trigonometric tasks in 3-D, D = 4", trigonometric),
        case("√(w² + d²), D_test = 1 < D_in = 64", smoothed, 1, 64, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("D_test ≥ D_in deleted", smoothed, 1, 64, drops="D_test ≥ D_in"),
        mutant("σ_H dropped", bump, 1, 1, rhs=without_hessian),
        mutant("α = 1.1/L allowed", theorem_4_11.instances.smoothed_absolute, alpha=Q(11, 10), drops="α ≤ 1/L"),
    ),
    spared={
        "D_test ≥ D_in": "open: no sizes below ten are within a tenth, and beyond that no instance is sharp enough"
    },
)
