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
from scipy.special import expit

from mamllib.statements.kit import Hypothesis, Source, Statement, Verdict, case, margin, mutant, relative_roundoff
from mamllib.statements.wang2020.loss import LOGISTIC
from mamllib.statements.wang2020.nearly_stationary import Stationarity, one_point, spurious_logistic
from mamllib.statements.wang2020.problem import Problem, risk, room

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


def slope(case: Stationarity) -> float:
    """|∇𝓛(θ)|."""
    return float(np.abs(case.measured.gradient[0]))


def kept_slope(case: Stationarity, quarter: float = 0.25) -> float:
    """|1 − η/4| |ℓ'(h_{i,θ}, 1)|."""
    return abs(1 - quarter * float(case.problem.eta)) * float(np.abs(case.measured.slopes[0, 0, 0]))


def is_logistic(case: Stationarity) -> Hypothesis:
    """How far ℓ and its derivatives at θ and at h_{i,θ}, and h_{i,θ} itself, are from the task's."""
    problem, m, theta = case.problem, case.measured, float(case.omega[0])
    y, eta = float(problem.labels[0, 0]), float(problem.eta)
    moved = theta + eta * y * expit(-y * theta)
    found = [m.start, m.slopes[2], m.curvatures[2], m.here, m.slopes[0], m.values[0]]
    wanted = [theta, -y * expit(-y * theta), expit(theta) * expit(-theta)]
    wanted += [moved, -y * expit(-y * moved), np.logaddexp(0, -y * moved)]
    off = np.abs(np.array([each.item() for each in found]) - wanted).max()
    return room(-off, relative_roundoff(case) * (1 + np.abs(wanted).max()))


def hypotheses(case: Stationarity) -> dict:
    """One point of weight 1 and label ±1 with h_θ = θ, K ≡ 1, where ℓ is the logistic loss; and η ≤ 4."""
    problem = case.problem
    data = problem.shares, problem.kernel, np.abs(problem.labels), case.features
    alone = all(np.shape(each) == (1, 1) and float(each[0, 0]) == 1 for each in data)
    return {ONE_POINT: is_logistic(case) if alone else -1, SMALL_STEP: margin(4, problem.eta)}


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
        case("η = 1 at θ = 0.5", logistic_point, 1.0, 0.5),
        case("η = 3 at θ = 0.01", logistic_point, 3.0, 0.01),
        case("η = 4 at θ = 1", logistic_point, 4.0, 1.0),
        case("η = 6 at its spurious minimum", spurious_logistic, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("η = 4.3 allowed", spurious_logistic, 4.3, drops=(SMALL_STEP,)),
        mutant("¼ lowered to 0.24", logistic_point, 3.0, 0.1, lhs=lambda case: kept_slope(case, 0.24)),
    ),
)
