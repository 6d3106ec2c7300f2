"""What a large inner step does: one logistic point whose adapted loss gains a spurious minimum.

    |1 − η/4| |ℓ'(h_{i,θ}, 1)| ≤ |∇𝓛(θ)|,   η ≤ 4                                                 (derived here)
    ℓ(t, 1) = log(1 + e^{−t}), K ≡ 1, h_θ = θ, one point with label 1

Proof. h_{i,θ} = θ + ηs with s = 1/(1 + e^θ), so ∇𝓛(θ) = ℓ'(h_{i,θ}, 1)(1 − ηs(1 − s)), and s(1 − s) ≤ ¼, with
equality at θ = 0. For η < 4 there is no stationary point, as for the loss itself. At η = 4 there is one, θ = 0, where
𝓛 has an inflection. For η > 4 there are two, at s = ½(1 ± √(1 − 4/η)): θ = −log r is a minimum and θ = log r a maximum,
r = (1 + √(1 − 4/η))/(1 − √(1 − 4/η)).
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from mamllib.checking.margins import margin
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.statements.instance import relative_roundoff
from mamllib.statements.wang2020.nearly_stationary import Stationarity, objective, one_point, spurious_logistic
from mamllib.statements.wang2020.problem import LOGISTIC, Problem, adapted, risk

ONE_POINT = "one logistic point, K ≡ 1"
SMALL_STEP = "η ≤ 4"


def stationary_points(eta: float) -> np.ndarray:
    """Where ∇𝓛 = 0: none for η < 4, 0 for η = 4, ∓log r for η > 4 (minimum first)."""
    if eta < 4:
        return np.array([])
    root = np.sqrt(1 - 4 / eta)
    r = (1 + root) / (1 - root)
    return np.array([0.0]) if eta == 4 else np.array([-np.log(r), np.log(r)])


def logistic_point(eta: float, theta: float) -> Stationarity:
    """The task at θ, with θ* = 6 for comparison."""
    return one_point(LOGISTIC, eta, theta, 6.0, 10.0)


@jax.jit
def slopes(etas: Float[Array, " k"], thetas: Float[Array, " j"]) -> Float[Array, "k j"]:
    """𝓛'(θ) for all steps and points, by automatic differentiation through the inner step."""
    one = jnp.ones((1, 1))

    def at(eta, theta):
        return jax.grad(lambda t: risk(Problem(one, one, one, eta, LOGISTIC), t[None]))(theta)

    return jax.vmap(lambda eta: jax.vmap(lambda theta: at(eta, theta))(thetas))(etas)


@jax.jit
def slope(case: Stationarity):
    """|∇𝓛(θ)|."""
    return jnp.abs(jax.grad(objective, argnums=1)(case, case.omega)[0])


@jax.jit
def kept_slope(case: Stationarity):
    """|1 − η/4| |ℓ'(h_{i,θ}, 1)|."""
    problem = case.problem
    here = adapted(problem, case.features @ case.omega)
    return jnp.abs(1 - problem.eta / 4) * jnp.abs(problem.loss.slope(here, problem.labels)[0, 0])


def hypotheses(case: Stationarity) -> dict:
    """One logistic point with K ≡ 1, and η ≤ 4."""
    problem = case.problem
    alone = problem.loss is LOGISTIC and problem.shares.shape == (1, 1) and float(problem.kernel[0, 0]) == 1.0
    return {ONE_POINT: 0 if alone else -1, SMALL_STEP: margin(4, problem.eta)}


INNER_STEP = Statement(
    id="wang2020/inner_step",
    title="An inner step not too large (one logistic point)",
    source=Source("wang2020", "an example of the functional geometry of the inner level", "D"),
    claim=r"|1-\tfrac\eta4|\,|\ell'(h_{i,\theta})|\le|\nabla\mathcal L(\theta)|",
    takes=Stationarity,
    hypotheses=hypotheses,
    lhs=kept_slope,
    rhs=slope,
    roundoff=lambda case: 10 * relative_roundoff(case),
    cases=(
        Case("η = 1 at θ = 0.5", lambda seed: logistic_point(1.0, 0.5)),
        Case("η = 3 at θ = 0.01", lambda seed: logistic_point(3.0, 0.01)),
        Case("η = 4 at θ = 1", lambda seed: logistic_point(4.0, 1.0)),
        Case("η = 6 at its spurious minimum", lambda seed: spurious_logistic(), Verdict.SILENT),
    ),
    mutants=(
        Mutant("η > 4 allowed", lambda seed: spurious_logistic(), drops=(SMALL_STEP,)),
        Mutant(
            "¼ lowered to 0.24",
            lambda seed: logistic_point(3.0, 0.1),
            lhs=lambda case: kept_slope(case) * (1 - 0.24 * case.problem.eta) / (1 - case.problem.eta / 4),
        ),
    ),
)
