"""How small the inner step has to be: x^{2N} against both thresholds, and how far a run gets, on two tasks."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.explorers.explorer import Axis, Explorer, Series, Slider, over
from mamllib.statements.ji2022.exact_descent import ExactDescent
from mamllib.tasks import TaskFamily, Trigonometric

# cos w + (w − c)²/40 at c = −2 and 3, about w = π.
L, RHO, START = 1.05, 1.0, 0.4 - np.pi
TILTS = 0.05 * (np.pi - np.array([-2.0, 3.0]))
OUTER_STEPS = 20
LEAST = 1e-5  # what is less is shown as this
SLIDERS = (
    Slider("αL", "inner step at N = 1, in units of 1/L", (0.05, 0.125, 0.2, 0.34, 0.5), 1),
    Slider("p", "how it shrinks: α ∝ 1/Nᵖ", (0.0, 0.5, 1.0), 2),
    Slider("N", "inner steps", (1, 2, 3, 4, 6, 8, 12, 16, 24, 32), 4),
)
MOST = SLIDERS[-1].values[-1]
NEITHER = " It is above the exact threshold: task gradients can hide."
BETWEEN = " It is too large for the sufficient condition, and below the exact threshold."
BOTH = " It is below both thresholds."


def run(alpha_L, p, N: int) -> ExactDescent:
    """The run as the statement has it: 20 outer steps of 1/L_w."""
    family = TaskFamily.of([Trigonometric(0.05, 1.0, 1.0, tilt) for tilt in TILTS], sigma=0.25)
    return ExactDescent.of(family, alpha_L * N**-p / L, START, 3.0, OUTER_STEPS, N)


def slope(w):
    """∇l_i(w) of both tasks."""
    return 0.05 * w + jnp.sin(w) + TILTS


def meta_gradient(w, alpha, N):
    """∇𝓛(w), for an N that the program does not know."""

    def move(j, carried):
        points, factors = carried
        taken = j < N
        turned = factors * (1 - alpha * (0.05 + jnp.cos(points)))
        return jnp.where(taken, points - alpha * slope(points), points), jnp.where(taken, turned, factors)

    ends, factors = jax.lax.fori_loop(0, MOST, move, (w + jnp.zeros(2), jnp.ones(2)))
    return jnp.mean(factors * slope(ends))


def row(alpha_L, p, N) -> dict:
    """x^{2N}, and what is left of ‖∇𝓛‖ after 20 outer steps of 1/L_w."""
    step = alpha_L * N**-p
    alpha, x = step / L, 1 + step

    def descend(_, w):
        smoothness = x ** (2 * N) * L + RHO / L * x ** (2 * N - 1) * (x**N - 1) * jnp.mean(jnp.abs(slope(w)))
        return w - meta_gradient(w, alpha, N) / smoothness

    end = jax.lax.fori_loop(0, OUTER_STEPS, descend, jnp.asarray(START))
    first, last = (jnp.abs(meta_gradient(w, alpha, N)) for w in (START, end))
    return {"power": x ** (2 * N), "left": jnp.maximum(last / first, LEAST)}


def verdicts() -> np.ndarray:
    """On which side of each threshold the inner step lies."""
    said = []
    for alpha_L in SLIDERS[0].values:
        for p in SLIDERS[1].values:
            for N in SLIDERS[2].values:
                step = alpha_L * N**-p
                exact, sufficient = step < math.sin(math.pi / (2 * N)), (1 + step) ** (2 * N) < 2
                said.append(BOTH if exact and sufficient else BETWEEN if exact else NEITHER)
    return np.array(said, dtype=object).reshape([len(slider.values) for slider in SLIDERS])


def columns() -> dict[str, np.ndarray]:
    """The rows at every position, and on which side of the thresholds it is."""
    return over(SLIDERS, row) | {"verdict": verdicts()}


EXPLORER = Explorer(
    name="inner_steps",
    title="N inner steps: x^{2N}, and how far 20 safe outer steps get",
    sliders=SLIDERS,
    columns=columns,
    series=(
        Series("power", "x²ᴺ; the sufficient condition ends at 2", "bound"),
        Series("left", "meta-gradient after 20 outer steps, of its start", "measured", "points"),
    ),
    x=Axis("inner steps N", (0.9, 38), ticks=(1, 2, 4, 8, 16, 32)),
    y=Axis("x²ᴺ, and what is left of the meta-gradient", (3e-6, 1e12), ticks=(1e-4, 1, 1e4, 1e8, 1e12)),
    sentence="With N = {N} inner steps x²ᴺ is {power}, and after 20 outer steps {left} of the meta-gradient is left."
    "{verdict}",
)
