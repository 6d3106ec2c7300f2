"""S4 and S4′ as statements: on draws of inputs, on draws of networks, and at a point mass."""

from dataclasses import dataclass

import jax
import numpy as np

from mamllib.checking.margins import margin
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.statistics import Mean
from mamllib.checking.verdict import Verdict
from mamllib.statements.wang2020.linearisation import (
    Displaced,
    atoms_bound,
    cluster_direction,
    common_direction,
    displaced,
    mean_bound,
    mirrored,
    point_mass,
    random_direction,
    squared_error,
    squared_feature_error,
    sure_bound,
)
from mamllib.tasks.two_layer import network, tangent_product

BLOCKS = 64
NO_ATOMS = "P_M(|uᵀx| ≤ ξ) ≤ ξ"


@dataclass(frozen=True)
class Widths:
    """Squared linearisation errors of independent networks of width m in dimension d, moved by R: a row of draws.

    ``sphere`` says that M is uniform on the sphere S², where c = 1; otherwise it has atoms on ‖x‖ = 1.
    """

    squares: np.ndarray
    m: int
    d: int
    radius: float
    sphere: bool


def sampled_error(case: Displaced) -> Mean:
    """‖f_W − φ_{W₀}ᵀW‖²_M from uniform inputs."""
    exact = network(case.net, case.weights, case.inputs)
    linear = tangent_product(case.net, case.net.start, case.weights, case.inputs)
    return Mean(np.asarray((exact - linear) ** 2).reshape(BLOCKS, -1).mean(axis=1))


def sampled_feature_error(case: Displaced) -> Mean:
    """‖(φ_ω − φ_{W₀})ᵀV‖²_M at V = 2W₀ − ω, from uniform inputs."""
    return Mean(np.asarray(squared_feature_error(case, mirrored(case))).reshape(BLOCKS, -1).mean(axis=1))


def in_the_ball(case: Displaced) -> dict:
    """W ∈ 𝓑, measured."""
    distance = float(np.linalg.norm(np.asarray(case.weights - case.net.start)))
    return {"W is in the ball": margin(case.radius, distance)}


def on_the_sphere(case: Widths) -> dict:
    """c = 1, and d ≥ 3."""
    return {NO_ATOMS: 0 if case.sphere else -1, "d ≥ 3": margin(case.d, 3)}


def networks(seed: int, m: int, direction, draws: int = 32, radius: float = 1.0) -> Widths:
    """``draws`` networks moved along ``direction``, on uniform inputs of S²."""
    squares = [float(squared_error(displaced(1000 * seed + k, m, direction, radius=radius))) for k in range(draws)]
    return Widths(np.array(squares), m, 3, radius, True)


def point_masses(seed: int, m: int, draws: int = 16, d: int = 3, radius: float = 1.0, features: bool = False) -> Widths:
    """``draws`` networks against the adversary at one input; the error of the features if so asked."""
    keys = jax.random.split(jax.random.key(seed), draws)
    return Widths(np.array([point_mass(key, m, d, radius, features) ** 2 for key in keys]), m, d, radius, False)


def feature_point_masses(seed: int, m: int) -> Widths:
    """The features' errors at one input, with V = 2W₀ − ω."""
    return point_masses(seed, m, features=True)


def _mean_of_draws(case: Widths) -> Mean:
    return Mean(case.squares)


def _sphere_bound(case: Widths) -> float:
    return mean_bound(case.m, case.d, case.radius)


def _atoms_bound(case: Widths) -> float:
    return atoms_bound(case.m, case.d, case.radius)


SURE = Statement(
    id="wang2020/linearisation",
    title="Linearisation, draw by draw (S4)",
    source=Source("wang2020", "the cost of linearising a two-layer network", "D"),
    claim=r"\|f_W-\phi_{W_0}^\top W\|_M^2\le\tfrac{cR^3}{m}\Big(\sum_r\|W_{0,r}\|^{-2}\Big)^{1/2}",
    takes=Displaced,
    hypotheses=in_the_ball,
    lhs=sampled_error,
    rhs=lambda case: float(sure_bound(case.net, case.radius)),
    roundoff=lambda case: 1e-14,
    cases=(
        Case("random direction, m = 256", lambda seed: displaced(seed, 256, random_direction), sampled=1),
        Case("common direction, m = 256", lambda seed: displaced(seed, 256), sampled=1),
        Case("common direction, m = 16384", lambda seed: displaced(seed, 16384), sampled=1),
        Case("cluster, m = 4096", lambda seed: displaced(seed, 4096, cluster_direction), sampled=1),
        Case("common direction, R = 3 and m = 64", lambda seed: displaced(seed, 64, radius=3.0), sampled=1),
    ),
    mutants=(
        Mutant(
            "m^{−1/2} replaced by m^{−3/2}",
            lambda seed: displaced(seed, 4096, cluster_direction),
            rhs=lambda case: float(sure_bound(case.net, case.radius)) / case.net.width,
        ),
    ),
)

FEATURES = Statement(
    id="wang2020/tangent_features",
    title="Tangent features at the start (S4, features)",
    source=Source("wang2020", "the cost of the features at the start", "D"),
    claim=r"\|(\phi_\omega-\phi_{W_0})^\top V\|_M^2\le\tfrac{4cR^3}{m}\Big(\sum_r\|W_{0,r}\|^{-2}\Big)^{1/2}",
    takes=Displaced,
    hypotheses=in_the_ball,
    lhs=sampled_feature_error,
    rhs=lambda case: 4 * float(sure_bound(case.net, case.radius)),
    roundoff=lambda case: 1e-14,
    cases=(
        Case("random direction, m = 256", lambda seed: displaced(seed, 256, random_direction), sampled=1),
        Case("common direction, m = 256", lambda seed: displaced(seed, 256), sampled=1),
        Case("cluster, m = 4096", lambda seed: displaced(seed, 4096, cluster_direction), sampled=1),
    ),
    mutants=(
        Mutant(
            "m^{−1/2} replaced by m^{−3/2}",
            lambda seed: displaced(seed, 4096, cluster_direction),
            rhs=lambda case: 4 * float(sure_bound(case.net, case.radius)) / case.net.width,
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
    hypotheses=on_the_sphere,
    lhs=_mean_of_draws,
    rhs=_sphere_bound,
    roundoff=lambda case: 1e-14,
    cases=(
        Case("random direction, m = 256", lambda seed: networks(seed, 256, random_direction), sampled=1),
        Case("common direction, m = 256", lambda seed: networks(seed, 256, common_direction), sampled=1),
        Case("cluster, m = 1024", lambda seed: networks(seed, 1024, cluster_direction), sampled=1),
        Case("point mass, m = 2²⁰", lambda seed: point_masses(seed, 2**20), Verdict.SILENT, sampled=1),
    ),
    mutants=(Mutant("measures with atoms", lambda seed: point_masses(seed, 2**20), drops=(NO_ATOMS,)),),
)

ATOMS = Statement(
    id="wang2020/linearisation_atoms",
    title="Linearisation for measures with atoms (S4′)",
    source=Source("wang2020", "the cost of linearising on finite data", "D"),
    claim=r"\mathbb E_{W_0}\|f_W-\phi_{W_0}^\top W\|_M^2\le\tfrac32\,2^{1/3}\Big(\tfrac{2d}\pi\Big)^{1/3}"
    r"R^{8/3}\,\mathbb E_M\|x\|^{-2/3}\,m^{-1/3}",
    takes=Widths,
    hypotheses=lambda case: {"d ≥ 1": margin(case.d, 1)},
    lhs=_mean_of_draws,
    rhs=_atoms_bound,
    roundoff=lambda case: 1e-14,
    cases=(
        Case("point mass, m = 2¹⁰", lambda seed: point_masses(seed, 2**10, 64), sampled=1),
        Case("point mass, m = 2²⁰", lambda seed: point_masses(seed, 2**20), sampled=1),
        Case("point mass, d = 20 and m = 2¹⁴", lambda seed: point_masses(seed, 2**14, 32, 20), sampled=1),
    ),
    mutants=(
        Mutant(
            "m^{−1/3} replaced by m^{−1/2}",
            lambda seed: point_masses(seed, 2**20),
            rhs=lambda case: _atoms_bound(case) * case.m ** (-1 / 6),
        ),
        Mutant("a tenth", lambda seed: point_masses(seed, 2**20), rhs=lambda case: _atoms_bound(case) / 10),
    ),
)

FEATURES_AT_ATOMS = Statement(
    id="wang2020/tangent_features_atoms",
    title="Tangent features at the start, measures with atoms (S4′, features)",
    source=Source("wang2020", "the cost of the features at the start on finite data", "D"),
    claim=r"\mathbb E_{W_0}\|(\phi_\omega-\phi_{W_0})^\top V\|_M^2\le6\cdot2^{1/3}\Big(\tfrac{2d}\pi\Big)^{1/3}"
    r"R^{8/3}\,\mathbb E_M\|x\|^{-2/3}\,m^{-1/3}",
    takes=Widths,
    hypotheses=lambda case: {"d ≥ 1": margin(case.d, 1)},
    lhs=_mean_of_draws,
    rhs=lambda case: 4 * _atoms_bound(case),
    roundoff=lambda case: 1e-14,
    cases=(
        Case("point mass, m = 2¹⁰", lambda seed: feature_point_masses(seed, 2**10), sampled=1),
        Case("point mass, m = 2²⁰", lambda seed: feature_point_masses(seed, 2**20), sampled=1),
    ),
    mutants=(
        Mutant(
            "m^{−1/3} replaced by m^{−1/2}",
            lambda seed: feature_point_masses(seed, 2**20),
            rhs=lambda case: 4 * _atoms_bound(case) * case.m ** (-1 / 6),
        ),
    ),
)
