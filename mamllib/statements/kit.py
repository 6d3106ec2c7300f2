"""The one import of a statement's file: what claims, questions, measurements and instances are written with."""
# ruff: noqa: F401

from dataclasses import replace
from fractions import Fraction as Q

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, estimators, objectives, tree, validation
from mamllib.arithmetic import Scalar, absolute, each, is_exact, larger, root_above, root_below, smaller, sqrt, where
from mamllib.batches import expectation
from mamllib.checking.hypothesis import Hypothesis, equal, holds_if, strictly
from mamllib.checking.margins import margin
from mamllib.checking.quantity import Quantity
from mamllib.checking.recorded import Adversary, Case, Mutant, build, case, mutant
from mamllib.checking.statement import Source, Statement
from mamllib.checking.statistics import Mean, NormOfMean
from mamllib.checking.terms import Sum, total
from mamllib.checking.verdict import Grade, Verdict
from mamllib.estimators import BatchSizes
from mamllib.statements import deviations, measure
from mamllib.statements.assumptions import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SAMPLE_HESSIAN,
    SMOOTH,
    TASK_DEVIATION,
    UNBIASED,
    Measured,
    with_samples,
)
from mamllib.statements.measure import inner
from mamllib.statements.places import (
    Places,
    columns,
    each_place,
    fan,
    join,
    join_segments,
    largest,
    segments,
    stack,
)
from mamllib.statements.question import Answer, OfNumbers, Question, evaluate, question, relative_roundoff
from mamllib.tasks import Constants, TaskFamily
from mamllib.tasks.task import Parameters


def smaller_of(a, b):
    """min(a, b) at every point, of numbers, arrays, or arrays of fractions."""
    return np.minimum(a, b) if isinstance(a, np.ndarray) else smaller(a, b)
