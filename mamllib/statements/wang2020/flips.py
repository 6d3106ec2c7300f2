"""R4: how many neurons of a wide network can change sign at some input of a finite set, and so how far features move.

    E_{W₀} sup_{‖ω−W₀‖≤R} max_x #{r: the sign of W_{0,r}ᵀx changes} ≤ K + √((16/15) K ln n) + (ln n)/3,
    K = 3^{1/3}(2d/π)^{1/3}(mR)^{2/3},  n inputs                                                    (derived here)

for W_{0,r} ~ N(0, I/d), and for n = 1 at most K. Since |(φ_ω − φ_{W₀})(x)ᵀv| ≤ ‖v‖‖x‖(k(x)/m)^{1/2} for k(x) such
neurons, features at the start stand for those at ω up to Λ = O(m^{−1/6}): the bound of ``policy_gap`` holds with
ψ_i⁰ = (I + ηT_i)φ_{W₀}/τ in place of ψ_i and (Λ/τ)(1/n)Σ(1 − γ_i)⁻¹‖A_i‖_{σ_i}(1 + ηγ_iĀ_i/(1 − γ_i)) added, where
|(T_iu)(s, a)| ≤ γ_iĀ_i max|u|/(1 − γ_i) is what the moving values cost. Finite S × A is a measure with atoms: the rate
m^{−1/4} of S4 does not hold there.

Proof. A change needs z_r = |W_{0,r}ᵀx|/‖x‖ ≤ ‖δ_r‖, Σ‖δ_r‖² ≤ R². For λ > 0 an indicator of it is at most
(1 − λz_r²)₊ + λz_r²·1, so k ≤ ΣY_r + λR² with Y_r = (1 − λz_r²)₊ ∈ [0, 1]. z_r has a density ≤ κ = √(2d/π), so with
t = λ^{−½} EY_r ≤ ⅔κt and EY_r² ≤ (8/15)κt; t³ = 3R²/(mκ) makes ⅔mκt + R²/t² = mκt = K. Of n such sums the largest has
the mean at most K + √(2v ln n) + (ln n)/3, v = (8/15)K (Bernstein). ∎

The left side is known exactly in every draw: the k nearest neurons are turned first, max{k: Σ_{j≤k} z_(j)² ≤ R²}.
"""

from dataclasses import dataclass

import numpy as np

from mamllib import validation
from mamllib.precision import gamma
from mamllib.statements.kit import Mean, Source, Statement, case, equal, measure, mutant


@dataclass(frozen=True)
class Flips:
    """Of independent networks the largest number of changed signs at one of the inputs, and E z², which is ‖x‖²/d.

    Args:
        changes: for each draw. scales: d·mean of z_r² for each draw, which is 1 on average for W₀ ~ N(0, I/d).
        m, d: width, dimension. radius: R. inputs: how many.

    Raises:
        ValueError: a number that is not finite or negative, a width, dimension or radius that is not positive.
        ShapeError: fewer than two draws, or arrays of different lengths.
    """

    recipe = "Flips.of(rng, m, inputs, radius, draws)"
    changes: np.ndarray
    scales: np.ndarray
    m: int
    d: int
    radius: float
    inputs: int

    def __post_init__(self):
        for name in ("changes", "scales"):
            validation.require_nonnegative(name, getattr(self, name))
        for name in ("m", "d", "inputs"):
            validation.require_batch_size(name, getattr(self, name))
        validation.require_positive("radius", self.radius)
        if self.changes.shape != self.scales.shape or self.changes.ndim != 1 or len(self.changes) < 2:
            raise validation.ShapeError(f"changes have shape {self.changes.shape}; each of two draws or more has one")

    @classmethod
    def of(cls, rng: np.random.Generator, m: int, inputs, radius: float, draws: int) -> "Flips":
        """Draw networks and count, at ``inputs`` (n, d)."""
        units = np.asarray(inputs) / np.linalg.norm(inputs, axis=1, keepdims=True)
        n, d = units.shape
        rows = [_drawn(rng.normal(size=(m, d)) / np.sqrt(d), units, radius) for _ in range(draws)]
        return cls(*np.array(rows).T, m, d, float(radius), n)


def _drawn(start, units, radius: float) -> tuple[float, float]:
    squares = np.sort((start @ units.T) ** 2, axis=0)
    turned = (np.cumsum(squares, axis=0) <= radius**2).sum(axis=0).max()
    return float(turned), float(start.shape[1] * squares.mean())


def one_input_bound(asked: Flips, power: float = 2 / 3) -> float:
    """K = 3^{1/3}(2d/π)^{1/3}(mR)^{2/3}."""
    return (3 * 2 * asked.d / np.pi) ** (1 / 3) * (asked.m * asked.radius) ** power


def bound(asked: Flips, power: float = 2 / 3) -> float:
    """K + √((16/15)K ln n) + (ln n)/3."""
    K, logarithm = one_input_bound(asked, power), np.log(asked.inputs)
    return K + np.sqrt(16 / 15 * K * logarithm) + logarithm / 3


def small_balls_rate(asked: Flips) -> float:
    """What S4's condition with c = 1 would give, cR m^{1/2}(d/(d − 2))^{1/2}: m^{−1/4} for Λ."""
    return asked.radius * np.sqrt(asked.m * asked.d / (asked.d - 2))


def gaussian(asked: Flips) -> dict:
    """That z_r² has the mean of W₀ ~ N(0, I/d), within five standard errors."""
    error = 5 * asked.scales.std(ddof=1) / np.sqrt(len(asked.scales))
    off = abs(asked.scales.mean() - 1)
    return {"W₀ ~ N(0, I/d)": equal(0.0 if off <= error else -off)}


def one_point(seed: int, m: int, draws: int = 64, d: int = 3, radius: float = 1.0) -> Flips:
    """One input."""
    return Flips.of(np.random.default_rng(seed), m, np.eye(d)[:1], radius, draws)


def six_points(seed: int, m: int, draws: int = 32, scale: float = 1.0) -> Flips:
    """Six inputs in a plane, as of three states and two actions; W₀ is ``scale`` times as long as it should be."""
    angles = np.pi * np.arange(6) / 6
    inputs = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    found = Flips.of(np.random.default_rng(seed), m, inputs, 1.0 / scale, draws)
    return Flips(found.changes, scale**2 * found.scales, m, 3, 1.0, 6)


SPARED = "open: the constants of a maximum over six inputs are not known to be attained"

FLIPS = Statement(
    id="wang2020/flips",
    title="neural policies, how far features move (R4)",
    source=Source("wang2020", "features at the start, for neural policies (R4)", "D"),
    claim=r"\mathbb E_{W_0}\sup_\omega\max_x k(x)\le K+\sqrt{\tfrac{16}{15}K\ln n}+\tfrac{\ln n}3,\quad "
    r"K=3^{1/3}\Big(\tfrac{2d}\pi\Big)^{1/3}(mR)^{2/3}",
    takes=Flips,
    hypotheses=gaussian,
    lhs=lambda asked: Mean(asked.changes),
    rhs=bound,
    roundoff=lambda asked: gamma(measure.CHAIN + asked.m) * asked.m,
    cases=(
        case("one input, m = 64", one_point, 64, 256, sampled=1),
        case("one input, m = 512", one_point, 512, 2000, sampled=1),
        case("one input, d = 8, R = 3, m = 512", one_point, 512, 2000, d=8, radius=3.0, sampled=1),
        case("six inputs, m = 4096", six_points, 4096, sampled=1),
        case("six inputs, m = 32,768", six_points, 32_768, sampled=1),
    ),
    mutants=(
        mutant("m^{1/2} for m^{2/3}", one_point, 512, 2000, rhs=lambda p: bound(p, 1 / 2)),
        mutant("the rate of small balls, m^{−1/4}, with c = 1", one_point, 512, 2000, rhs=small_balls_rate),
        mutant("K lowered by two percent", one_point, 512, 2000, rhs=lambda p: 0.98 * one_input_bound(p)),
        mutant("weights a quarter as long", six_points, 4096, scale=0.25, drops=("W₀ ~ N(0, I/d)",)),
    ),
    spared={"inputs": SPARED},
)
