"""The words of all questions: one name, one symbol, one check and one default for each thing that can be given."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import jax
import numpy as np

from mamllib import arithmetic, validation
from mamllib.tasks.family import require_family, require_task

REQUIRED = object()  # where a value must be given
ALGORITHMS = ("MAML", "FO-MAML", "HF-MAML")


@dataclass(frozen=True)
class Word:
    """What a name stands for, how a value is checked, and what it is where none is given.

    ``units`` are the powers of (μ, ν) by which it is multiplied where losses become μf(·/ν).
    """

    symbol: str
    meaning: str
    check: Callable[[str, Any], None]
    default: Any = REQUIRED
    static: bool = False
    units: tuple[int, int] = (0, 0)


def _family(name, value):
    require_family(value)
    for task in value.kinds:
        validation.require_double_precision(f"a task of {name}", task)


def _constants(name, value):
    if value is not None:
        validation.require_constants(value)


def _sigma(name, value):
    if value is not None:
        validation.require_constant(name, value)


def _rate(name, value):
    if np.ndim(value):
        raise ValueError(
            f"{name} has shape {np.shape(value)}; a statement takes one number, the largest of several rates"
        )
    validation.require_nonnegative(name, value)


def _samples(name, value):
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise ValueError(f"{name} = {value} is not allowed: samples is an integer ≥ 0 (0 lists all batches)")


def _seed(name, value):
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} = {value!r} is not allowed: a seed is an integer")


def _count(name, value):
    validation.require_batch_size(name, value)


def _steps(name, value):
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise ValueError(f"{name} = {value} is not allowed: the number of inner steps is an integer ≥ 0")


def _samples_or_all(name, value):
    if value != math.inf:
        validation.require_batch_size(name, value)


def _sizes(name, value):
    if not hasattr(value, "_asdict"):
        raise TypeError(f"{name} is of type {type(value).__name__}; give BatchSizes(D_in, D_o, D_h)")
    for each, size in value._asdict().items():
        validation.require_batch_size(each, size)


def _algorithm(name, value):
    if value not in ALGORITHMS:
        raise ValueError(f"{name} = {value!r} is not allowed: it is one of {', '.join(ALGORITHMS)}")


def _positive_where_given(name, value):
    if value is not None:
        validation.require_positive(name, value)


def _finite(name, value):
    if not np.isfinite(float(value)):
        raise ValueError(f"{name} = {value} is not allowed: {name} must be finite")


def _differences(name, value):
    if np.ndim(value) != 2 or np.shape(value)[1] < 2:
        raise ValueError(f"{name} has shape {np.shape(value)}; it is (comparison, seed), with two seeds or more")
    if not np.all(np.isfinite(value)):
        raise ValueError(f"{name} holds a non-finite value; every entry must be finite")


def _mdps(name, value):
    validation.require_a(tuple | list, name, value, "a tuple of MDPs")
    if not len(value):
        raise ValueError(f"{name} is empty: at least one MDP is needed")


def _finite_array(name, value):
    if not np.all(np.isfinite(np.asarray(value, dtype=float))):
        raise ValueError(f"{name} holds a non-finite value; every entry must be finite")


def _numbers_or_logs(name, value):
    numbers = [leaf for leaf in jax.tree.leaves(value) if not isinstance(leaf, Fraction)]
    if not all(np.all(np.isfinite(np.asarray(number, float))) for number in numbers):
        raise ValueError(f"{name} holds a non-finite value; every entry must be finite")


def _step_or_log(name, value):
    of = getattr(value, "of", None)
    if of is None:
        validation.require_nonnegative(name, value)
    elif of < 1:
        raise ValueError(f"{name} = ln {of} is not allowed: {name} must be ≥ 0, so e^{name} ≥ 1")


def _dimension(name, value):
    validation.require_count(name, value)


def _any(name, value):
    pass


WORDS = {
    "family": Word("p", "tasks and their probabilities", _family),
    "task": Word("φ", "one task", require_task),
    "alpha": Word("α", "inner step size", _rate, units=(-1, 2)),
    "w": Word("w", "meta-parameters, any tree of arrays", validation.require_parameters, units=(0, 1)),
    "u": Word("u", "other meta-parameters", validation.require_parameters, units=(0, 1)),
    "v": Word("v", "direction of a probe", validation.require_parameters, units=(1, -1)),
    "delta": Word("δ", "step of a probe", validation.require_positive, units=(-1, 2)),
    "steps": Word("N", "number of inner steps", _steps, 1, static=True),
    "D_in": Word("D_in", "samples of the inner step", _count, static=True),
    "D_o": Word("D_o", "samples of the outer gradient", _count, 1, static=True),
    "D_h": Word("D_h", "samples of the Hessian", _count, 1, static=True),
    "D_test": Word("D_test", "samples of the inner step at test time", _count, static=True),
    "D_beta": Word("D_β", "samples behind the outer step", _count, static=True),
    "B": Word("B", "tasks of a batch", _count, static=True),
    "sizes": Word("D_in, D_o, D_h", "batch sizes of a task", _sizes, static=True),
    "phi": Word("φ", "weight in Young's inequality", validation.require_positive, 1.0),
    "gap": Word("Δ", "bound of F(w₀) − min F", validation.require_nonnegative, units=(1, 0)),
    "epsilon": Word("ε", "accuracy asked for", validation.require_positive, units=(1, -1)),
    "sigma": Word("σ", "bound of the task deviation; the family's where none is given", _sigma, None, units=(1, -1)),
    "sigma_squared": Word("σ²", "its square; the family's where none is given", _sigma, None, units=(2, -2)),
    "shift": Word("b", "bound of E_i‖∇l_S − ∇l_T‖", validation.require_constant, units=(1, -1)),
    "shift_rms": Word("b̃", "bound of its root mean square", validation.require_constant, units=(1, -1)),
    "constants": Word("L, ρ, σ̃, σ_H", "the family's where none are given", _constants, None),
    "samples": Word("", "draws where not all batches are listed; 0 lists them", _samples, 0, static=True),
    "seed": Word("", "of the samples", _seed, 0, static=True),
    "c": Word("c", "αLN, of an inner step α = c/(NL)", validation.require_nonnegative),
    "divisor": Word("C", "β_k = 1/(C L_{w_k})", validation.require_positive, 1.0),
    "m": Word("m", "samples of the inner step; ∞ for the gradient itself", _samples_or_all, static=True),
    "d": Word("d", "dimension of w", _dimension, static=True),
    "rho_E": Word("ρ_E", "curvature of the easy tasks, along every axis", validation.require_positive, units=(1, -2)),
    "rho_H": Word("ρ_H", "curvature of the hard tasks", validation.require_positive, units=(1, -2)),
    "r_E": Word(
        "r_E", "variance of an easy task's optimum, a coordinate", validation.require_nonnegative, units=(0, 2)
    ),
    "r_H": Word("r_H", "variance of a hard task's optimum", validation.require_nonnegative, units=(0, 2)),
    "R": Word("R", "distance of the two centres, a coordinate", validation.require_nonnegative, units=(0, 1)),
    "beta_E": Word("β_E", "least curvature of the easy task along its path", _finite, units=(1, -2)),
    "L_E": Word("L_E", "largest curvature of the easy task along its path", _finite, units=(1, -2)),
    "L_H": Word("L_H", "largest curvature of the hard task along its path", _finite, units=(1, -2)),
    "differences": Word("", "accuracies of one arm less those of another, (comparison, seed)", _differences),
    "mdps": Word("", "MDPs on shared states and actions, equally likely", _mdps),
    "features": Word("φ", "features of states and actions, (S, A, d)", _finite_array),
    "theta": Word("θ", "parameters (d,); in fractions the Log of e^θ for each", _numbers_or_logs),
    "eta": Word("η", "inner step; in fractions the Log of e^η", _step_or_log),
    "tau": Word("τ", "temperature", validation.require_positive),
    "comparator": Word("π*", "policies to compare with, (n, S, A)", _finite_array),
    "radius": Word("", "radius R of the ball for v", validation.require_positive),
    "iterations": Word("K", "outer steps", _count, static=True),
    "runs": Word("", "independent runs", _count, 32, static=True),
    "algorithm": Word("", "MAML, FO-MAML or HF-MAML", _algorithm, static=True),
    "fraction": Word("β_k/β̃", "the theorem's where none is given", _positive_where_given, None),
    "displacement": Word(
        "δ‖g‖",
        "move of HF-MAML's probes; 1/(6ρα√B) where none is given",
        _positive_where_given,
        None,
        units=(0, 1),
    ),
}


def word(name: str) -> Word:
    """The word of this name.

    Raises:
        KeyError: no such word; a question may only be made of known ones.
    """
    return WORDS[name]


def plain(value):
    """A Python float for one concrete number, so that equal questions are equal programs; else the value as it is."""
    if isinstance(value, Fraction) or not validation.is_concrete(value) or np.ndim(value) or arithmetic.is_exact(value):
        return value
    return float(value)
