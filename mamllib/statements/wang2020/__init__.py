"""Wang, Cai, Yang, Wang (ICML 2020), supervised half: this companion's own derivations in the paper's setting.

>>> import jax.numpy as jnp
>>> from mamllib.statements import wang2020
>>> points = jnp.eye(2)
>>> shares, labels = jnp.array([[0.5, 0.5], [0.9, 0.1]]), jnp.array([[1.0, -1.0], [1.0, 1.0]])
>>> problem = wang2020.Problem.of(shares, labels, kernel=points, eta=0.5, loss=wang2020.LOGISTIC)
>>> case = wang2020.Stationarity.of(problem, points, omega=jnp.zeros(2), comparator=jnp.ones(2), radius=2.0)
>>> str(wang2020.OPTIMALITY_GAP.check(case).verdict)
'holds'
"""

from mamllib.statements.wang2020.draws import Widths, networks, point_masses
from mamllib.statements.wang2020.inner_step_too_large import INNER_STEP
from mamllib.statements.wang2020.linearisation import Displaced
from mamllib.statements.wang2020.linearisation_statements import (
    ATOMS,
    FEATURES,
    FEATURES_AT_ATOMS,
    IN_MEAN,
    SURE,
)
from mamllib.statements.wang2020.loss import DOUBLE_WELL, LOGISTIC, SQUARED, Loss
from mamllib.statements.wang2020.nearly_stationary import Stationarity
from mamllib.statements.wang2020.optimality_gap import OPTIMALITY_GAP
from mamllib.statements.wang2020.problem import Problem
from mamllib.statements.wang2020.trained import Trained
from mamllib.statements.wang2020.two_layer_gap import (
    FEATURES_AT_START,
    TWO_LAYER_GAP,
    TWO_LAYER_GAP_HALVED,
)

STATEMENTS = (
    OPTIMALITY_GAP,
    INNER_STEP,
    TWO_LAYER_GAP,
    TWO_LAYER_GAP_HALVED,
    FEATURES_AT_START,
    SURE,
    IN_MEAN,
    FEATURES,
    ATOMS,
    FEATURES_AT_ATOMS,
)
