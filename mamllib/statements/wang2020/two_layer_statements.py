"""S3 as statements: the bound, and its half where F is quadratic."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.checking.margins import margin
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.statements.wang2020.problem import SQUARED, functional_gradient, mean_square, risk
from mamllib.statements.wang2020.two_layer_gap import (
    Trained,
    bound,
    bound_at_start,
    dead_neuron,
    digits,
    gap,
    one_point_logistic,
    projected_gradient,
    regression,
    roundoff,
    values,
)

CONVEX = "F is convex in h"
BENT = 1e-9


def hypotheses(case: Trained) -> dict:
    """F convex, as its curvature at h_ω, h* and three points between; ω in the ball."""
    here, there = values(case), jnp.asarray(case.comparator)
    points = [here + t * (there - here) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    curvatures = [np.linalg.eigvalsh(np.asarray(jax.hessian(risk, argnums=1)(case.problem, h))) for h in points]
    lowest, largest = min(c.min() for c in curvatures), max(abs(c).max() for c in curvatures)
    distance = float(jnp.linalg.norm(case.omega - case.net.start))
    return {
        CONVEX: 0.0 if lowest >= -BENT * largest else float(lowest / largest),
        "ω is in the ball": margin(float(case.radius), distance),
    }


def quadratic_hypotheses(case: Trained) -> dict:
    """Those of S3, F quadratic, and h* its minimiser."""
    problem = case.problem
    slope = jnp.sqrt(mean_square(problem.mixture, functional_gradient(problem, jnp.asarray(case.comparator))))
    return hypotheses(case) | {
        "F is quadratic": 0 if problem.loss is SQUARED else -1,
        "g(h*) = 0": margin(BENT, float(slope)),
    }


@cache
def trained(seed: int, m: int, steps: int = 2000, eta: float = 0.5) -> Trained:
    """The regression problem after projected gradient."""
    return projected_gradient(regression(seed, m, eta), steps, 0.5)


@cache
def trained_digits(seed: int, m: int, steps: int = 1000) -> Trained:
    """The digits after projected gradient."""
    return projected_gradient(digits(seed, m), steps, 0.5)


def no_inner_step(seed: int) -> Trained:
    """η = 0, where the right side is 2·gap as soon as ε = 0."""
    return trained(seed, 4096, steps=500, eta=0.0)


CASES = tuple(Case(f"regression on the sphere, m = {m}", lambda seed, m=m: trained(seed, m)) for m in (16, 256, 4096))
DIGITS = Case("handwritten digits on the sphere, m = 256", lambda seed: trained_digits(seed, 256))
LOGISTIC_CASE = Case("one-point logistic, η = 6", lambda seed: one_point_logistic(), Verdict.SILENT)

TWO_LAYER_GAP = Statement(
    id="wang2020/two_layer_gap",
    title="Two-layer networks (S3)",
    source=Source("wang2020", "the optimality gap with a two-layer network", "D"),
    claim=r"F(h_\omega)-F(h^*)\le\epsilon+\|g\|_M\inf_{V\in\mathcal B}\|h^*-\phi_\omega^\top V\|_M",
    takes=Trained,
    hypotheses=hypotheses,
    lhs=gap,
    rhs=bound,
    roundoff=roundoff,
    cases=(*CASES, Case("at the start, m = 256", lambda seed: regression(seed, 256)), DIGITS, LOGISTIC_CASE),
    mutants=(
        Mutant("V not in the ball", lambda seed: trained(seed, 1024), rhs=lambda case: bound(case, ball=False)),
        Mutant("convexity in h deleted", lambda seed: one_point_logistic(), drops=(CONVEX,)),
    ),
)

TWO_LAYER_GAP_HALVED = Statement(
    id="wang2020/two_layer_gap_halved",
    rests_on=("wang2020/two_layer_gap",),
    title="Two-layer networks, quadratic F (S3, halved)",
    source=Source("wang2020", "the optimality gap for quadratic F", "D"),
    claim=r"2\big(F(h_\omega)-F(h^*)\big)\le\epsilon+\|g\|_M\inf_{V\in\mathcal B}\|h^*-\phi_\omega^\top V\|_M",
    takes=Trained,
    hypotheses=quadratic_hypotheses,
    lhs=lambda case: 2 * gap(case),
    rhs=bound,
    roundoff=lambda case: 2 * roundoff(case),
    cases=(*CASES, Case("no inner step, m = 4096", no_inner_step), LOGISTIC_CASE),
    mutants=(
        Mutant("2 raised to 2.05", no_inner_step, lhs=lambda case: 2.05 * gap(case)),
        Mutant(
            "convexity in h and F quadratic deleted",
            lambda seed: one_point_logistic(),
            drops=(CONVEX, "F is quadratic", "g(h*) = 0"),
        ),
    ),
)

FEATURES_AT_START = Statement(
    id="wang2020/two_layer_gap_at_start",
    rests_on=("wang2020/two_layer_gap",),
    title="Two-layer networks, features at the start (S3)",
    source=Source("wang2020", "the optimality gap with the features at the start", "D"),
    claim=r"F(h_\omega)-F(h^*)\le\epsilon+\|g\|_M\big(\inf_{V\in\mathcal B}\|h^*-\phi_{W_0}^\top V\|_M"
    r"+2R(\mathbb E_M\#\{\text{changed signs}\}/m)^{1/2}\big)",
    takes=Trained,
    hypotheses=hypotheses,
    lhs=gap,
    rhs=bound_at_start,
    roundoff=roundoff,
    cases=(*CASES, DIGITS, Case("a dead neuron", lambda seed: dead_neuron()), LOGISTIC_CASE),
    mutants=(
        Mutant(
            "cost of the features dropped",
            lambda seed: dead_neuron(),
            rhs=lambda case: bound_at_start(case, cost=False),
        ),
        Mutant("convexity in h deleted", lambda seed: one_point_logistic(), drops=(CONVEX,)),
    ),
)
