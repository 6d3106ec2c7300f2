"""Where ascent on a meta-policy ends: the return along its one parameter, where two states want different actions."""

from itertools import product

import numpy as np

from mamllib.explorers.explorer import Axis, Explorer, Series, Slider
from mamllib.statements.wang2020.policies import MetaPolicy
from mamllib.tasks.mdp import MDP

GAIN, SLOPES = 1.0, (1.0, 3.0)
SLIDERS = (
    Slider("p", "chance of the state in which action 1 wins 1", (0.3, 0.5, 0.7, 0.9), 1),
    Slider("Δ", "what action 1 loses in the other state", (0.25, 0.45, 0.7, 1.0, 3.0), 1),
    Slider("η", "inner step", (0.0, 0.35, 0.7, 1.5), 0),
    Slider("θ", "where ascent starts", tuple(np.linspace(-4.0, 5.0, 19).tolist()), 6),
)
FINE = np.linspace(-6.0, 7.0, 2601)
STAYS = " That is a local maximum, and not the best."
BEST = " That is the best there is."


def policy(p, loss, eta, theta) -> MetaPolicy:
    """The same as the library has it, with γ = 0."""
    law = np.array([p, 1 - p])
    mdp = MDP.of(np.broadcast_to(law, (2, 2, 2)), [[0.0, GAIN], [0.0, -loss]], 0.0, law)
    return MetaPolicy.of((mdp,), np.array([[[0.0], [SLOPES[0]]], [[0.0], [SLOPES[1]]]]), np.array([theta]), eta, 1.0)


def returns(p, loss, eta, theta):
    """pS(θ + η) − (1 − p)ΔS(3θ − ηΔ), S the logistic function."""
    return p * GAIN * _logistic(SLOPES[0] * theta + eta * GAIN) - (1 - p) * loss * _logistic(
        SLOPES[1] * theta - eta * loss
    )


def _logistic(x):
    return 1 / (1 + np.exp(-x))


def ascent(p, loss, eta) -> tuple[np.ndarray, np.ndarray]:
    """For every start: where ascent ends within the picture, and the return there."""
    values = returns(p, loss, eta, FINE)
    rising = np.diff(values) > 0
    ends = []
    for start in SLIDERS[3].values:
        place = int(np.searchsorted(FINE, start))
        step = 1 if rising[min(place, len(rising) - 1)] else -1
        while 0 < place < len(FINE) - 1 and values[place + step] > values[place]:
            place += step
        ends.append(place)
    return FINE[ends], values[ends]


def columns() -> dict[str, np.ndarray]:
    """The return at every position, the end of ascent from there, how far it is from the best, and what that is."""
    shape = [len(slider.values) for slider in SLIDERS]
    rows = {"return": [], "end": [], "at": [], "gap": [], "said": []}
    for p, loss, eta in product(*(slider.values for slider in SLIDERS[:3])):
        ends, reached = ascent(p, loss, eta)
        best = max(returns(p, loss, eta, FINE))
        rows["return"] += list(returns(p, loss, eta, np.array(SLIDERS[3].values)))
        rows["end"] += list(ends)
        rows["at"] += list(reached)
        rows["gap"] += list(best - reached)
        rows["said"] += [BEST if value >= best - 1e-12 else STAYS for value in reached]
    return {name: np.array(row, dtype=object if name == "said" else float).reshape(shape) for name, row in rows.items()}


EXPLORER = Explorer(
    name="spurious_policies",
    title="The return of a policy after its inner step, and where ascent ends",
    sliders=SLIDERS,
    columns=columns,
    series=(
        Series("return", "return along θ, and the start", "bound"),
        Series("at", "where ascent ends", "wrong", "mark", "square", x="end"),
    ),
    x=Axis("parameter θ of the policy", (-6.5, 7.5), log=False, ticks=(-6, -4, -2, 0, 2, 4, 6)),
    y=Axis("return after the inner step", (-2.2, 1.0), log=False, ticks=(-2, -1, 0, 1)),
    sentence="From θ = {θ} ascent ends at θ = {end} with the return {at}; the best is {gap} higher.{said}",
)
