"""Runs of Algorithms 1 and 2 and of HF-MAML exactly as printed, recorded: the instance of the convergence theorems."""

from fractions import Fraction
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from mamllib import arithmetic, objectives, tree
from mamllib.estimators import Batches, fo_maml, hf_maml, maml
from mamllib.outer_step import descent
from mamllib.statements.fallah2020.convergence.setting import Setting, step_batches
from mamllib.statements.instance import instance
from mamllib.step_sizes import EstimatedStep, local_smoothness
from mamllib.tasks.task import Batch, Parameters
from mamllib.training import Algorithm, Problem, train

VISITED_ENDS = 3


@instance()
class Run:
    """A setting, ‖∇F(w_k)‖ of every run and iterate (seeds, K), and points visited, where hypotheses are measured."""

    setting: Setting
    gradient_norms: Parameters
    visited: Parameters


@instance()
class Known:
    """What the step rule and the estimators read besides the task: L, ρ, and how far a probe of HF-MAML moves."""

    L: Parameters
    rho: Parameters
    displacement: Parameters


def run(setting: Setting, iterations: int, seeds: int = 16, seed: int = 0) -> Run:
    """Run ``setting`` for ``iterations`` outer steps and ``seeds`` independent seeds; ∇F is recorded exactly.

    In fractions there is one run, which must be deterministic: one task without noise.
    """
    if arithmetic.is_exact(setting.w):
        return _exact_run(setting, iterations)
    trace = train(_algorithm(setting), _problem(setting), setting.w, 10_000 * seed + np.arange(seeds), iterations)
    ends = jax.tree.map(lambda leaf: leaf[:VISITED_ENDS], trace.w)
    visited = jax.tree.map(lambda start, end: jnp.concatenate([jnp.asarray(start)[None], end]), setting.w, ends)
    return Run(setting, np.asarray(trace.records), visited)


def probe(displacement):
    """The rule ‖g‖ ↦ δ that moves HF-MAML's probes by ``displacement``; where g = 0 any δ serves."""
    return lambda norm: displacement / arithmetic.where(norm > 0, norm, 1 + 0 * norm)


def _maml(task, alpha, w, batches, known: Known):
    return maml(task, alpha, w, batches)


def _fo_maml(task, alpha, w, batches, known: Known):
    return fo_maml(task, alpha, w, batches)


def _hf_maml(task, alpha, w, batches, known: Known):
    return hf_maml(task, alpha, w, batches, probe(known.displacement))


ESTIMATORS = {"MAML": _maml, "FO-MAML": _fo_maml, "HF-MAML": _hf_maml}


def gradient_norm(problem: Problem, w):
    """‖∇F(w)‖."""
    return tree.norm(objectives.meta_gradient(problem.family, problem.alpha, w))


def known(setting: Setting) -> Known:
    """L, ρ and the displacement of a setting."""
    return Known(setting.constants.L, setting.constants.rho, setting.displacement)


def _problem(setting: Setting) -> Problem:
    return Problem(setting.family, setting.alpha, known(setting))


def _algorithm(setting: Setting) -> Algorithm:
    return _compiled_once(setting.algorithm, float(setting.fraction), *step_batches(setting), setting.B, setting.sizes)


@cache
def _compiled_once(algorithm, fraction, B_step, D_beta, B, sizes) -> Algorithm:
    rule = descent(EstimatedStep(fraction, B_step, D_beta))
    return Algorithm(ESTIMATORS[algorithm], rule, gradient_norm, B, sizes)


def _exact_run(setting: Setting, iterations: int) -> Run:
    (task,), c = setting.family, setting.constants
    batch = Batch(task.support(), (Fraction(1),))
    w, norms = setting.w, []
    for _ in range(iterations):
        norms.append(gradient_norm(_problem(setting), w))
        smoothness = local_smoothness(setting.family, c.L, c.rho, setting.alpha, w)
        direction = ESTIMATORS[setting.algorithm](task, setting.alpha, w, Batches(batch, batch, batch), known(setting))
        w = tree.step(w, setting.fraction / smoothness, direction)
    return Run(setting, np.array([norms], dtype=object), (setting.w, w))
