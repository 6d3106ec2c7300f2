"""The bound under a Lipschitz Hessian, of order 1/D_test."""

from dataclasses import replace
from fractions import Fraction as Q

from mamllib import tree
from mamllib.arithmetic import jit_unless_exact
from mamllib.checking.margins import margin
from mamllib.checking.statement import Case, Mutant, Source
from mamllib.objectives import inner_step
from mamllib.statements.fallah2020 import measure
from mamllib.statements.fallah2020.theorem_4_11 import instances
from mamllib.statements.fallah2020.theorem_4_11.cases import (
    BUMPS,
    CENTRE,
    DIGITS,
    QUADRATICS,
    TRIGONOMETRIC,
)
from mamllib.statements.fallah2020.theorem_4_11.gap import (
    Gap,
    any_batch,
    hypotheses,
    second_term,
)
from mamllib.statements.fallah2020.theorem_4_11.sum import THEOREM_4_11


def taylor_bound(gap: Gap):
    """ρα²σ̃²/D_test + T₂."""
    c = gap.constants
    return c.rho * gap.alpha**2 * c.sigma_tilde**2 / gap.D_test + second_term(gap)


def taylor_hypotheses(gap: Gap):
    """The hypotheses of the theorem, and the Hessian's Lipschitz quotient between w⁺ and single-sample w̃ at most ρ."""
    return hypotheses(gap) | {"Hessian is ρ-Lipschitz": margin(gap.constants.rho, _curvature_change(any_batch(gap)))}


@jit_unless_exact
def _curvature_change(gap: Gap):
    def of_task(task):
        w_plus = inner_step(task, gap.alpha, gap.w)

        def quotient(theta):
            adapted = tree.step(gap.w, gap.alpha, task.sample_gradient(gap.w, theta))
            return measure.hessian_quotient(task, w_plus, adapted)

        return measure.largest_over_samples(task, quotient)

    values = gap.family.map(of_task)
    return values


TAYLOR = replace(
    THEOREM_4_11,
    id="fallah2020/theorem_4_11_taylor",
    title="Theorem 4.11, Taylor bound",
    source=Source("fallah2020", "Theorem 4.11, with Assumption 4.4", "D"),
    claim=r"\|\nabla\hat F(w)-\nabla F(w)\|\le\frac{\rho\alpha^2\tilde\sigma^2}{D_{test}}"
    r"+\frac{\alpha^2L\sigma_H\tilde\sigma}{D_{test}}",
    hypotheses=taylor_hypotheses,
    rhs=taylor_bound,
    cases=(
        Case("tilted ramp, ρ = 1, D_test = 1", lambda seed: instances.tilted_ramp(), predicted=Q(1)),
        Case("tilted ramp, ρ = 1, D_test = 7", lambda seed: instances.tilted_ramp(7), predicted=Q(1)),
        *(replace(case, predicted=None) for case in (*BUMPS, QUADRATICS, CENTRE, TRIGONOMETRIC)),
        *DIGITS,
    ),
    mutants=(
        Mutant("ρ term dropped", lambda seed: instances.tilted_ramp(7), rhs=second_term),
        Mutant("T₂ dropped", lambda seed: instances.bump(), rhs=lambda gap: taylor_bound(gap) - second_term(gap)),
        Mutant(
            "ρα²σ̃²/D_test halved",
            lambda seed: instances.tilted_ramp(7),
            rhs=lambda gap: (taylor_bound(gap) + second_term(gap)) / 2,
        ),
    ),
    adversaries=(),
)
