"""A seeded adversary: a global optimiser that looks for the instance on which a statement is tightest, or false."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import differential_evolution

from mamllib.arithmetic import Scalar
from mamllib.checking.recorded import Adversary
from mamllib.checking.statement import Statement


@dataclass(frozen=True)
class Search:
    """The largest lhs/rhs that an adversary found, where, and after how many generations."""

    statement: str
    adversary: str
    ratio: float
    known: Scalar
    parameters: np.ndarray
    generations: int


def search(statement: Statement, adversary: Adversary, seed: int = 0, generations: int = 300) -> Search:
    """Maximise lhs/rhs over the adversary's family by differential evolution (SciPy), a whole generation at a time.

    Instances on which a hypothesis fails do not count. A ratio above 1 (beyond round-off) refutes the statement.

    Raises:
        ValueError: no instance of the family meets the hypotheses.
    """

    @jax.jit
    def negative_ratios(columns):
        def ratio(parameters):
            instance = adversary.build(parameters)
            ratio = jnp.max(statement.lhs(instance) / statement.rhs(instance))
            return jnp.where(_all_met(statement.measure_hypotheses(instance)), ratio, -jnp.inf)

        return -jax.vmap(ratio)(columns.T)

    result = differential_evolution(
        lambda columns: np.asarray(negative_ratios(columns)),
        adversary.bounds,
        rng=seed,
        maxiter=generations,
        popsize=20,
        tol=1e-8,
        polish=False,
        vectorized=True,
        updating="deferred",
    )
    if not np.isfinite(result.fun):
        raise ValueError(f"{statement.id}: no instance of “{adversary.name}” meets the hypotheses")
    return Search(statement.id, adversary.name, -float(result.fun), adversary.known, result.x, result.nit)


def _all_met(hypotheses):
    """Whether all are met, as a traced truth value."""
    rooms = [(jnp.asarray(h.room, float), h.strict) for h in hypotheses.values()]
    return jnp.all(jnp.stack([room > 0 if strict else room >= 0 for room, strict in rooms] or [jnp.asarray(True)]))
