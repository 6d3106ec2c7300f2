"""The numbers in the proof of ``rate.py``, re-computed in fractions, each rounded only where a root forces it upward.

Given w_k with a = ‖∇F(w_k)‖, the proof shows E[F(w_k) − F(w_{k+1})] ≥ (c/L(w_k))(ua² − vE), and a rate's c₁, c₂ and n
are right if θ = (v/u)(1/c₁ + p/(4c₂)) < 1 and n ≥ 1/(c u (1 − θ)).
"""

from dataclasses import dataclass
from fractions import Fraction as Q

from mamllib.statements.fallah2020.convergence.rate import FO_MAML, HF_MAML, HF_MAML_PRINTED_PROBE, MAML, Rate

HALF_ROOT = Q(221, 250)  # ≥ √3.125/2, since 4 · 0.884² = 3.1258
LEAST_TASKS = 20


@dataclass(frozen=True)
class Outcome:
    """u, v, θ and 1/(cu(1 − θ)), all exact."""

    u: Q
    v: Q
    theta: Q
    iterations: Q


def gradient_moment(step: Q) -> tuple[Q, Q, Q, Q]:
    """The coefficients of a², σ², σ̃²/D_in, σ̃²/D_o in Q ≥ E‖g‖² at αL = ``step``."""
    kappa = 2 * step + step**2
    adapted = Q(11, 10) * (1 + step) ** 2
    return (
        adapted * 2 / (1 - kappa) ** 2,
        adapted * (2 * kappa**2 / (1 - kappa) ** 2 + 1),
        11 * step**2,
        Q(1),
    )


def second_order(rate: Rate, c: Q, inner: Q, probe: Q, shared: Q, spread: Q) -> Outcome:
    """MAML and HF-MAML: ‖r‖² ≤ inner·σ̃²/D_in + (probe/B + shared·m²)Q and E‖G_i‖² ≤ spread·Q."""
    a, sigma, d_in, d_o = gradient_moment(Q(1, rate.smallest_inverse_step))
    k = Q(25, 16) * c
    bias = HALF_ROOT + 2 * k
    per_task = bias * probe + k * spread
    u = Q(2, 5) - 2 * k - per_task * a / LEAST_TASKS - bias * shared * a
    sample = bias * inner + (per_task / LEAST_TASKS + bias * shared) * d_in
    v = max(per_task * sigma, bias * shared * sigma, per_task * d_o, bias * shared * d_o, sample)
    return outcome(rate, c, u, v)


def first_order(rate: Rate, c: Q) -> Outcome:
    """FO-MAML: ‖r‖ ≤ ηa + s with s = .1σ̃/√D_in + η'αLσ, and ⟨∇F, EG⟩ ≥ (1 − η)a² − as ≥ (1 − η)a²/2 − s²/(2(1 − η))."""
    step = Q(1, rate.smallest_inverse_step)
    a, sigma, d_in, d_o = gradient_moment(step)
    slope = (1 + step) / (1 - 2 * step - step**2)
    eta, k = step * slope, Q(25, 16) * c
    descent, cross = (1 - eta) / 2, 1 / (2 * (1 - eta))
    bias = 2 * HALF_ROOT * cross + 2 * k  # of s², and s² ≤ 2(step²σ̃²/D_in + slope²α²L²σ²)
    u = Q(4, 5) * descent - k * (2 * (1 + eta) ** 2 + a / LEAST_TASKS)
    v = max(k * sigma, bias * 2 * slope**2 / 20, k * d_o, bias * 2 * step**2 + k * d_in / LEAST_TASKS)
    return outcome(rate, c, u, v)


def outcome(rate: Rate, c: Q, u: Q, v: Q) -> Outcome:
    """θ and the number of iterations from u and v."""
    theta = v / u * (1 / rate.root + rate.growth / (4 * rate.linear))
    return Outcome(u, v, theta, 1 / (c * u * (1 - theta)))


def outcomes() -> dict[str, tuple[Rate, Outcome]]:
    """Every rate with what the proof gives for it."""
    repaired = (Q(7, 6) + Q(1, 12)) ** 2 + Q(1, 2)
    maml = second_order(MAML, Q(1, 12), Q(49, 1296), Q(0), Q(0), Q(49, 36) + Q(1, 2))
    repair = second_order(HF_MAML, Q(1, 25), Q(49, 648), Q(1, 72), Q(0), repaired)
    printed = second_order(HF_MAML_PRINTED_PROBE, Q(1, 25), Q(49, 648), Q(0), Q(1, 72), repaired)
    return {
        "MAML": (MAML, maml),
        "FO-MAML": (FO_MAML, first_order(FO_MAML, Q(1, 18))),
        "HF-MAML, δ with √B": (HF_MAML, repair),
        "HF-MAML, δ as printed": (HF_MAML_PRINTED_PROBE, printed),
    }
