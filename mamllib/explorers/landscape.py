"""When MAML beats standard training on easy and hard regressions: the ratio against the samples of the inner step."""

from itertools import product

import numpy as np

from mamllib.explorers.explorer import Axis, Explorer, Series, Slider
from mamllib.statements.collins2022.condition_i import contraction
from mamllib.statements.collins2022.condition_ii import bound
from mamllib.statements.collins2022.landscape import Mixture, ratio

DIMENSION = 10
SLIDERS = (
    Slider("R", "distance of the two centres, a coordinate", (0.5, 1.0, 2.0, 4.0), 2),
    Slider("r_H", "variance of the hard optima", (0.01, 0.1, 1.0, 10.0), 1),
    Slider("ρ_H", "curvature of the hard tasks; the easy ones have 1", (0.01, 0.03, 0.1, 0.3, 0.6, 0.9), 2),
    Slider("m", "samples of the inner step", (1, 3, 10, 30, 100, 1000, 10_000, 100_000), 5),
)
TOWARDS_HARD = " MAML moves towards the hard tasks."
TOWARDS_EASY = " MAML moves towards the easy tasks: too few samples."


def mixture(R, r_H, rho_H, m) -> Mixture:
    """Ten dimensions, α = ρ_E = r_E = 1."""
    return Mixture.of(1.0, 1.0, rho_H, 1.0, r_H, R, DIMENSION, m)


def columns() -> dict[str, np.ndarray]:
    """The ratio, the most that condition (ii) allows, and which tasks MAML favours, at every position."""
    asked = [mixture(*values) for values in product(*(slider.values for slider in SLIDERS))]
    shape = [len(slider.values) for slider in SLIDERS]
    said = [TOWARDS_HARD if contraction(each) < 2 else TOWARDS_EASY for each in asked]
    return {
        "ratio": np.array([ratio(each) for each in asked]).reshape(shape),
        "most": np.array([1 + bound(each) for each in asked]).reshape(shape),
        "verdict": np.array(said, dtype=object).reshape(shape),
    }


EXPLORER = Explorer(
    name="landscape",
    title="Excess risk of standard training over that of MAML",
    sliders=SLIDERS,
    columns=columns,
    series=(
        Series("most", "the most that condition (ii) allows", "bound"),
        Series("ratio", "the ratio", "measured", "points"),
    ),
    x=Axis("samples m of the inner step", (0.8, 130_000), ticks=(1, 10, 100, 1000, 10_000, 100_000)),
    y=Axis("excess risk of NAL over that of MAML", (0.9, 3000), ticks=(1, 10, 100, 1000)),
    sentence="With m = {m} samples the ratio is {ratio}; condition (ii) allows at most {most}.{verdict}",
)
