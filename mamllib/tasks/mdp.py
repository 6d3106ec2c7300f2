"""Tabular Markov decision processes: values, visitations and advantages by linear solves, in floats or in fractions.

Reinforcement learning maximises; nothing here is a loss f, so an ``MDP`` is no ``Task``.
"""

from dataclasses import dataclass
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, validation
from mamllib.arithmetic import AnyArray, Scalar
from mamllib.errors import ShapeError

ROUND_OFF = 1e-12


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class MDP:
    """Finitely many states S and actions A: ``transitions`` P(s'|s, a) (S, A, S), ``rewards`` r(s, a) (S, A), the
    ``discount`` γ ∈ [0, 1), and the law ``start`` ζ (S,) of the first state. Make one with ``MDP.of``.
    """

    transitions: AnyArray
    rewards: AnyArray
    discount: Scalar
    start: AnyArray

    @classmethod
    def of(cls, transitions, rewards, discount, start) -> "MDP":
        """Check what is given.

        Raises:
            ValueError: a row of P, or ζ, that is negative or does not sum to 1; γ outside [0, 1); a reward that is not
                finite. ShapeError: shapes that do not fit together. PrecisionError: a float among fractions.
        """
        transitions, rewards, start = (_array(each) for each in (transitions, rewards, start))
        states, actions = _shape(rewards)
        if transitions.shape != (states, actions, states) or start.shape != (states,):
            raise ShapeError(
                f"transitions have shape {transitions.shape} and start {start.shape}; with rewards {rewards.shape} they"
                f" have ({states}, {actions}, {states}) and ({states},)"
            )
        validation.require_one_arithmetic(transitions=transitions, rewards=rewards, discount=discount, start=start)
        _require_laws("a row of transitions", transitions.reshape(-1, states))
        _require_laws("start", start[None])
        if not 0 <= discount < 1:
            raise ValueError(f"discount = {discount} is not allowed: γ lies in [0, 1)")
        if not np.all(np.isfinite(rewards.astype(float))):
            raise ValueError("rewards hold a non-finite value; every entry must be finite")
        return cls(transitions, rewards, discount, start)


def values(mdp: MDP, policy):
    """V_π(s), from (I − γP_π)V = r_π; ``policy`` is π(a|s), shape (S, A)."""
    return solve(_resolvent(mdp, policy), (policy * mdp.rewards).sum(axis=1))


def action_values(mdp: MDP, policy):
    """Q_π(s, a) = r(s, a) + γ Σ_{s'} P(s'|s, a) V_π(s')."""
    return mdp.rewards + mdp.discount * _mean_over_next(mdp, values(mdp, policy))


def advantages(mdp: MDP, policy):
    """A_π(s, a) = Q_π(s, a) − V_π(s)."""
    found = action_values(mdp, policy)
    return found - (policy * found).sum(axis=1)[:, None]


def performance(mdp: MDP, policy):
    """J(π) = E_ζ V_π."""
    return (mdp.start * values(mdp, policy)).sum()


def visitation(mdp: MDP, policy):
    """σ_π(s, a) = (1 − γ) Σ_t γᵗ P(s_t = s) π(a|s), a law on S × A."""
    states = solve(_resolvent(mdp, policy).T, mdp.start)
    return (1 - mdp.discount) * states[:, None] * policy


def visits_from(mdp: MDP, policy):
    """(I − γP_π)⁻¹ as (S, S): discounted visits of t from s."""
    return solve(_resolvent(mdp, policy), _identity(len(mdp.start), policy))


def next_visits(mdp: MDP, policy):
    """Discounted visits of t after (s, a), (S, A, S)."""
    visits = visits_from(mdp, policy)
    return mdp.discount * (mdp.transitions[..., None] * visits[None, None]).sum(axis=2)


def optimal(mdp: MDP):
    """A deterministic optimal policy (S, A), by policy iteration; ties go to the first action."""
    actions, one = mdp.rewards.shape[1], mdp.rewards[0, 0] * 0 + 1
    chosen = np.zeros(len(mdp.start), int)
    for _ in range(actions ** len(mdp.start)):
        policy = (chosen[:, None] == np.arange(actions)) * one
        found = np.asarray(action_values(mdp, policy))
        kept = found[np.arange(len(chosen)), chosen]
        better = found.max(axis=1) > kept + (0 if arithmetic.is_exact(found) else ROUND_OFF * np.abs(found).max())
        if not np.any(better):
            return policy
        chosen = np.where(better, found.argmax(axis=1), chosen)
    return policy


def solve(matrix, right):
    """matrix⁻¹ right; by elimination where entries are fractions, or anything else that adds and divides."""
    if np.asarray(matrix).dtype == object if not arithmetic.is_traced(matrix) else False:
        return _eliminated(np.array(matrix), np.array(right))
    known = not arithmetic.is_traced((matrix, right))
    return (np.linalg.solve if known else jnp.linalg.solve)(matrix, right)


def _eliminated(matrix, right):
    """Gauss and Jordan; I − γP is diagonally dominant, so that no pivot is 0."""
    for pivot in range(len(matrix)):
        scale = matrix[pivot, pivot]
        matrix[pivot], right[pivot] = matrix[pivot] / scale, right[pivot] / scale
        for row in range(len(matrix)):
            if row != pivot:
                factor = matrix[row, pivot]
                matrix[row], right[row] = matrix[row] - factor * matrix[pivot], right[row] - factor * right[pivot]
    return right


def _resolvent(mdp: MDP, policy):
    """I − γP_π."""
    chain = (policy[..., None] * mdp.transitions).sum(axis=1)
    return _identity(len(mdp.start), policy) - mdp.discount * chain


def _identity(size: int, like):
    exact = not arithmetic.is_traced(like) and np.asarray(like).dtype == object
    return np.identity(size, dtype=int) + (Fraction(0) if exact else 0.0)


def _mean_over_next(mdp: MDP, values):
    return (mdp.transitions * values).sum(axis=-1)


def _array(value):
    array = np.asarray(value)
    return array if array.dtype == object else array.astype(float)


def _shape(rewards) -> tuple[int, int]:
    if rewards.ndim != 2 or not rewards.size:
        raise ShapeError(f"rewards have shape {rewards.shape}; they are (states, actions)")
    return rewards.shape


def _require_laws(name: str, rows) -> None:
    for number, row in enumerate(rows):
        total = row.sum()
        if min(row) < 0 or not abs(total - 1) <= (0 if arithmetic.is_exact(row) else ROUND_OFF):
            raise ValueError(f"{name} ({number}) sums to {float(total):.6g}; probabilities are ≥ 0 and sum to 1")
