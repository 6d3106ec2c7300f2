"""S1: how far from optimal a nearly stationary point of the meta-objective can be, for convex losses.

    𝓛(ω) − 𝓛(θ*) ≤ Rε + inf_{‖v‖≤R} (1/n) Σ_i ‖ℓ'(h_{i,ω}, y)‖_{D_i} ‖h_{i,ω} − h_{i,θ*} − φ_{i,ω}ᵀv‖_{D_i}
    ε = ‖∇𝓛(ω)‖, θ* any, R > 0 any,  φ_{i,ω} = ∇_ω h_{i,ω} = φ − ηE_{D_i}[ℓ''(h_ω, y)K(x, ·)φ]   (derived here)

Proof. R_i is convex, so 𝓛(ω) − 𝓛(θ*) ≤ (1/n)Σ E_{D_i}[ℓ'(h_{i,ω}, y)(h_{i,ω} − h_{i,θ*})]. By the chain rule
vᵀ∇𝓛(ω) = (1/n)Σ E_{D_i}[ℓ'(h_{i,ω}, y) φ_{i,ω}ᵀv]; it is at most Rε. Subtract it and use Cauchy–Schwarz.

S2: for the squared loss and fixed features 𝓛 is convex, h_{i,ω} − h_{i,θ*} = φ_{i,ω}ᵀ(ω − θ*),
and the representation term vanishes once R ≥ ‖ω − θ*‖. The theorem is then the inequality of a convex function; it is
kept apart as a case, and is evidence of nothing else.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.checking.margins import margin
from mamllib.checking.quantity import Quantity
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Grade, Verdict
from mamllib.statements.instance import relative_roundoff
from mamllib.statements.wang2020.nearly_stationary import (
    Stationarity,
    far_labels,
    objective,
    random_case,
    spurious_logistic,
    spurious_well,
    squared,
    trained,
    uphill,
)
from mamllib.statements.wang2020.problem import adapted, mean_square
from mamllib.statements.wang2020.representation import smallest_mean_of_norms


@jax.jit
def optimality_gap(case: Stationarity):
    """𝓛(ω) − 𝓛(θ*)."""
    return objective(case, case.omega) - objective(case, case.comparator)


@jax.jit
def stationarity(case: Stationarity):
    """ε = ‖∇𝓛(ω)‖."""
    return jnp.linalg.norm(jax.grad(objective, argnums=1)(case, case.omega))


def adapted_features(case: Stationarity, theta):
    """φ_{i,θ}, shape (n, N, p), as φ − ηE_{D_i}[ℓ''K φ]."""
    problem, h = case.problem, case.features @ theta
    pull = problem.shares * problem.loss.curvature(h[None], problem.labels)
    return case.features - problem.eta * jnp.einsum("xz,iz,zp->ixp", problem.kernel, pull, case.features)


def initial_features(case: Stationarity, theta):
    """φ for every task, which φ_{i,θ} is not where η > 0."""
    return jnp.broadcast_to(case.features, (len(case.problem.shares), *case.features.shape))


def nearest(case: Stationarity, features: Callable = adapted_features, slopes: bool = True):
    """The infimum over v (with ‖ℓ'‖ = 1 unless ``slopes``): its value at a feasible v, a lower bound, and v."""
    residuals, sizes, matrices = _pieces(case, features)
    weights = (np.asarray(sizes) if slopes else np.ones(len(sizes))) / len(sizes)
    return smallest_mean_of_norms(np.asarray(matrices), np.asarray(residuals), weights, float(case.radius))


def terms(case: Stationarity) -> dict[str, float]:
    """The gap and the two terms of its bound, by name: gap, stationarity Rε, representation."""
    return {
        "gap": float(optimality_gap(case)),
        "stationarity": _stationary_term(case),
        "representation": nearest(case)[0],
    }


def _pieces(case: Stationarity, features: Callable):
    """h_{i,ω} − h_{i,θ*} and φ_{i,ω}, both times √D_i, and ‖ℓ'(h_{i,ω})‖_{D_i}."""
    problem, root = case.problem, jnp.sqrt(case.problem.shares)
    here, there = (adapted(problem, case.features @ theta) for theta in (case.omega, case.comparator))
    sizes = jnp.sqrt(mean_square(problem.shares, problem.loss.slope(here, problem.labels)))
    return root * (here - there), sizes, root[:, :, None] * features(case, case.omega)


def bound(case: Stationarity) -> Quantity:
    """Rε + the infimum, with its duality gap as the error: the value at any feasible v is a valid right side."""
    return _sum(case, _stationary_term(case), nearest(case))


def without_stationarity(case: Stationarity) -> Quantity:
    """Wrong: Rε dropped."""
    return _sum(case, 0.0, nearest(case))


def with_initial_features(case: Stationarity) -> Quantity:
    """Wrong: φ in place of φ_{i,ω}, so what the inner step does to the features is forgotten."""
    return _sum(case, _stationary_term(case), nearest(case, initial_features))


def without_slopes(case: Stationarity) -> Quantity:
    """Wrong: the factors ‖ℓ'(h_{i,ω}, y)‖_{D_i} dropped."""
    return _sum(case, _stationary_term(case), nearest(case, slopes=False))


def _stationary_term(case: Stationarity) -> float:
    return float(case.radius) * float(stationarity(case))


def _sum(case: Stationarity, term: float, infimum) -> Quantity:
    value, lower, _ = infimum
    error = relative_roundoff(case) * (1 + value + term)
    return Quantity(
        np.asarray(term + value), np.asarray(term + lower - error), np.asarray(term + value + error), Grade.FLOAT
    )


def hypotheses(case: Stationarity) -> dict:
    """ℓ convex in its first argument, as measured between the adapted values of ω and θ*."""
    problem = case.problem
    ends = [adapted(problem, case.features @ theta) for theta in (case.omega, case.comparator)]
    between = jnp.stack([ends[0] + t * (ends[1] - ends[0]) for t in jnp.linspace(0, 1, 33)])
    lowest = float(problem.loss.curvature(between, problem.labels[None]).min())
    return {"ℓ is convex in h": min(lowest, 0.0) if lowest < -1e-12 else 0.0, "η ≥ 0": margin(1, 0 * problem.eta)}


def roundoff(case: Stationarity):
    """γ of both objectives."""
    return relative_roundoff(case) * (1 + abs(objective(case, case.omega)) + abs(objective(case, case.comparator)))


OPTIMALITY_GAP = Statement(
    id="wang2020/optimality_gap",
    title="Optimality gap of a stationary point (S1)",
    source=Source("wang2020", "the optimality gap in supervised learning", "D"),
    claim=r"\mathcal L(\omega)-\mathcal L(\theta^*)\le R\epsilon+\inf_{\|v\|\le R}\tfrac1n\sum_i"
    r"\|\ell'(h_{i,\omega})\|\,\|h_{i,\omega}-h_{i,\theta^*}-\phi_{i,\omega}^\top v\|",
    takes=Stationarity,
    hypotheses=hypotheses,
    lhs=optimality_gap,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        Case("logistic, random ω", random_case),
        Case("logistic, ω after 20 steps of training", trained),
        Case("logistic at η = 6, spurious stationary point", lambda seed: spurious_logistic()),
        Case("squared loss, linear features (S2)", squared),
        Case("double well, spurious minimum", lambda seed: spurious_well(), Verdict.SILENT),
    ),
    mutants=(
        Mutant("non-convex loss", lambda seed: spurious_well(), drops=("ℓ is convex in h",)),
        Mutant("Rε dropped", uphill, rhs=without_stationarity),
        Mutant("features as if there were no inner step", lambda seed: spurious_logistic(), rhs=with_initial_features),
        Mutant("‖ℓ'‖ dropped", far_labels, rhs=without_slopes),
    ),
)
