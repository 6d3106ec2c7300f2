"""Theorem 4.11 on a tilted ramp with lopsided noise: the gap between ∇F̂ and ∇F, against T₁, T₂ and their sum."""

import numpy as np

from mamllib.explorers.explorer import Axis, Explorer, Series, Slider, over_sizes
from mamllib.statements.fallah2020 import theorem_4_11
from mamllib.statements.fallah2020.theorem_4_11 import THEOREM_4_11, Gap
from mamllib.tasks import Noisy, OddRamp, SkewedBumpNoise, TaskFamily

SHARPNESS, ROUNDING = 1e4, 1e-3
SLIDERS = (
    Slider("α", "inner step (L = 1)", (0.25, 0.5, 0.75, 1.0), 3),
    Slider("σ̃", "deviation of a sample's gradient", (0.3, 1.0, 3.0), 1),
    Slider("σ_H", "deviation of a sample's Hessian", (0.3, 1.0, 3.0, 10.0), 1),
    Slider("D_test", "samples", (1, 2, 3, 4, 8, 16), 0),
)
SIDES = {
    "gap": THEOREM_4_11.lhs,
    "first": theorem_4_11.first_term,
    "second": theorem_4_11.second_term,
    "bound": THEOREM_4_11.rhs,
}


def gap(alpha, sigma, sigma_H, D_test: int) -> Gap:
    """f'' = clip(κw, −1, 1), tilted so that w⁺ = 0 at w = −σ̃/σ_H, where samples err in gradient and Hessian together.

    The law of the noise is that of ``theorem_4_11.skewed_bump``, which at α = 1 is the case σ̃ = 1, σ_H = 3/2.
    """
    c = sigma_H / sigma
    tilt = 1 / (2 * SHARPNESS) - 1 / c - 1 / (alpha * c)
    task = Noisy(OddRamp(1.0, SHARPNESS, tilt), SkewedBumpNoise(sigma, c, ROUNDING))
    return Gap.of(TaskFamily.of([task]), alpha, -1 / c, D_test)


def row(alpha, sigma, sigma_H, D_test: int) -> dict:
    """The gap, enumerated, both terms, their sum, and the share of it in use."""
    one = gap(alpha, sigma, sigma_H, D_test)
    found = {name: side(one) for name, side in SIDES.items()}
    return found | {"share": found["gap"] / found["bound"]}


def columns() -> dict[str, np.ndarray]:
    """The rows at every position."""
    return over_sizes(SLIDERS, row)


EXPLORER = Explorer(
    name="theorem_4_11",
    title="Theorem 4.11 on a tilted ramp: the gap between ∇F̂ and ∇F, against the two terms",
    sliders=SLIDERS,
    columns=columns,
    series=(
        Series("bound", "bound T₁ + T₂", "bound"),
        Series("first", "T₁ = 2αLσ̃/√D_test", "second", dashed=True),
        Series("second", "T₂ = α²Lσ_Hσ̃/D_test", "wrong", dashed=True),
        Series("gap", "measured gap", "measured", "points"),
    ),
    x=Axis("samples D_test", (0.9, 18), ticks=(1, 2, 4, 8, 16)),
    y=Axis("‖∇F̂ − ∇F‖", (3e-4, 100)),
    sentence="D_test = {D_test}: the gap is {gap}. The bound is {bound}, of which T₁ is {first} and T₂ is {second}; "
    "{share} of it is used.",
)
