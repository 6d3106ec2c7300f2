"""The meta-gradient of a policy from walks: pairs drawn as they are visited, with an interval for every coordinate.

A walk begins with the start law and ends after each step with chance 1 − γ; its last pair (s, a) has the law σ. The
mean of ψ(s, a)A(s, a)/(1 − γ) over such pairs is the gradient of R1, without bias where ψ and A are known, as they are
here.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from mamllib.statements.wang2020.policies import MetaPolicy
from mamllib.tasks.mdp import MDP


class Sampled(NamedTuple):
    """The mean (d,) of independent walks, and the half width of its interval, at ``risk`` for every coordinate."""

    mean: np.ndarray
    half: np.ndarray


def sampled_gradient(
    asked: MetaPolicy, rng: np.random.Generator, walks: int, risk: float = 1e-3, moved: bool = True
) -> Sampled:
    """∇𝓛 from ``walks`` walks of every task; without η∇Q unless ``moved``. Floats alone."""
    found, draws = asked.measured, []
    psi = found.psi + (asked.eta * found.psi_eta if moved else 0.0)
    for index, mdp in enumerate(asked.mdps):
        states, actions = last_pairs(mdp, found.policies[index], rng, walks)
        advantage = found.advantages[index, states, actions] / (1 - mdp.discount)
        draws.append(psi[index, states, actions] * advantage[:, None])
    each = np.mean(draws, axis=0)
    return Sampled(each.mean(axis=0), stdtrit(walks - 1, 1 - risk / 2) * each.std(axis=0, ddof=1) / np.sqrt(walks))


def last_pairs(mdp: MDP, policy, rng: np.random.Generator, walks: int) -> tuple[np.ndarray, np.ndarray]:
    """The state and the action in which each walk ends."""
    states, actions = _drawn(rng, np.broadcast_to(mdp.start, (walks, len(mdp.start)))), np.zeros(walks, int)
    going = np.ones(walks, bool)
    while going.any():
        actions[going] = _drawn(rng, policy[states[going]])
        going[going] = rng.random(going.sum()) < mdp.discount
        states[going] = _drawn(rng, mdp.transitions[states[going], actions[going]])
    return states, actions


def _drawn(rng: np.random.Generator, laws) -> np.ndarray:
    """An index from each row of probabilities."""
    return np.minimum((rng.random((len(laws), 1)) > np.cumsum(laws, axis=1)).sum(axis=1), laws.shape[1] - 1)
