"""S1: how far from optimal a nearly stationary point of the meta-objective can be, for convex losses.

    𝓛(ω) − 𝓛(θ*) ≤ Rε + inf_{‖v‖≤R} (1/n) Σ_i ‖ℓ'(h_{i,ω}, y)‖_{D_i} ‖h_{i,ω} − h_{i,θ*} − φ_{i,ω}ᵀv‖_{D_i}
    ε = ‖∇𝓛(ω)‖, θ* any, R > 0 any,  φ_{i,ω} = ∇_ω h_{i,ω} = φ − ηE_{D_i}[ℓ''(h_ω, y)K(x, ·)φ]   (derived here)

Proof. R_i is convex, so 𝓛(ω) − 𝓛(θ*) ≤ (1/n)Σ E_{D_i}[ℓ'(h_{i,ω}, y)(h_{i,ω} − h_{i,θ*})]. By the chain rule
vᵀ∇𝓛(ω) = (1/n)Σ E_{D_i}[ℓ'(h_{i,ω}, y) φ_{i,ω}ᵀv]; it is at most Rε. Subtract it and use Cauchy–Schwarz.

Of convexity the proof uses ℓ(h_{i,θ*}) ≥ ℓ(h_{i,ω}) + ℓ'(h_{i,ω})(h_{i,θ*} − h_{i,ω}), a line at every data point, and
of ℓ ∈ C² the chain rule: both are measured.

S2: for the squared loss and fixed features 𝓛 is convex, h_{i,ω} − h_{i,θ*} = φ_{i,ω}ᵀ(ω − θ*),
and the representation term vanishes once R ≥ ‖ω − θ*‖. The theorem is then the inequality of a convex function; it is
kept apart as a case, and is evidence of nothing else.
"""

import numpy as np

from mamllib.statements.kit import Grade, Quantity, Source, Statement, Verdict, case, mutant, relative_roundoff
from mamllib.statements.wang2020 import nearly_stationary as near
from mamllib.statements.wang2020.loss import CONVEX, bend
from mamllib.statements.wang2020.nearly_stationary import Stationarity, adapted_features  # noqa: F401
from mamllib.statements.wang2020.problem import mean_square, quiet, room
from mamllib.statements.wang2020.representation import smallest_mean_of_norms

CHAIN_RULE = "vᵀ∇𝓛 = E[ℓ'φᵀv]"
BENT = 1e-9


@quiet
def mean(case: Stationarity, values) -> float:
    """(1/n) Σ_i E_{D_i} of values (n, N)."""
    return float(np.mean(np.sum(case.problem.shares * values, axis=1)))


def optimality_gap(case: Stationarity) -> float:
    """𝓛(ω) − 𝓛(θ*)."""
    values = case.measured.values
    return mean(case, values[0] - values[1])


def stationarity(case: Stationarity) -> float:
    """ε = ‖∇𝓛(ω)‖."""
    return float(np.linalg.norm(case.measured.gradient))


@quiet
def nearest(case: Stationarity, features=None, slopes: bool = True):
    """The infimum over v (with ‖ℓ'‖ = 1 unless ``slopes``): its value at a feasible v, a lower bound, and v.

    ``features`` (n, N, p), where given, stand in for φ_{i,ω}.
    """
    found, shares = case.measured, case.problem.shares
    sizes = np.sqrt(mean_square(shares, found.slopes[0])) if slopes else np.ones(len(shares))
    matrices = np.sqrt(shares)[:, :, None] * (found.features if features is None else features)
    targets = np.sqrt(shares) * (found.here - found.there)
    return smallest_mean_of_norms(matrices, targets, sizes / len(shares), float(case.radius))


def terms(case: Stationarity) -> dict[str, float]:
    """The gap and the two terms of its bound, by name: gap, stationarity Rε, representation."""
    return {
        "gap": optimality_gap(case),
        "stationarity": float(case.radius) * stationarity(case),
        "representation": nearest(case)[0],
    }


def bound(case: Stationarity, stationary: bool = True, **changes) -> Quantity:
    """Rε + the infimum, with its duality gap as the error: the value at any feasible v is a valid right side."""
    value, lower, _ = nearest(case, **changes)
    term = stationary * float(case.radius) * stationarity(case)
    error = relative_roundoff(case) * (1 + value + term)
    sides = (term + value, term + lower - error, term + value + error)
    return Quantity(*map(np.asarray, sides), Grade.FLOAT)


def _line_error(case: Stationarity):
    """How far round-off can put ℓ(h_{i,θ*}) below its line at h_{i,ω}, (n, N)."""
    m = case.measured
    firsts = np.abs(m.slopes[0]) * (np.abs(m.here) + np.abs(m.there))
    seconds = np.abs(m.curvatures[0]) * (m.here**2 + m.there**2)
    return relative_roundoff(case) * (np.abs(m.values[0]) + np.abs(m.values[1]) + firsts + seconds)


def _chain_error(case: Stationarity) -> float:
    """How far round-off can put ∇𝓛(ω) from (1/n) Σ E_{D_i}[ℓ' φ_{i,ω}]."""
    problem, m = case.problem, case.measured
    rows = np.linalg.norm(case.features, axis=1)
    pulled = (problem.shares * np.abs(m.curvatures[2]) * rows) @ np.abs(problem.kernel)
    sizes = np.abs(m.slopes[0]) + np.abs(m.curvatures[0] * m.here)
    return relative_roundoff(case) * mean(case, sizes * (rows + problem.eta * pulled))


def above_the_line(case: Stationarity):
    """ℓ(h_{i,θ*}) − ℓ(h_{i,ω}) − ℓ'(h_{i,ω})(h_{i,θ*} − h_{i,ω}) where D_i charges, (n, N)."""
    m = case.measured
    excess = m.values[1] - m.values[0] - m.slopes[0] * (m.there - m.here)
    return np.where(case.problem.shares > 0, excess, 0.0)


def chain_rule(case: Stationarity) -> float:
    """−‖∇𝓛(ω) − (1/n) Σ E_{D_i}[ℓ' φ_{i,ω}]‖."""
    m, shares = case.measured, case.problem.shares
    assembled = np.einsum("ix,ix,ixp->p", shares, m.slopes[0], m.features) / len(shares)
    return -float(np.linalg.norm(m.gradient - assembled))


@quiet
def hypotheses(case: Stationarity) -> dict:
    """ℓ convex, as its lines at the adapted values of ω, and its curvature up to those of θ*; the chain rule."""
    excess = np.append(above_the_line(case), bend(case.measured))
    return {
        CONVEX: room(excess, np.append(_line_error(case), BENT)),
        CHAIN_RULE: room(chain_rule(case), _chain_error(case)),
    }


@quiet
def roundoff(case: Stationarity) -> float:
    """γ of both objectives, and what the hypotheses let pass."""
    objectives = [mean(case, values) for values in case.measured.values[:2]]
    allowed = mean(case, _line_error(case)) + float(case.radius) * _chain_error(case)
    return relative_roundoff(case) * (1 + sum(map(abs, objectives))) + allowed


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
    spared={"radius": "true: the proof holds for every R ≥ 0"},
    cases=(
        case("logistic, random ω", near.random_case),
        case("logistic, ω after 20 steps of training", near.trained),
        case("logistic at η = 6, spurious stationary point", near.spurious_logistic),
        case("squared loss, linear features (S2)", near.squared),
        case("double well, spurious minimum", near.spurious_well, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("non-convex loss", near.spurious_well, drops=(CONVEX,)),
        mutant("Rε dropped", near.uphill, rhs=lambda case: bound(case, stationary=False)),
        mutant(
            "features as if there were no inner step",
            near.spurious_logistic,
            rhs=lambda case: bound(case, features=case.features),
        ),
        mutant("‖ℓ'‖ dropped", near.far_labels, rhs=lambda case: bound(case, slopes=False)),
    ),
)
