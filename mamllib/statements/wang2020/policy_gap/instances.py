"""Where R3 is tried: the smallest spurious maxima, in fractions, and where gradient ascent ends."""

from mamllib.statements.kit import Q, np, replace
from mamllib.statements.wang2020.meta_policy_gradient import random
from mamllib.statements.wang2020.policies import Log, MetaPolicy, ascended, matrix
from mamllib.statements.wang2020.policy_gap.question import PolicyGap
from mamllib.tasks import mdp as tabular
from mamllib.tasks.mdp import MDP


def one_state_law(p, gamma, gains, z, growth, comparator=((0, 1), (0, 1)), radius=Q(4)) -> PolicyGap:
    """Two states that come up with probabilities p whatever is done; action 1 wins Δ₀ in one, loses Δ₁ in the other.

    φ(0, 1) = 1, φ(1, 1) = 3, so that e^θ = z has to serve both. The comparator takes action 1, where θ → ∞ leads.
    """
    law = matrix(p)
    mdp = MDP.of(matrix([[p, p], [p, p]]), matrix([[0, gains[0]], [0, -gains[1]]]), gamma, law)
    features = matrix([[[0], [1]], [[0], [3]]])
    return PolicyGap.of((mdp,), features, (Log(z),), Log(growth), Q(1), matrix([comparator]), radius)


def spurious_a(**more) -> PolicyGap:
    """A: no inner step, γ = ½, Δ = (1, 49/108): a strict local maximum at z = ⅔, whose gap is ¼."""
    return one_state_law((Q(1, 2), Q(1, 2)), Q(1, 2), (Q(1), Q(49, 108)), Q(2, 3), Q(1), **more)


def spurious_b(**more) -> PolicyGap:
    """B: e^η = 5/4, stationary at θ = 0: gap 725/4041."""
    return one_state_law((Q(400, 449), Q(49, 449)), Q(0), (Q(1), Q(3)), Q(1), Q(5, 4), **more)


def spurious_c(**more) -> PolicyGap:
    """C: η = ln 2, θ = ln 2: gap 21/241."""
    return one_state_law((Q(225, 241), Q(16, 241)), Q(0), (Q(1), Q(3)), Q(2), Q(2), **more)


BEST = ((0, 1), (1, 0))


def one_state() -> PolicyGap:
    """One state, two actions, θ = 0: everything can be represented, and nothing is stationary."""
    mdp = MDP.of(matrix([[[1], [1]]]), matrix([[0, 1]]), Q(1, 2), matrix([1]))
    return PolicyGap.of((mdp,), matrix([[[0], [1]]]), (Log(Q(1)),), Log(Q(1)), Q(1), matrix([[[0, 1]]]), Q(2))


def against_the_best(asked: MetaPolicy, radius: float = 50.0) -> PolicyGap:
    """A meta-policy against an optimal policy of every task."""
    best = np.stack([tabular.optimal(mdp) for mdp in asked.mdps])
    return PolicyGap.of(asked.mdps, asked.features, asked.theta, asked.eta, asked.tau, best, radius)


def random_gap(seed: int, eta: float = 0.7) -> PolicyGap:
    """Two random MDPs of three states at a random θ."""
    return against_the_best(random(seed, eta=eta))


def climbed(draw: int = 6, eta: float = 3.0) -> PolicyGap:
    """One random MDP of two states and two actions, one parameter, at the maximum that gradient ascent ends in."""
    return against_the_best(ascended(random(draw, states=2, d=1, n=1, eta=eta, tau=1.0)))


def nearly_decided(draw: int = 24) -> PolicyGap:
    """Ascent from a θ four times as far out, on a random MDP of three states: what the policy hardly does is dear."""
    far = 4 * np.random.default_rng(draw).normal(size=2)
    return against_the_best(ascended(replace(random(draw, n=1, eta=0.0, tau=1.0), theta=far)))
