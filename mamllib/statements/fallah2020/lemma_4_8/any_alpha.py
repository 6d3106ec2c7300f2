"""The bound for every α ≥ 0."""

from dataclasses import replace
from fractions import Fraction as Q

from mamllib.arithmetic import jit_unless_exact
from mamllib.checking.statement import Mutant, Source
from mamllib.checking.verdict import Verdict
from mamllib.statements.fallah2020.lemma_4_8 import instances
from mamllib.statements.fallah2020.lemma_4_8.cases import BEYOND, CASES, times_distance
from mamllib.statements.fallah2020.lemma_4_8.pairs import Pairs, smaller_constant_times_distance, smoothness_hypotheses
from mamllib.statements.fallah2020.lemma_4_8.printed import LEMMA_4_8
from mamllib.step_sizes import mean_gradient_norm


@jit_unless_exact
def any_alpha_rhs(pairs: Pairs):
    """min over the pair of L(1 + αL)² + ρα(1 + αL) E‖∇f_i‖, times ‖w − u‖."""
    L, rho, alpha = pairs.constants.L, pairs.constants.rho, pairs.alpha
    stretch = 1 + alpha * L

    def constant(w):
        return L * stretch**2 + rho * alpha * stretch * mean_gradient_norm(pairs.family, w)

    return smaller_constant_times_distance(pairs, constant)


LEMMA_4_8_ANY_ALPHA = replace(
    LEMMA_4_8,
    id="fallah2020/lemma_4_8_any_alpha",
    title="Lemma 4.8 for every α",
    source=Source("fallah2020", "Lemma 4.8, without α ≤ 1/L", "D"),
    claim=r"\|\nabla F(w)-\nabla F(u)\|\le\min_{x\in\{w,u\}}\left\{L(1+\alpha L)^2"
    r"+\rho\alpha(1+\alpha L)\,\mathbb{E}_{i\sim p}\|\nabla f_i(x)\|\right\}\|w-u\|",
    hypotheses=smoothness_hypotheses,
    rhs=any_alpha_rhs,
    rests_on=(),
    cases=(
        *CASES[2:5],
        replace(CASES[5], predicted=0.4 / 1.9),
        *CASES[6:],
        replace(BEYOND, expected=Verdict.HOLDS, predicted=Q(1)),
    ),
    mutants=(
        Mutant(
            "(1 + αL)² replaced by 1 + αL",
            lambda seed: instances.concave_quadratic(Q(2)),
            rhs=lambda p: times_distance(p.constants.L * (1 + p.alpha * p.constants.L))(p),
        ),
    ),
    adversaries=(replace(LEMMA_4_8.adversaries[0], known=1.0),),
)
