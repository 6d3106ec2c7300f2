"""A seeded adversary: a global optimiser that looks for the instance on which a statement is tightest, or false."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import differential_evolution

from mamllib.arithmetic import Scalar
from mamllib.checking.statement import Adversary, Statement


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

    A ratio above 1 (beyond round-off) refutes the statement.
    """

    @jax.jit
    def negative_ratios(columns):
        def ratio(parameters):
            instance = adversary.build(parameters)
            return jnp.max(statement.lhs(instance) / statement.rhs(instance))

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
    return Search(statement.id, adversary.name, -float(result.fun), adversary.known, result.x, result.nit)
