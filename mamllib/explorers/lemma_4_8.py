"""Lemma 4.8 on the rippled parabola: how fast ∇F changes at w_n, against L(w_n)."""

import jax.numpy as jnp
import numpy as np

from mamllib.checking.margins import margin
from mamllib.explorers.explorer import Axis, Explorer, Series, Slider, over
from mamllib.statements.fallah2020 import lemma_4_8
from mamllib.statements.fallah2020.lemma_4_8 import LEMMA_4_8, Pairs

KAPPA = 10.0
SLIDERS = (
    Slider("a", "curvature of the parabola", (-1.0, -0.5, 0.5, 1.0), 0),
    Slider("αL", "inner step, in units of 1/L", (0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 1.25), 5),
    Slider("ρ", "Lipschitz constant of f″: a ripple of height b = ρ/10", (0.3, 0.5, 1.0, 2.0, 5.0, 10.0), 1),
    Slider("n", "turns of the ripple from 0 to w", (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0), 4),
)


def pairs(a, alpha_L, rho) -> Pairs:
    """Two points 10⁻³/κ apart at each w_n, κ = 10."""
    return lemma_4_8.trigonometric_pairs(a, rho / KAPPA, KAPPA, alpha_L, list(SLIDERS[-1].values))


def row(a, alpha_L, rho) -> dict:
    """w_n; both sides of the lemma per unit of ‖w − u‖; their ratio."""
    both = pairs(a, alpha_L, rho)
    distance = jnp.abs(both.w - both.u)
    measured, bound = LEMMA_4_8.lhs(both) / distance, LEMMA_4_8.rhs(both) / distance
    return {"w": both.w, "measured": measured, "bound": bound, "share": measured / bound}


def silence() -> np.ndarray:
    """What is said where α is too large for the lemma; its other hypotheses are met by every task of this family."""
    too_large = [margin(1, alpha_L) < 0 for alpha_L in SLIDERS[1].values]
    return np.where(too_large, " Here α > 1/L, so the lemma says nothing.", "").astype(object)[:, None, None]


def columns() -> dict[str, np.ndarray]:
    """The rows at every position, and whether the lemma speaks there."""
    return over(SLIDERS[:-1], row) | {"silence": silence()}


EXPLORER = Explorer(
    name="lemma_4_8",
    title="Lemma 4.8 on a rippled parabola: how fast ∇F changes, against L(w)",
    sliders=SLIDERS,
    columns=columns,
    series=(
        Series("bound", "bound L(w)", "bound", x="w"),
        Series("measured", "measured ‖∇F(w) − ∇F(u)‖ / ‖w − u‖", "measured", "points", x="w"),
    ),
    x=Axis("w", (0.5, 1e4)),
    y=Axis("rate of change of ∇F", (0.005, 1e5)),
    sentence="At w = {w} the gradient of F changes at the rate {measured}. The bound is {bound}; {share} of it is used."
    "{silence}",
)
