"""MAML theory, checked: what papers prove about model-agnostic meta-learning, as statements that can come out false.

>>> import mamllib as ml
>>> family = ml.TaskFamily.of([ml.Quadratic(1.0, -1.0), ml.Quadratic(1.0, 2.0)])
>>> float(ml.meta_loss(family, alpha=0.5, w=0.0))
0.3125
"""

from mamllib import (
    estimators,
    explorers,
    figures,
    measured,
    objectives,
    precision,  # noqa: F401  (sets float64 before any array exists)
    tasks,
)
from mamllib.checking.check import Check, UnexpectedVerdict
from mamllib.checking.falsify import Search, search
from mamllib.checking.hypothesis import Hypothesis
from mamllib.checking.recorded import Adversary, Case, Mutant, case, mutant
from mamllib.checking.statement import Source, Statement
from mamllib.checking.statistics import Mean, NormOfMean
from mamllib.checking.verdict import Grade, Verdict
from mamllib.copies import in_double
from mamllib.diagnosis import Diagnosis, Episode, diagnose, slip_directions
from mamllib.environment import describe_environment
from mamllib.estimators import (
    Batches,
    BatchSizes,
    Displacement,
    HessianFree,
    draw_batches,
    expected_direction,
    fo_maml,
    hf_maml,
    maml,
    register_estimator,
    task_batch_direction,
)
from mamllib.formatting import number
from mamllib.inner_loop import inner_step
from mamllib.ledger import STATEMENTS, Entry, UnknownStatementError, find, statement, table, verify
from mamllib.monte_carlo import Stream, Watched, stream
from mamllib.objectives import (
    inner_path,
    meta_gradient,
    meta_hessian_vector_product,
    meta_loss,
    sampled_meta_gradient,
    sampled_meta_loss,
    task_meta_gradient,
    task_meta_loss,
)
from mamllib.outer_step import OuterStep, adam, descent, optimizer
from mamllib.report import Table, power_table, report
from mamllib.statements import register
from mamllib.statements.fallah2020.convergence import run
from mamllib.statements.fallah2020.lemma_4_10 import MamlMean
from mamllib.statements.fallah2020.theorem_4_17 import large_batch_run
from mamllib.step_sizes import EstimatedStep, local_smoothness, mean_gradient_norm, steepest_direction
from mamllib.tasks import *  # noqa: F403
from mamllib.tasks import __all__ as _task_names
from mamllib.training import Algorithm, Problem, Trace, train
from mamllib.yours import UNDECLARED, ask, first_order_cost, measure, step_sizes_allowed

# What statements are asked about is found where they are: ``ml.Gap``, ``ml.Pairs``, …
globals().update(register.questions())

__all__ = [
    *register.questions(),
    "Adversary",
    "Algorithm",
    "BatchSizes",
    "Batches",
    "Case",
    "Check",
    "Diagnosis",
    "Entry",
    "Episode",
    "Hypothesis",
    "Displacement",
    "EstimatedStep",
    "HessianFree",
    "Grade",
    "MamlMean",
    "Mean",
    "Mutant",
    "NormOfMean",
    "OuterStep",
    "Problem",
    "STATEMENTS",
    "Search",
    "Source",
    "Statement",
    "Stream",
    "Watched",
    "Table",
    "Trace",
    "UNDECLARED",
    "UnexpectedVerdict",
    "UnknownStatementError",
    "Verdict",
    "adam",
    "ask",
    "case",
    "descent",
    "diagnose",
    "describe_environment",
    "draw_batches",
    "estimators",
    "expected_direction",
    "explorers",
    "figures",
    "find",
    "first_order_cost",
    "fo_maml",
    "hf_maml",
    "register_estimator",
    "in_double",
    "inner_path",
    "inner_step",
    "large_batch_run",
    "local_smoothness",
    "maml",
    "mean_gradient_norm",
    "measure",
    "measured",
    "meta_gradient",
    "meta_hessian_vector_product",
    "meta_loss",
    "mutant",
    "number",
    "objectives",
    "optimizer",
    "power_table",
    "report",
    "run",
    "sampled_meta_gradient",
    "sampled_meta_loss",
    "search",
    "slip_directions",
    "statement",
    "steepest_direction",
    "step_sizes_allowed",
    "stream",
    "table",
    "task_batch_direction",
    "task_meta_gradient",
    "task_meta_loss",
    "tasks",
    "train",
    "verify",
    *_task_names,
]
