"""Theorem 4.17 on Instance A: where MAML, FO-MAML and HF-MAML go from a start that the reader drops, as B → ∞."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from mamllib.explorers.explorer import Axis, Explorer, Series, Slider, rounded
from mamllib.objectives import meta_gradient
from mamllib.statements.fallah2020.convergence.large_batch import large_batch_path, stationary_point
from mamllib.statements.fallah2020.convergence.setting import Setting, printed_displacement
from mamllib.statements.fallah2020.two_ramps import two_ramps_setting

ALPHA, B, STRIDE = 1 / 6, 10**4, 50
LEAST = 1e-4  # where the walks of those that get anywhere leave the chart
PRINTED = printed_displacement(ALPHA, 1.0)
WALKERS = {
    "MAML": ("MAML", None, "bound", "square"),
    "HF-MAML, δ with √B": ("HF-MAML", None, "measured", "triangle"),
    "HF-MAML, δ as printed": ("HF-MAML", PRINTED, "wrong", "circle"),
    "FO-MAML": ("FO-MAML", None, "second", "diamond"),
}
SLIDERS = (
    Slider("w₀", "start: drag here, or click on the chart", tuple((np.arange(25) / 8 - 1.5).tolist()), 24),
    Slider("k", "outer steps taken", tuple(range(0, 31 * STRIDE, STRIDE)), 30),
)


def setting(walker: str, start: float) -> Setting:
    """Instance A from ``start``; HF-MAML's probes move by 1/(6ρα) as printed, or by 1/√B of that."""
    algorithm, displacement, *_ = WALKERS[walker]
    return two_ramps_setting(algorithm, ALPHA, B, 1e-3, start, displacement=displacement)


def slope(w):
    """|F'(w)| for each w, or 10⁻⁴ where it is less."""
    family = setting("MAML", 0.0).family
    return np.maximum(np.abs(np.asarray(jax.vmap(lambda x: meta_gradient(family, ALPHA, x))(jnp.asarray(w)))), LEAST)


def columns() -> dict[str, np.ndarray]:
    """Where each walker stands after k steps, and |F'| there."""
    found = {}
    for place, walker in enumerate(WALKERS):
        at_start = setting(walker, 0.0)
        starts = jnp.asarray(SLIDERS[0].values)
        last = int(SLIDERS[1].values[-1])
        paths = jax.vmap(lambda w, at_start=at_start, last=last: large_batch_path(replace(at_start, w=w), last + 1))
        w = np.asarray(paths(starts))[:, ::STRIDE]
        found[f"w{place}"], found[f"slope{place}"] = w.round(4), slope(w.ravel()).reshape(w.shape)
    return found


def valley() -> tuple[list, list]:
    """|F'| over w, with more points near its zero, where it plunges."""
    zero = stationary_point(setting("MAML", 0.0), -1.0, 1.0)
    near = np.geomspace(LEAST / 2, 0.1, 25)
    w = np.sort(np.concatenate([np.linspace(-1.6, 1.6, 65), zero - near, zero + near])).round(6)
    return w.tolist(), rounded(slope(w)).tolist()


EXPLORER = Explorer(
    name="theorem_4_17",
    title="Theorem 4.17 on Instance A: drop a starting point and watch where each algorithm settles",
    sliders=SLIDERS,
    columns=columns,
    series=tuple(
        Series(f"slope{place}", walker, colour, "mark", shape, x=f"w{place}")
        for place, (walker, (_, _, colour, shape)) in enumerate(WALKERS.items())
    ),
    x=Axis("w", (-1.6, 1.6), log=False, ticks=(-1.5, -1, -0.5, 0, 0.5, 1, 1.5)),
    y=Axis("|F′(w)|", (0.7 * LEAST, 3)),
    sentence="From w₀ = {w₀}, after {k} steps: MAML is at {w0} with |F′| = {slope0}, HF-MAML with √B in δ at {w1} with "
    "{slope1}, HF-MAML with δ as printed at {w2} with {slope2}, FO-MAML at {w3} with {slope3}. (10⁻⁴ stands for "
    "anything less.)",
    backdrop=valley,
    backdrop_label="|F′(w)|",
    dropped=0,
)
