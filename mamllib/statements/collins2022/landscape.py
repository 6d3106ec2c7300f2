"""Easy and hard linear regressions, half of the tasks each: what MAML and standard training (NAL) make of them.

Task i has Σ = ρI and its optimum w* about the centre of its kind: 0 for easy tasks, (R, …, R) for hard ones, with
variance r a coordinate. NAL minimises the mean of f_i(w), MAML that of f_i(w − α∇f̂_i(w; m)). Both have their minimum
on the line w = t(1, …, 1), where a risk is a parabola of t: three values of it give its vertex and its minimum.
"""

import math
from functools import cached_property
from typing import NamedTuple

from mamllib.statements.collins2022.closed_form import adapted_curvature, form, per_sample
from mamllib.statements.kit import (
    OfNumbers,
    Parameters,
    Q,
    TaskFamily,
    holds_if,
    is_exact,
    np,
    objectives,
    question,
    relative_roundoff,
    sqrt,
    validation,
)
from mamllib.tasks import Quadratic


class Measured(NamedTuple):
    """Where NAL and MAML end (t of w = t(1, …, 1)), and the excess of the adapted risk there over every task's own
    least."""

    nal: Parameters
    maml: Parameters
    excess_of_nal: Parameters
    excess_of_maml: Parameters


@question
class Mixture(OfNumbers):
    """Easy and hard regressions: α, curvatures ρ, variances r, distance R of the centres, dimension d, samples m.

    R and r are a coordinate's; m = ∞ is an inner step along the gradient itself.
    """

    alpha: Parameters
    rho_E: Parameters
    rho_H: Parameters
    r_E: Parameters
    r_H: Parameters
    R: Parameters
    d: int
    m: Parameters

    def require(self) -> None:
        """Raise ``PrecisionError`` where a float stands among fractions."""
        names = ("alpha", "rho_E", "rho_H", "r_E", "r_H", "R")
        validation.require_one_arithmetic(**{name: getattr(self, name) for name in names})

    @cached_property
    def measured(self) -> Measured:
        """Both minima, from three values of either risk."""
        nal, adapted = (_parabola([risk(self, t) for t in range(3)]) for risk in (risk_of_nal, adapted_risk))
        excess_of_nal = _at(adapted, nal.vertex)
        return Measured(nal.vertex, adapted.vertex, excess_of_nal, adapted.least)


class Parabola(NamedTuple):
    """curvature·(t − vertex)²/2 + least."""

    curvature: Parameters
    vertex: Parameters
    least: Parameters


def _parabola(values) -> Parabola:
    """Through the values at t = 0, 1, 2."""
    zero, one, two = values
    curvature = two - 2 * one + zero
    if not curvature:
        return Parabola(curvature, math.nan, math.nan)
    vertex = Q(1, 2) + (zero - one) / curvature if is_exact(curvature) else 0.5 + (zero - one) / curvature
    return Parabola(curvature, vertex, zero - curvature * vertex * vertex / 2)


def _at(parabola: Parabola, t):
    return parabola.curvature * (t - parabola.vertex) ** 2 / 2 + parabola.least


def optima(mixture: Mixture) -> list[tuple]:
    """(ρ, centre ± √r) of four tasks, equally likely, which stand for all: risks are quadratic in the optimum."""
    kinds = ((mixture.rho_E, 0 * mixture.R, mixture.r_E), (mixture.rho_H, mixture.R, mixture.r_H))
    return [(rho, centre + sign * sqrt(r)) for rho, centre, r in kinds for sign in (1, -1)]


def risk_of_nal(mixture: Mixture, t):
    """E_i f_i at w = t(1, …, 1)."""
    return sum(mixture.d * rho * (t - c) ** 2 for rho, c in optima(mixture)) / 8


def adapted_risk(mixture: Mixture, t):
    """E_i E f_i(w − α∇f̂_i(w; m)) at w = t(1, …, 1).

    In fractions by the library's own objective where m = ∞, and by listing every batch in one dimension; else by C1.
    """
    if is_exact(mixture.alpha) and mixture.m == math.inf:
        family = TaskFamily.of([Quadratic(rho, c) for rho, c in optima(mixture)])
        return mixture.d * objectives.meta_loss(family, mixture.alpha, Q(t))
    each = _listed if is_exact(mixture.alpha) and mixture.d == 1 else _by_matrices
    return sum(each(mixture, rho, t - c) for rho, c in optima(mixture)) / 4


def _listed(mixture: Mixture, rho, error):
    """One dimension, three points: 3ρk/m is the curvature of a batch of which k features are not 0."""
    m = mixture.m
    chances = [math.comb(m, k) * Q(1, 3) ** k * Q(2, 3) ** (m - k) for k in range(m + 1)]
    left = [(1 - mixture.alpha * 3 * rho * Q(k, m)) ** 2 for k in range(m + 1)]
    return rho * error**2 / 2 * sum(p * x for p, x in zip(chances, left, strict=True))


def _by_matrices(mixture: Mixture, rho, error):
    zero = Q(0) if is_exact(mixture.alpha) else 0.0
    covariance = rho * (np.identity(mixture.d, dtype=int) + zero)
    return form(error * np.ones(mixture.d, dtype=int), adapted_curvature(covariance, mixture.alpha, mixture.m))


def curvature(mixture: Mixture, rho):
    """a(ρ) = ρ(1 − αρ)² + (d + 1)α²ρ³/m."""
    return rho * (1 - mixture.alpha * rho) ** 2 + (mixture.d + 1) * per_sample(mixture.alpha, mixture.m) * rho**3


def curvatures(mixture: Mixture) -> tuple:
    """a_E and a_H."""
    return curvature(mixture, mixture.rho_E), curvature(mixture, mixture.rho_H)


def displacement(mixture: Mixture):
    """δ = a_H/(a_E + a_H) − ρ_H/(ρ_E + ρ_H): how far MAML moves from NAL towards the hard centre, as a share of R."""
    a_E, a_H = curvatures(mixture)
    return a_H / (a_E + a_H) - mixture.rho_H / (mixture.rho_E + mixture.rho_H)


def ratio(mixture: Mixture):
    """The excess risk of NAL over that of MAML, as measured."""
    return mixture.measured.excess_of_nal / mixture.measured.excess_of_maml


def gain(mixture: Mixture):
    """ratio − 1."""
    found = mixture.measured
    return (found.excess_of_nal - found.excess_of_maml) / found.excess_of_maml


def curved(mixture: Mixture) -> dict:
    """a_E + a_H > 0, without which MAML has no one minimum."""
    return {"a_E + a_H > 0": holds_if(sum(curvatures(mixture)) > 0)}


def risky(mixture: Mixture) -> dict:
    """Besides, that some risk is left to MAML, without which there is no ratio."""
    a_E, a_H = curvatures(mixture)
    left = a_E * mixture.r_E + a_H * mixture.r_H + (a_E * a_H * mixture.R**2 / (a_E + a_H) if a_E + a_H else 0)
    return curved(mixture) | {"MAML's excess risk > 0": holds_if(left > 0)}


def roundoff(mixture: Mixture):
    """γ of the risks that three values are taken of, over the least excess risk, times the ratio; 0 in fractions."""
    if is_exact(mixture.alpha):
        return 0.0
    values = sum(abs(risk(mixture, t)) for risk in (risk_of_nal, adapted_risk) for t in range(3))
    found = mixture.measured
    size = values * (1 + abs(found.nal) + abs(found.maml)) ** 2 / found.excess_of_maml
    return relative_roundoff(mixture) * size * (1 + found.excess_of_nal / found.excess_of_maml)


def one_dimension(m=math.inf, R=Q(3), r_E=Q(1), r_H=Q(1), rho_H=Q(1, 2), alpha=Q(1)) -> Mixture:
    """α = ρ_E = 1 and ρ_H = ½ in fractions: a = (0, 1/8) at m = ∞, (1/4, 5/32) at m = 8."""
    return Mixture.of(alpha, Q(1), rho_H, r_E, r_H, R, 1, m)


def packed(m, rho_H=Q(1, 4), d: int = 2) -> Mixture:
    """Easy optima in one point, the centres close: all of the gain is what condition (ii) allows."""
    return Mixture.of(Q(1), Q(1), rho_H, Q(0), Q(1), Q(1, 1000), d, m)


def ten_in_fractions(m=500) -> Mixture:
    """The same in ten dimensions, with r_H = 1/9, in fractions."""
    return Mixture.of(Q(1), Q(1), Q(1, 10), Q(1), Q(1, 9), Q(2), 10, m)


def ten_dimensions(m=500, R=2.0, r_H=0.1, rho_H=0.1, r_E=1.0) -> Mixture:
    """α = ρ_E = 1 in ten dimensions."""
    return Mixture.of(1.0, 1.0, rho_H, r_E, r_H, R, 10, m)
