"""Remark 4.14: what is small for F is small for F̂, when test batches are no smaller than inner ones.

    D_test ≥ D_in  ⇒  |‖∇F̂(w)‖ − ‖∇F(w)‖| ≤ (2 + ασ_H) αLσ̃/√D_in                           (constants derived here)

The remark speaks of "the same order, up to some constant" as long as σ_H is not much larger than σ̃. Proof: the triangle
inequality and Theorem 4.11, with √D_test ≥ √D_in and D_test ≥ √D_in. The right side is of the order of the accuracy
σ̃/√D_in that Theorems 4.12 and 4.15 leave anyway, as long as ασ_H = O(1).
"""

from dataclasses import replace
from fractions import Fraction as Q

from mamllib import tree
from mamllib.arithmetic import absolute, is_exact, jit_unless_exact, sqrt
from mamllib.checking.margins import margin
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.objectives import meta_gradient, sampled_meta_gradient
from mamllib.statements.fallah2020 import theorem_4_11
from mamllib.statements.fallah2020.theorem_4_11 import Gap
from mamllib.statements.instance import instance


@instance("D_in")
class SameOrder:
    """A gap between F and F̂ at test batches of size D_test, and the size D_in of the inner batches of training."""

    gap: Gap
    D_in: int


@jit_unless_exact
def difference(case: SameOrder):
    """|‖∇F̂(w)‖ − ‖∇F(w)‖|."""
    gap = case.gap
    sampled = sampled_meta_gradient(gap.family, gap.alpha, gap.w, gap.D_test)
    return absolute(tree.norm(sampled) - tree.norm(meta_gradient(gap.family, gap.alpha, gap.w)))


def bound(case: SameOrder):
    """(2 + ασ_H) αLσ̃/√D_in; in fractions D_in must be a perfect square."""
    gap, c = case.gap, case.gap.constants
    root = sqrt(Q(case.D_in) if is_exact(c) else 1.0 * case.D_in)
    return (2 + gap.alpha * c.sigma_H) * gap.alpha * c.L * c.sigma_tilde / root


def hypotheses(case: SameOrder) -> dict:
    """Those of Theorem 4.11, and D_test ≥ D_in."""
    return theorem_4_11.THEOREM_4_11.hypotheses(case.gap) | {"D_test ≥ D_in": margin(case.gap.D_test, case.D_in)}


def smoothed(D_test: int, D_in: int, d: float = 1e-3) -> SameOrder:
    """The kink of Theorem 4.11's first term."""
    return SameOrder(theorem_4_11.smoothed_absolute_float(d, D_test=D_test), D_in)


def bump(D_test: int, D_in: int) -> SameOrder:
    """The bump noise of Theorem 4.11's second term, in fractions."""
    return SameOrder(theorem_4_11.bump(Q(10), D_test=D_test), D_in)


def without_hessian(case: SameOrder):
    """2αLσ̃/√D_in."""
    c = case.gap.constants
    return bound(replace(case, gap=replace(case.gap, constants=c._replace(sigma_H=0 * c.sigma_H))))


REMARK_4_14 = Statement(
    id="fallah2020/remark_4_14",
    title="Remark 4.14",
    source=Source("fallah2020", "Remark 4.14, with explicit constants", "D"),
    claim=r"D_{test}\ge D_{in}\ \Rightarrow\ "
    r"\big|\|\nabla\hat F(w)\|-\|\nabla F(w)\|\big|\le(2+\alpha\sigma_H)\,\alpha L\,\tilde\sigma/\sqrt{D_{in}}",
    takes=SameOrder,
    hypotheses=hypotheses,
    lhs=difference,
    rhs=bound,
    roundoff=lambda case: theorem_4_11.THEOREM_4_11.roundoff(case.gap),
    rests_on=("fallah2020/theorem_4_11",),
    cases=(
        Case("bump noise, s = 10, D_test = D_in = 1", lambda seed: bump(1, 1)),
        Case("√(w² + d²), d = 10⁻³, D_test = D_in = 1", lambda seed: smoothed(1, 1)),
        Case("√(w² + d²), d = 10⁻³, D_test = 16, D_in = 4", lambda seed: smoothed(16, 4)),
        Case("six trigonometric tasks in 3-D, D = 4", lambda seed: SameOrder(theorem_4_11.trigonometric(4, seed), 4)),
        Case("√(w² + d²), D_test = 1 < D_in = 64", lambda seed: smoothed(1, 64), Verdict.SILENT),
    ),
    mutants=(
        Mutant("D_test ≥ D_in deleted", lambda seed: smoothed(1, 64), drops=("D_test ≥ D_in",)),
        Mutant("σ_H dropped", lambda seed: bump(1, 1), rhs=without_hessian),
    ),
)

STATEMENTS = (REMARK_4_14,)
