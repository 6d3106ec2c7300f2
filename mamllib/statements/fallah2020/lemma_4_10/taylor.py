"""The bias again, with the Lipschitz constant of the Hessian: of order 1/D_in."""

from dataclasses import replace
from fractions import Fraction as Q

from mamllib import tree
from mamllib.arithmetic import jit_unless_exact
from mamllib.checking.margins import margin
from mamllib.checking.statement import Adversary, Case, Mutant, Source
from mamllib.objectives import inner_step
from mamllib.statements.fallah2020 import measure
from mamllib.statements.fallah2020.lemma_4_10 import instances
from mamllib.statements.fallah2020.lemma_4_10.adaptation import (
    Adaptation,
    noise_hypotheses,
)
from mamllib.statements.fallah2020.lemma_4_10.bias import BIAS


def taylor_bound(problem: Adaptation):
    """ρα²σ̃²/(2D_in)."""
    c = problem.constants
    return c.rho * problem.alpha**2 * c.sigma_tilde**2 / (2 * problem.D_in)


def taylor_hypotheses(problem: Adaptation):
    """The Hessian's Lipschitz quotient between w⁺ and single-sample w̃ is at most ρ; the deviation at most σ̃."""
    noise = noise_hypotheses(problem)
    quotients = margin(problem.constants.rho, _curvature_change(problem))
    return {"Hessian is ρ-Lipschitz": quotients, "sample deviation ≤ σ̃": noise["sample deviation ≤ σ̃"]}


@jit_unless_exact
def _curvature_change(problem: Adaptation):
    def of_task(task):
        w_plus = inner_step(task, problem.alpha, problem.w)

        def quotient(theta):
            sampled = tree.step(problem.w, problem.alpha, task.sample_gradient(problem.w, theta))
            return measure.hessian_quotient(task, w_plus, sampled)

        return measure.largest_over_samples(task, quotient)

    return problem.family.map(of_task)


TAYLOR = replace(
    BIAS,
    id="fallah2020/lemma_4_10_taylor",
    title="Lemma 4.10, Taylor bound",
    source=Source("fallah2020", "Lemma 4.10, with Assumption 4.4", "D"),
    claim=r"\left\|\mathbb{E}\,\tilde\nabla f_i(\tilde w,\mathcal D_o)-\nabla f_i(w^+)\right\|"
    r"\le\frac{\rho\alpha^2\tilde\sigma^2}{2D_{in}}",
    hypotheses=taylor_hypotheses,
    rhs=taylor_bound,
    cases=(
        Case("ramp with ρ = 1, D_in = 1", lambda seed: instances.odd_ramp(), predicted=Q(1)),
        Case("ramp with ρ = 1, D_in = 7", lambda seed: instances.odd_ramp(D_in=7), predicted=Q(1)),
        Case("√(w² + d²), t ≈ 0.01, D_in = 1", lambda seed: instances.smoothed_absolute()),
        Case("six trigonometric tasks in 3-D", instances.trigonometric),
        Case("45 digit pairs, D_in = 1", instances.digits_enumerated),
        Case("three digit pairs, D_in = 10", instances.digits_sampled, sampled=3),
    ),
    mutants=(
        Mutant(
            "the ½ lowered to 0.49", lambda seed: instances.odd_ramp(D_in=7), rhs=lambda p: taylor_bound(p) * Q(98, 100)
        ),
        Mutant(
            "1/D_in raised to 1/D_in²", lambda seed: instances.odd_ramp(D_in=7), rhs=lambda p: taylor_bound(p) / p.D_in
        ),
    ),
    adversaries=(
        Adversary("ramps: ρ, w, α", instances.adversarial_ramp, ((-1.0, 2.0), (-1.0, 1.0), (0.05, 1.0)), 1.0),
    ),
)
