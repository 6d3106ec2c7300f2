"""Two-layer networks (S3) on the regression problem: the gap and the terms of its bound, against the width m."""

import itertools

import numpy as np

from mamllib.explorers.explorer import Axis, Explorer, Series, Slider
from mamllib.statements.wang2020.two_layer_gap import Trained, regression
from mamllib.statements.wang2020.widths import terms, train

STEPS, SIZE = 500, 0.5
LEAST = 1e-5  # where the features reach h*, their term is 0 but for round-off
SLIDERS = (
    Slider("R", "radius of the ball of weights", (1.0, 2.0, 4.0, 8.0), 2),
    Slider("η", "inner step", (0.0, 0.5, 1.0), 1),
    Slider("seed", "of the tasks and the first weights", (0, 1), 0),
    Slider("m", "width", (16, 64, 256, 1024), 2),
)
SHOWN = ("gap", "epsilon", "features")


def untrained(R: float, eta: float, seed: int, m: int) -> Trained:
    """Three regression tasks on the sphere and a network at its first weights."""
    return regression(seed, m, eta, R)


def columns() -> dict[str, np.ndarray]:
    """After training: the gap, ε, ‖g‖ times the distance of h* from what the features reach, their sum, the share."""
    *others, widths = SLIDERS
    positions = list(itertools.product(*(slider.values for slider in others)))
    shape = tuple(len(slider.values) for slider in others)

    def at(m):
        found = [terms(case) for case in train([untrained(*values, m) for values in positions], STEPS, SIZE)]
        return {name: np.array([max(one[name], LEAST) for one in found]).reshape(shape) for name in SHOWN}

    by_width = [at(m) for m in widths.values]
    found = {name: np.stack([one[name] for one in by_width], axis=-1) for name in SHOWN}
    bound = found["epsilon"] + found["features"]
    return found | {"bound": bound, "share": found["gap"] / bound}


EXPLORER = Explorer(
    name="two_layer_width",
    title="Two-layer networks: how far from optimal training ends, against the terms of the bound",
    sliders=SLIDERS,
    columns=columns,
    series=(
        Series("bound", "bound, the sum of both terms", "bound"),
        Series("features", "‖g‖ times what features cannot reach", "second", dashed=True),
        Series("epsilon", "ε, how far from stationary", "wrong", dashed=True),
        Series("gap", "measured gap F(h_ω) − F(h*)", "measured", "points"),
    ),
    x=Axis("width m", (12, 1400), ticks=(16, 64, 256, 1024)),
    y=Axis("gap", (0.7 * LEAST, 1)),
    sentence="At width {m} the gap is {gap}. The bound is {bound}: {features} for what the features cannot reach, "
    "{epsilon} for how far from stationary; {share} of it is used. (10⁻⁵ stands for anything less.)",
)
