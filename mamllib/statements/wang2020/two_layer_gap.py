"""S3: stationary points of MAML over a two-layer network are nearly optimal, as far as the network can represent.

    gap = F(h_ω) − F(h*) ≤ ε + ‖g‖_M inf_{V∈𝓑} ‖h* − φ_ωᵀV‖_M                                    (derived here)
    F convex in h, h_ω = f_ω = φ_ωᵀω, g = δF/δh(h_ω), 𝓑 = {V: ‖V − W₀‖_F ≤ R}, ω ∈ 𝓑,
    ε = max_{V∈𝓑} ⟨∇𝓛(ω), ω − V⟩ = ⟨∇𝓛(ω), ω − W₀⟩ + R‖∇𝓛(ω)‖_F   (the Frank–Wolfe gap)

Proof. F is convex: gap ≤ ⟨g, h_ω − h*⟩_M. For V ∈ 𝓑, h_ω = φ_ωᵀω and ∇𝓛(ω) = E_M[gφ_ω] give
⟨g, h_ω − h*⟩ = ⟨∇𝓛(ω), ω − V⟩ + ⟨g, φ_ωᵀV − h*⟩ ≤ ε + ‖g‖ ‖φ_ωᵀV − h*‖. If F is quadratic and h* is its minimiser,
gap = ½⟨g, h_ω − h*⟩ exactly, so the right side is at least 2·gap at every width: half of it is a bound as well. It is
2·gap where η = 0 and ε = 0: then g = h_ω − h*, and ω itself is the nearest point h* has in φ_ωᵀ𝓑.

Of convexity the proof uses F(h*) ≥ F(h_ω) + ⟨g, h* − h_ω⟩_M, of "F quadratic" gap = ½⟨g, h_ω − h*⟩_M: both are
measured, with F on the segment between.

With the features at the start the bound pays for the neurons whose sign changes on the way (``linearisation``):
    gap ≤ ε + ‖g‖_M (inf_{V∈𝓑} ‖h* − φ_{W₀}ᵀV‖_M + 2R (E_M #{r: W_{0,r}ᵀx and ω_rᵀx differ in sign} / m)^{1/2}).
"""

import numpy as np

from mamllib.statements.kit import Grade, Quantity, Source, Statement, Verdict, case, margin, mutant, relative_roundoff
from mamllib.statements.wang2020 import trained as train
from mamllib.statements.wang2020.problem import mean_square, quiet, room
from mamllib.statements.wang2020.representation import ball_least_squares
from mamllib.statements.wang2020.trained import Trained, projected_gradient, regression  # noqa: F401

CONVEX = "F is convex in h"
QUADRATIC = "F is quadratic, h* its minimiser"
IN_THE_BALL = "ω is in the ball"
NO_KINK = "ω_rᵀx ≠ 0"
HOMOGENEOUS = "h_ω = φ_ωᵀω"


@quiet
def gap(case: Trained) -> float:
    """F(h_ω) − F(h*)."""
    return float(case.measured.risks[0] - case.measured.risks[-1])


@quiet
def slope_norm(case: Trained) -> float:
    """‖g‖_M."""
    return float(np.sqrt(mean_square(case.problem.mixture, case.measured.g)))


@quiet
def descent(case: Trained) -> float:
    """⟨g, h_ω − h*⟩_M."""
    return float(np.sum(case.problem.mixture * case.measured.g * (case.measured.h - case.comparator)))


@quiet
def tangent_gradient(case: Trained) -> np.ndarray:
    """∇𝓛(ω) = E_M[gφ_ω], (m, d)."""
    activity = case.measured.features["omega"][0]
    return (activity * (case.problem.mixture * case.measured.g)[:, None]).T @ case.inputs


def frank_wolfe_gap(case: Trained) -> float:
    """ε."""
    gradient = tangent_gradient(case)
    return float(np.sum(gradient * (case.omega - case.net.start)) + case.radius * np.linalg.norm(gradient))


def representation(case: Trained, at: str = "omega", ball: bool = True) -> float:
    """inf_{V∈𝓑} ‖h* − φᵀV‖_M with the features at "omega", or at the "start"; over all V where ``ball`` is false."""
    _, gram, offset = case.measured.features[at]
    radius = float(case.radius) if ball else 1e12
    return ball_least_squares(gram, case.comparator - offset, case.problem.mixture, radius)[0]


def bound(case: Trained, ball: bool = True) -> Quantity:
    """ε + ‖g‖_M inf_{V∈𝓑} ‖h* − φ_ωᵀV‖_M."""
    return _sum(case, slope_norm(case) * representation(case, ball=ball))


def _sum(case: Trained, term: float) -> Quantity:
    value, error = frank_wolfe_gap(case) + term, roundoff(case) + 1e-9 * term
    return Quantity(*map(np.asarray, (value, value - error, value + error)), Grade.FLOAT)


def feature_cost(case: Trained) -> float:
    """2R (E_M #{changed signs}/m)^{1/2} ≥ sup_{V∈𝓑} ‖(φ_ω − φ_{W₀})ᵀV‖_M."""
    changed = np.sum(case.problem.mixture * case.measured.flips)
    return float(2 * case.radius * np.sqrt(changed / case.net.width))


def bound_at_start(case: Trained, cost: bool = True) -> Quantity:
    """ε + ‖g‖_M (inf_{V∈𝓑} ‖h* − φ_{W₀}ᵀV‖_M + the cost of the features); wrong without the cost."""
    return _sum(case, slope_norm(case) * (representation(case, at="start") + cost * feature_cost(case)))


@quiet
def roundoff(case: Trained) -> float:
    """γ of both risks, of the gradient and of the outputs."""
    size = 1 + float(np.abs(case.measured.risks[[0, -1]]).sum())
    return relative_roundoff(case) * 100 * size * (1 + float(case.radius))


@quiet
def common_hypotheses(case: Trained) -> dict:
    """ω in the ball, no neuron at its kink, h_ω = φ_ωᵀω."""
    m, distance = case.measured, float(np.linalg.norm(case.omega - case.net.start))
    at_kink = (m.nearest == 0) & np.any(case.inputs != 0, axis=1)
    homogeneous = -slope_norm(case) * np.abs(m.h - m.product)
    return {
        IN_THE_BALL: margin(float(case.radius), distance),
        NO_KINK: room(-at_kink.astype(float)),
        HOMOGENEOUS: room(homogeneous, roundoff(case) / 4),
    }


@quiet
def hypotheses(case: Trained) -> dict:
    """F convex, as its line at h_ω read at h*, and on the segment between; and what S3 always needs."""
    risks = case.measured.risks
    excess = np.append(np.diff(risks, 2), descent(case) - gap(case))
    return {CONVEX: room(excess, roundoff(case) / 2)} | common_hypotheses(case)


@quiet
def quadratic_hypotheses(case: Trained) -> dict:
    """gap = ½⟨g, h_ω − h*⟩ and F − F(h*) = gap·(1 − t)² on the segment; and what S3 always needs."""
    risks, t = case.measured.risks, np.linspace(0, 1, len(case.measured.risks))
    parabola = risks - risks[-1] - gap(case) * (1 - t) ** 2
    off = np.abs(np.append(parabola, gap(case) - descent(case) / 2))
    return {QUADRATIC: room(-off, roundoff(case) / 2)} | common_hypotheses(case)


def start_hypotheses(case: Trained) -> dict:
    """Those of S3, and inputs that are not longer than 1."""
    return hypotheses(case) | {"‖x‖ ≤ 1": margin(1.0, np.linalg.norm(case.inputs, axis=1).max())}


CASES = tuple(case(f"regression on the sphere, m = {m}", train.trained, m) for m in (16, 256, 4096))
DIGITS = case("handwritten digits on the sphere, m = 256", train.trained_digits, 256)
LOGISTIC_CASE = case("one-point logistic, η = 6", train.one_point_logistic, expected=Verdict.SILENT)
NOT_CONVEX = mutant("convexity in h deleted", train.one_point_logistic, drops=(CONVEX,))

SPARED = {
    "radius": "true: the proof holds for every ball that holds ω, and these hold it",
    IN_THE_BALL: "open: no network is known on which ε is what makes the bound tight",
}

TWO_LAYER_GAP = Statement(
    id="wang2020/two_layer_gap",
    spared=SPARED,
    title="Two-layer networks (S3)",
    source=Source("wang2020", "the optimality gap with a two-layer network", "D"),
    claim=r"F(h_\omega)-F(h^*)\le\epsilon+\|g\|_M\inf_{V\in\mathcal B}\|h^*-\phi_\omega^\top V\|_M",
    takes=Trained,
    hypotheses=hypotheses,
    lhs=gap,
    rhs=bound,
    roundoff=roundoff,
    cases=(*CASES, case("at the start, m = 256", regression, 256), DIGITS, LOGISTIC_CASE),
    mutants=(
        mutant("V not in the ball", train.trained, 1024, rhs=lambda case: bound(case, ball=False)),
        NOT_CONVEX,
    ),
)

TWO_LAYER_GAP_HALVED = Statement(
    id="wang2020/two_layer_gap_halved",
    spared=SPARED,
    rests_on=("wang2020/two_layer_gap",),
    title="Two-layer networks, quadratic F (S3, halved)",
    source=Source("wang2020", "the optimality gap for quadratic F", "D"),
    claim=r"2\big(F(h_\omega)-F(h^*)\big)\le\epsilon+\|g\|_M\inf_{V\in\mathcal B}\|h^*-\phi_\omega^\top V\|_M",
    takes=Trained,
    hypotheses=quadratic_hypotheses,
    lhs=lambda case: 2 * gap(case),
    rhs=bound,
    roundoff=lambda case: 2 * roundoff(case),
    cases=(*CASES, case("no inner step, m = 4096", train.no_inner_step), LOGISTIC_CASE),
    mutants=(
        mutant("2 raised to 2.05", train.no_inner_step, lhs=lambda case: 2.05 * gap(case)),
        mutant("convexity in h and F quadratic deleted", train.one_point_logistic, drops=(QUADRATIC,)),
    ),
)

FEATURES_AT_START = Statement(
    id="wang2020/two_layer_gap_at_start",
    spared=SPARED | {"‖x‖ ≤ 1": "open: the bound on the features is far from attained"},
    rests_on=("wang2020/two_layer_gap",),
    title="Two-layer networks, features at the start (S3)",
    source=Source("wang2020", "the optimality gap with the features at the start", "D"),
    claim=r"F(h_\omega)-F(h^*)\le\epsilon+\|g\|_M\big(\inf_{V\in\mathcal B}\|h^*-\phi_{W_0}^\top V\|_M"
    r"+2R(\mathbb E_M\#\{\text{changed signs}\}/m)^{1/2}\big)",
    takes=Trained,
    hypotheses=start_hypotheses,
    lhs=gap,
    rhs=bound_at_start,
    roundoff=roundoff,
    cases=(*CASES, DIGITS, case("a dead neuron", train.dead_neuron), LOGISTIC_CASE),
    mutants=(
        mutant("cost of the features dropped", train.dead_neuron, rhs=lambda case: bound_at_start(case, cost=False)),
        NOT_CONVEX,
    ),
)
