"""The printed bound, for α ≤ 1/L."""

from fractions import Fraction as Q

import numpy as np

from mamllib.checking.statement import Adversary, Mutant, Source, Statement
from mamllib.statements.fallah2020.lemma_4_8 import instances
from mamllib.statements.fallah2020.lemma_4_8.cases import BEYOND, CASES, times_distance
from mamllib.statements.fallah2020.lemma_4_8.pairs import (
    Pairs,
    hypotheses,
    lhs,
    rhs,
    roundoff,
    smaller_constant_times_distance,
)
from mamllib.step_sizes import mean_gradient_norm


def scaled_gradient_term(factor):
    """min{4L + factor·ρα E‖∇f_i‖ at w and u}‖w − u‖."""

    def lowered(pairs: Pairs):
        L, rho, alpha = pairs.constants.L, pairs.constants.rho, pairs.alpha

        def constant(w):
            return 4 * L + factor * rho * alpha * mean_gradient_norm(pairs.family, w)

        return smaller_constant_times_distance(pairs, constant)

    return lowered


LEMMA_4_8 = Statement(
    id="fallah2020/lemma_4_8",
    title="Lemma 4.8",
    source=Source("fallah2020", "Lemma 4.8", "V"),
    claim=r"\|\nabla F(w)-\nabla F(u)\|\le\min\{L(w),L(u)\}\,\|w-u\|,\qquad "
    r"L(w)=4L+2\rho\alpha\,\mathbb{E}_{i\sim p}\|\nabla f_i(w)\|",
    takes=Pairs,
    hypotheses=hypotheses,
    lhs=lhs,
    rhs=rhs,
    roundoff=roundoff,
    rests_on=("fallah2020/lemma_4_8_any_alpha",),
    cases=(*CASES, BEYOND),
    mutants=(
        Mutant("α = 2/L allowed", lambda seed: instances.concave_quadratic(Q(2)), drops=("α ≤ 1/L",)),
        Mutant("ρ understated by a tenth", instances.understated, drops=("Hessian is ρ-Lipschitz",)),
        Mutant("F is 1000-smooth", lambda seed: instances.not_smooth_witness(1000), rhs=times_distance(1000)),
        Mutant(
            "4L lowered to 3.9L",
            lambda seed: instances.concave_quadratic(),
            rhs=lambda pairs: times_distance(pairs.constants.L * Q(39, 10))(pairs),
        ),
        Mutant("2ρα lowered to 1.98ρα", lambda seed: instances.wave_pair(), rhs=scaled_gradient_term(Q(198, 100))),
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
