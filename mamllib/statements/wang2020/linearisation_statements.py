"""S4 and S4′ as statements: on draws of inputs, on draws of networks, and at a point mass."""

import numpy as np

from mamllib.precision import gamma
from mamllib.statements.kit import Mean, Source, Statement, Verdict, case, margin, measure, mutant
from mamllib.statements.wang2020 import linearisation as line
from mamllib.statements.wang2020.draws import Widths, networks, point_masses
from mamllib.statements.wang2020.problem import room
from mamllib.statements.wang2020.small_balls import excess, likely_excess

SMALL_BALLS = "P_M(|uᵀx| ≤ ξ) ≤ cξ"
IN_THE_BALL = "W is in the ball"
GAUSSIAN = "W₀ ~ N(0, I/d)"


def in_range(errors, case: line.Displaced, factor: float = 1.0) -> Mean:
    """Squared errors at independent inputs, at most factor·(Σ_r a_r)²/m: where the sign of W_{0,r}ᵀx changes, W_rᵀx is
    at most a_r and V_rᵀx at most 2a_r, as ‖x‖ ≤ 1."""
    return Mean(errors, (0.0, factor * float(np.sum(case.moves)) ** 2 / case.net.width))


@np.errstate(divide="ignore", invalid="ignore")
def on_inputs(case: line.Displaced) -> dict:
    """W ∈ 𝓑; small balls, by the number of neurons near a sign change, and in a few directions."""
    allowed = case.c * np.sum(case.moves / case.lengths)
    crowded = likely_excess(case.measured.crowd - allowed, (-allowed, case.net.width - allowed))
    refuted = np.array([crowded, excess(case.inputs, case.net.start, case.c)])
    distance = float(np.linalg.norm(case.moves))
    return {IN_THE_BALL: margin(case.radius, distance), SMALL_BALLS: room(-refuted, statistical=True)}


def _within(case: Widths) -> dict:
    return {IN_THE_BALL: margin(case.radius, case.distances.max())}


def in_mean(case: Widths) -> dict:
    """W ∈ 𝓑; small balls, as ``on_inputs``; d ≥ 3; and E(Σ‖W_{0,r}‖⁻²)^{1/2} ≤ (md/(d − 2))^{1/2}."""
    refuted = np.array([likely_excess(case.crowd - case.allowed), case.atoms.max()])
    usual = np.sqrt(case.m * case.d / (case.d - 2)) if case.d >= 3 else np.inf
    gaussian = room(-likely_excess(case.starts / usual - 1), statistical=True)
    return _within(case) | {
        SMALL_BALLS: room(-refuted, statistical=True),
        "d ≥ 3": margin(case.d, 3),
        GAUSSIAN: gaussian,
    }


def with_atoms(case: Widths) -> dict:
    """W ∈ 𝓑; E #{|W_{0,r}ᵀx| ≤ t} ≤ E_M[mκt]."""
    return _within(case) | {GAUSSIAN: room(-likely_excess(case.near - case.near_allowed), statistical=True)}


def _roundoff(case) -> float:
    m = case.m if isinstance(case, Widths) else case.net.width
    return gamma(measure.CHAIN + m) * float(case.radius) ** 2


def _sure_bound(case: line.Displaced) -> float:
    return line.sure_bound(case.net, case.radius, case.c)


def _sphere_bound(case: Widths) -> float:
    return line.mean_bound(case.m, case.d, case.radius, case.c) if case.d >= 3 else np.inf


def _atoms_bound(case: Widths, factor: float = 1.0):
    bounds = factor * line.atoms_bound(case.m, case.d, case.radius, case.inverse_norms)
    return Mean(bounds) if np.all(np.isfinite(bounds)) else np.inf


def _slower(case: Widths) -> float:
    """m^{−1/2} in place of m^{−1/3}."""
    return case.m ** (-1 / 6)


FAIR = "(Σb_r)² ≤ m on average"
ABOVE = "open: R = 1 and ‖x‖ = 1 wherever the bound is nearly attained"
FAR_BELOW = "open: no network is known on which the left side is half of the right"
SPARED = dict.fromkeys(("radius", "c", "m", "d", "W is in the ball", SMALL_BALLS), FAR_BELOW)

SURE = Statement(
    id="wang2020/linearisation",
    title="Linearisation, draw by draw (S4)",
    source=Source("wang2020", "the cost of linearising a two-layer network", "D"),
    claim=r"\|f_W-\phi_{W_0}^\top W\|_M^2\le\tfrac{cR^3}{m}\Big(\sum_r\|W_{0,r}\|^{-2}\Big)^{1/2}",
    takes=line.Displaced,
    hypotheses=on_inputs,
    lhs=lambda case: in_range(case.measured.squares, case),
    rhs=_sure_bound,
    roundoff=_roundoff,
    spared=SPARED,
    cases=(
        case("random direction, m = 256", line.displaced, 256, line.random_direction, sampled=1),
        case("common direction, m = 256", line.displaced, 256, sampled=1),
        case("common direction, m = 16384", line.displaced, 16384, sampled=1),
        case("cluster, m = 4096", line.displaced, 4096, line.cluster_direction, sampled=1),
        case("common direction, R = 3 and m = 64", line.displaced, 64, line.common_direction, 3, 3.0, sampled=1),
    ),
    mutants=(
        mutant(
            "m^{−1/2} replaced by m^{−3/2}",
            line.displaced,
            4096,
            line.cluster_direction,
            rhs=lambda case: _sure_bound(case) / case.net.width,
        ),
    ),
)

FEATURES = Statement(
    id="wang2020/tangent_features",
    title="Tangent features at the start (S4, features)",
    source=Source("wang2020", "the cost of the features at the start", "D"),
    claim=r"\|(\phi_\omega-\phi_{W_0})^\top V\|_M^2\le\tfrac{4cR^3}{m}\Big(\sum_r\|W_{0,r}\|^{-2}\Big)^{1/2}",
    takes=line.Displaced,
    hypotheses=on_inputs,
    lhs=lambda case: in_range(case.measured.features, case, 4.0),
    rhs=lambda case: 4 * _sure_bound(case),
    roundoff=_roundoff,
    spared=SPARED,
    cases=(
        case("random direction, m = 256", line.displaced, 256, line.random_direction, sampled=1),
        case("common direction, m = 256", line.displaced, 256, sampled=1),
        case("cluster, m = 4096", line.displaced, 4096, line.cluster_direction, sampled=1),
    ),
    mutants=(
        mutant(
            "m^{−1/2} replaced by m^{−3/2}",
            line.displaced,
            4096,
            line.cluster_direction,
            rhs=lambda case: 4 * _sure_bound(case) / case.net.width,
        ),
    ),
)

IN_MEAN = Statement(
    id="wang2020/linearisation_mean",
    rests_on=("wang2020/linearisation",),
    title="Linearisation, in mean over the start (S4)",
    source=Source("wang2020", "the cost of linearising, in mean", "D"),
    claim=r"\mathbb E_{W_0}\|f_W-\phi_{W_0}^\top W\|_M^2\le cR^3\sqrt{\tfrac d{d-2}}\,m^{-1/2}",
    takes=Widths,
    hypotheses=in_mean,
    lhs=lambda case: Mean(case.squares),
    rhs=_sphere_bound,
    roundoff=_roundoff,
    spared=SPARED | {"d ≥ 3": "below it the right side is infinite"},
    cases=(
        case("random direction, m = 256", networks, 256, line.random_direction, sampled=1),
        case("common direction, m = 256", networks, 256, line.common_direction, sampled=1),
        case("cluster, m = 1024", networks, 1024, line.cluster_direction, sampled=1),
        case("point mass, m = 2²⁰", point_masses, 2**20, expected=Verdict.SILENT, sampled=1),
    ),
    mutants=(mutant("measures with atoms", point_masses, 2**20, drops=(SMALL_BALLS,)),),
)

ATOMS = Statement(
    id="wang2020/linearisation_atoms",
    title="Linearisation for measures with atoms (S4′)",
    source=Source("wang2020", "the cost of linearising on finite data", "D"),
    claim=r"\mathbb E_{W_0}\|f_W-\phi_{W_0}^\top W\|_M^2\le\tfrac32\,2^{1/3}\Big(\tfrac{2d}\pi\Big)^{1/3}"
    r"R^{8/3}\,\mathbb E_M\|x\|^{-2/3}\,m^{-1/3}",
    takes=Widths,
    hypotheses=with_atoms,
    lhs=lambda case: Mean(case.squares),
    rhs=_atoms_bound,
    roundoff=_roundoff,
    spared=SPARED,
    cases=(
        case("point mass, m = 2¹⁰", point_masses, 2**10, 64, sampled=1),
        case("point mass, m = 2²⁰", point_masses, 2**20, sampled=1),
        case("point mass, d = 20 and m = 2¹⁴", point_masses, 2**14, 32, 20, sampled=1),
    ),
    mutants=(
        mutant(
            "m^{−1/3} replaced by m^{−1/2}",
            point_masses,
            2**20,
            rhs=lambda case: _atoms_bound(case, _slower(case)),
        ),
        mutant("a tenth", point_masses, 2**20, rhs=lambda case: _atoms_bound(case, 0.1)),
    ),
)


def fair_signs(case: Widths) -> dict:
    """As ``with_atoms``, and E(Σ_r b_r)² ≤ m: signs that are balanced, or fair draws."""
    return with_atoms(case) | {FAIR: room(-likely_excess(case.balance - 1), statistical=True)}


def _sharp(case: Widths, share: float = 1.0):
    return Mean(line.sharp_bound(case.m, case.d, case.radius, case.square_norms, share))


SHARP = ATOMS.variant(
    id="wang2020/linearisation_atoms_sharp",
    title="Linearisation for measures with atoms, sharp (S4′)",
    source=Source("wang2020", "the cost of linearising on finite data, the constant attained", "D"),
    claim=r"\mathbb E_{W_0}\|f_W-\phi_{W_0}^\top W\|_M^2\le\tfrac{\mathbb E_M\|x\|^2}m"
    r"\Big(\tfrac34R^{4/3}\big(\tfrac m4\sqrt{\tfrac{2d}\pi}\big)^{1/3}+\tfrac R{\sqrt6}\Big)^2",
    hypotheses=fair_signs,
    rhs=_sharp,
    rests_on=(),
    spared=dict.fromkeys(("radius", "d", "m", "W is in the ball"), ABOVE),
    cases=(
        case("point mass, m = 2¹⁰", point_masses, 2**10, 64, sampled=1),
        case("point mass, m = 2¹⁶", point_masses, 2**16, 32, sampled=1),
        case("point mass, m = 2²⁰", point_masses, 2**20, sampled=1),
        case("point mass, d = 20 and m = 2¹⁴", point_masses, 2**14, 32, 20, sampled=1),
        case("common direction on the sphere, m = 256", networks, 256, line.common_direction, sampled=1),
    ),
    mutants=(
        mutant("A lowered by a twentieth", point_masses, 2**20, rhs=lambda case: _sharp(case, 0.95)),
        mutant(
            "m^{−1/3} replaced by m^{−1/2}",
            point_masses,
            2**20,
            rhs=lambda case: Mean(line.sharp_bound(case.m, case.d, case.radius, case.square_norms) * _slower(case)),
        ),
    ),
)

FEATURES_AT_ATOMS = Statement(
    id="wang2020/tangent_features_atoms",
    title="Tangent features at the start, measures with atoms (S4′, features)",
    source=Source("wang2020", "the cost of the features at the start on finite data", "D"),
    claim=r"\mathbb E_{W_0}\|(\phi_\omega-\phi_{W_0})^\top V\|_M^2\le6\cdot2^{1/3}\Big(\tfrac{2d}\pi\Big)^{1/3}"
    r"R^{8/3}\,\mathbb E_M\|x\|^{-2/3}\,m^{-1/3}",
    takes=Widths,
    hypotheses=with_atoms,
    lhs=lambda case: Mean(case.features),
    rhs=lambda case: _atoms_bound(case, 4.0),
    roundoff=_roundoff,
    spared=SPARED,
    cases=(
        case("point mass, m = 2¹⁰", point_masses, 2**10, sampled=1),
        case("point mass, m = 2²⁰", point_masses, 2**20, sampled=1),
    ),
    mutants=(
        mutant(
            "m^{−1/3} replaced by m^{−1/2}",
            point_masses,
            2**20,
            rhs=lambda case: _atoms_bound(case, 4 * _slower(case)),
        ),
    ),
)
