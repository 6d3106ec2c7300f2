"""Lemma 4.10 (20) on a ramp: the bias of one sampled inner step, against both bounds."""

import jax.numpy as jnp
import numpy as np

from mamllib.explorers.explorer import Axis, Explorer, Series, Slider, over_sizes
from mamllib.statements.fallah2020 import lemma_4_10
from mamllib.statements.fallah2020.lemma_4_10 import Adaptation
from mamllib.tasks import Noisy, OddRamp, RademacherNoise, TaskFamily

SLIDERS = (
    Slider("ρ", "how fast the curvature changes (L = 1)", (1.0, 3.0, 10.0, 30.0, 100.0, 1000.0), 2),
    Slider("α", "inner step", (0.25, 0.5, 0.75, 1.0), 3),
    Slider("σ̃", "deviation of one sample", (0.3, 1.0, 3.0), 1),
    Slider("D_in", "samples of the inner step", (1, 2, 4, 8, 16, 32, 64), 4),
)
SIDES = {
    "bias": lambda problem: lemma_4_10.bias(problem)[0],
    "lipschitz": lemma_4_10.lipschitz_bound,
    "taylor": lemma_4_10.taylor_bound,
}


def adaptation(rho, alpha, sigma, D_in: int) -> Adaptation:
    """f'' = clip(ρw, −1, 1) at w = 0 with samples whose gradients are off by ±σ̃."""
    task = Noisy(OddRamp(1.0, rho), RademacherNoise(sigma))
    return Adaptation.of(TaskFamily.of([task]), alpha, 0.0, D_in)


def row(rho, alpha, sigma, D_in: int) -> dict:
    """The bias, enumerated, both bounds, and the share of the smaller one in use."""
    problem = adaptation(rho, alpha, sigma, D_in)
    found = {name: side(problem) for name, side in SIDES.items()}
    return found | {"share": found["bias"] / jnp.minimum(found["lipschitz"], found["taylor"])}


def columns() -> dict[str, np.ndarray]:
    """The rows at every position."""
    return over_sizes(SLIDERS, row)


EXPLORER = Explorer(
    name="lemma_4_10_bias",
    title="Lemma 4.10 on a ramp: the bias of the sampled inner step, against its bounds",
    sliders=SLIDERS,
    columns=columns,
    series=(
        Series("lipschitz", "bound (20), αLσ̃/√D_in", "bound"),
        Series("taylor", "Taylor bound ρα²σ̃²/(2D_in)", "second", dashed=True),
        Series("bias", "measured bias", "measured", "points"),
    ),
    x=Axis("inner samples D_in", (0.9, 75), ticks=(1, 2, 4, 8, 16, 32, 64)),
    y=Axis("bias ‖e‖", (3e-5, 10)),
    sentence="D_in = {D_in}: the bias is {bias}. The lemma allows {lipschitz}, the Taylor bound {taylor}; "
    "{share} of the smaller one is used.",
)
