"""R2: by how much one policy is better than another, from the advantages of one and the visits of the other.

    J(π') − J(π) = (1 − γ)⁻¹ E_{σ_{π'}}[A^π]                                              (Kakade and Langford, 2002)

Proof. (I − γP_{π'})⁻¹Σ_aπ'(Q^π − V^π) = (I − γP_{π'})⁻¹(r_{π'} + γP_{π'}V^π − V^π) = V^{π'} − V^π. ∎
"""

from mamllib.statements.kit import OfNumbers, Parameters, Q, Source, Statement, case, mutant, np, question
from mamllib.statements.wang2020.meta_policy_gradient import two_states
from mamllib.statements.wang2020.policies import matrix
from mamllib.tasks import mdp as tabular
from mamllib.tasks.mdp import MDP


@question
class TwoPolicies(OfNumbers):
    """One MDP (in a tuple), and two policies π, π' (2, S, A)."""

    mdps: tuple[MDP, ...]
    comparator: Parameters


def difference(asked: TwoPolicies):
    """J(π') − J(π)."""
    (mdp,), (one, other) = asked.mdps, asked.comparator
    return tabular.performance(mdp, other) - tabular.performance(mdp, one)


def formula(asked: TwoPolicies, visiting: int = 1):
    """(1 − γ)⁻¹ E[A^π] over the actions of π', in the states that one of the two visits."""
    (mdp,), (one, other) = asked.mdps, asked.comparator
    states = tabular.visitation(mdp, asked.comparator[visiting]).sum(axis=1)
    return (states[:, None] * other * tabular.advantages(mdp, one)).sum() / (1 - mdp.discount)


def averaged_under_the_old(asked: TwoPolicies):
    """A^{π'} averaged under π, in the states that π' visits."""
    (mdp,), (one, other) = asked.mdps, asked.comparator
    states = tabular.visitation(mdp, other).sum(axis=1)
    return (states[:, None] * one * tabular.advantages(mdp, other)).sum() / (1 - mdp.discount)


def departure(asked: TwoPolicies, formula=formula):
    """|difference − formula|."""
    return np.array([abs(difference(asked) - formula(asked))])


def improved() -> TwoPolicies:
    """The first task of R1's instance: π uniform, π' after an inner step. Both sides are 86/69."""
    asked = two_states()
    return TwoPolicies.of(asked.mdps[:1], np.stack([matrix([[Q(1, 2)] * 2] * 2), asked.measured.policies[0]]))


PERFORMANCE_DIFFERENCE = Statement(
    id="wang2020/performance_difference",
    title="the difference of two policies (R2)",
    source=Source("wang2020", "the performance difference (R2)", "N"),
    claim=r"J(\pi')-J(\pi)=\tfrac1{1-\gamma}\mathbb E_{\sigma_{\pi'}}[A^\pi]",
    takes=TwoPolicies,
    lhs=departure,
    rhs=lambda asked: 0 * departure(asked),
    roundoff=lambda asked: 0.0,
    cases=(case("uniform against improved, two states: 86/69", improved),),
    mutants=(
        mutant("states that π visits", improved, lhs=lambda p: departure(p, lambda q: formula(q, 0))),
        mutant("A^{π'} averaged under π", improved, lhs=lambda p: departure(p, averaged_under_the_old)),
    ),
)
