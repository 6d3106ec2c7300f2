"""Runs of Algorithms 1 and 2 and of HF-MAML exactly as printed: the instance of the convergence theorems."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import jax
import numpy as np

from mamllib import objectives, tree, validation
from mamllib.arithmetic import is_exact
from mamllib.checking.hypothesis import PROVED, Hypothesis, holds_if
from mamllib.checking.margins import margin
from mamllib.estimators import Batches
from mamllib.outer_step import descent
from mamllib.statements.assumptions import Measured
from mamllib.statements.fallah2020.convergence.printed import printed_estimator
from mamllib.statements.fallah2020.convergence.setting import Setting, step_batches
from mamllib.statements.fallah2020.convergence.stride import Watch
from mamllib.statements.question import Question, evaluate, relative_roundoff
from mamllib.step_sizes import EstimatedStep, local_smoothness
from mamllib.tasks.task import Batch
from mamllib.training import Algorithm, Problem, train

SEEDS_APART = 10_000
TOLERANCE = 1e-9
ASSUMED = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "bias")


class Met(NamedTuple):
    """‖∇F(w_k)‖ of every run and iterate (seeds, K), the largest of what was watched over all of them, and each w_K."""

    gradient_norms: Any
    watched: dict[str, Any]
    ends: Any = ()


class Recording:
    """What ``setting`` does in ``iterations`` outer steps from each of ``seeds``.

    It follows from the setting and the seeds, so it is done when it is first asked for, and nobody can hand it over:
    watching every step costs several times as much as the steps, and only a statement asks for that.
    """

    def __init__(self, setting: Setting, iterations: int, seeds: tuple[int, ...]):
        self.setting, self.iterations, self.seeds = setting, iterations, seeds

    @property
    def gradient_norms(self):
        """‖∇F(w_k)‖, (seeds, K)."""
        return self.seen.gradient_norms

    @property
    def seen(self) -> Met:
        """Norms and ends, with what was watched only if a statement has asked for it."""
        return self.met if "met" in self.__dict__ else self._unwatched

    @cached_property
    def met(self) -> Met:
        """The norms, and what every step met."""
        return _exact_run(self.setting, self.iterations) if is_exact(self.setting.w) else self._trained(watch=True)

    @cached_property
    def _unwatched(self) -> Met:
        return self.met if is_exact(self.setting.w) else self._trained(watch=False)

    def _trained(self, watch: bool) -> Met:
        setting, algorithm = self.setting, algorithm_of(self.setting)
        algorithm = watched(algorithm, setting) if watch else algorithm
        trace = train(algorithm, problem_of(setting), setting.w, self.seeds, self.iterations)
        largest = {name: float(np.max(values)) for name, values in trace.watched.items()} if watch else {}
        return Met(np.asarray(trace.records), largest, trace.w)


@dataclass(frozen=True, init=False)
class Run(Question):
    """A setting and the recording of it. Made by ``run``.

    Raises:
        TypeError: anything but a recording that ``run`` made is given.
    """

    setting: Setting
    recording: Recording

    recipe = "run(setting, iterations, seeds=16, seed=0)"

    def __init__(self, setting: Setting, recording=None, *others):
        if others or not isinstance(recording, Recording):
            raise TypeError("a Run is made by run(setting, iterations, seeds) alone: what it holds is what was run")
        object.__setattr__(self, "setting", setting)
        object.__setattr__(self, "recording", recording)

    @property
    def gradient_norms(self):
        """‖∇F(w_k)‖ of every run and iterate, (seeds, K)."""
        return self.recording.gradient_norms

    @property
    def ends(self):
        """w_K of every run, along a leading axis."""
        return self.recording.seen.ends

    @property
    def constants(self):
        """Those of the setting."""
        return self.setting.constants

    @property
    def sigma(self):
        """That of the setting."""
        return self.setting.sigma

    def rescaled(self, mu, nu) -> "Run":
        """The same run of losses μf(·/ν)."""
        setting = self.setting.rescaled(mu, nu)
        return Run(setting, Recording(setting, self.recording.iterations, self.recording.seeds))

    @property
    def certificate(self):
        """What is proved of the setting's tasks."""
        return self.setting.certificate

    @property
    def trials(self):
        """What came out when the functions of the setting's tasks were tried."""
        return self.setting.trials

    @property
    def assumed(self) -> Measured:
        """The largest of what each constant bounds over every step of every run."""
        return Measured({name: self.recording.met.watched[name] for name in ASSUMED}, self._places)

    @property
    def is_as_set(self) -> bool:
        """Whether the setting is, in all that a run depends on, the one that was run."""
        (ours, shape), (theirs, other) = map(_what_is_run, (self.setting, self.recording.setting))
        return shape == other and all(map(np.array_equal, ours, theirs))

    def departure(self, name: str) -> Hypothesis:
        """How far below 10⁻⁹ the largest relative departure of what was run from what is printed is, where ``name`` is
        the ``estimator`` or the outer ``step``."""
        off = self.recording.met.watched[name]
        return Hypothesis(holds_if(off == 0) if self._is_exact else margin(TOLERANCE, off), places=self._steps)

    def fall(self) -> Hypothesis:
        """The margin of Δ over F(w₀) less the lowest F met; in fractions every iterate is seen."""
        start, lowest = evaluate(_start, self.setting), -self.recording.met.watched["depth"]
        noise = 0 if self._is_exact else relative_roundoff(self.setting) * (abs(start) + abs(lowest))
        fall = start - lowest - noise
        return Hypothesis(margin(self.setting.gap, 0 * fall if fall <= 0 else fall), places=self._steps)

    @property
    def _is_exact(self) -> bool:
        return is_exact(self.setting.w)

    @property
    def _steps(self) -> int:
        return PROVED if self._is_exact else self.recording.iterations * len(self.recording.seeds)

    @property
    def _places(self) -> int:
        recording = self.recording
        return int(recording.met.watched["places"]) * recording.iterations * len(recording.seeds)


@dataclass(frozen=True)
class LocalStep:
    """β_k = ``fraction``/L(w_k): what ``EstimatedStep`` is where all tasks are one and have no noise."""

    fraction: Any

    def __call__(self, problem: Problem, w, source):
        """β_k at ``w``."""
        c = problem.parameters
        return self.fraction / local_smoothness(problem.family, c.L, c.rho, problem.alpha, w)


def run(setting: Setting, iterations: int, seeds: int = 16, seed: int = 0) -> Run:
    """Run ``setting`` for ``iterations`` outer steps and ``seeds`` independent seeds; ∇F is recorded exactly.

    In fractions there is one run, which must be deterministic: one task without noise.

    Raises:
        ValueError: ``iterations`` or ``seeds`` is not an integer ≥ 1; L = 0, where β̃ = 1/L̃ is not defined.
    """
    for name, count in (("iterations", iterations), ("seeds", seeds)):
        validation.require_count(name, count)
    if setting.constants.L == 0:
        raise ValueError("constants.L = 0 is not allowed in a run: its step β̃ = 1/L̃ needs L > 0")
    if is_exact(setting.w):
        return Run(setting, Recording(setting, iterations, (0,)))
    return Run(setting, Recording(setting, iterations, tuple(range(SEEDS_APART * seed, SEEDS_APART * seed + seeds))))


def gradient_norm(problem: Problem, w):
    """‖∇F(w)‖."""
    return tree.norm(objectives.meta_gradient(problem.family, problem.alpha, w))


def problem_of(setting: Setting) -> Problem:
    """The tasks of a setting, and the L and ρ that its step reads."""
    return Problem(setting.family, setting.alpha, setting.constants)


def algorithm_of(setting: Setting) -> Algorithm:
    """Estimator and outer step of a setting."""
    estimator = printed_estimator(setting.algorithm, setting.displacement)
    return Algorithm(estimator, descent(printed_step(setting)), gradient_norm, setting.B, setting.sizes)


def printed_step(setting: Setting):
    """The rule for β_k."""
    exact = is_exact(setting.w)
    return LocalStep(setting.fraction) if exact else EstimatedStep(setting.fraction, *step_batches(setting))


def watched(algorithm: Algorithm, setting: Setting) -> Algorithm:
    """The algorithm, with every step compared with what the paper prints for ``setting``."""
    printed = printed_estimator(setting.algorithm, setting.displacement)
    reach = setting.displacement if setting.algorithm == "HF-MAML" else None
    watch = Watch(algorithm.estimator, algorithm.outer, printed, printed_step(setting), reach, setting.sizes)
    return replace(algorithm, watch=watch)


def _start(setting: Setting):
    return objectives.meta_loss(setting.family, setting.alpha, setting.w)


def _what_is_run(setting: Setting):
    """All that a run depends on, as leaves and their structure."""
    reach = setting.displacement if setting.algorithm == "HF-MAML" else None
    numbers = setting.alpha, setting.w, setting.fraction, setting.constants.L, setting.constants.rho, reach
    sizes = setting.algorithm, setting.B, setting.sizes, step_batches(setting)
    return jax.tree.flatten((setting.family, numbers, sizes))


def _exact_run(setting: Setting, iterations: int) -> Met:
    (task,) = setting.family
    problem, key = problem_of(setting), jax.random.key(0)
    algorithm = watched(algorithm_of(setting), setting)
    batches = Batches(*[Batch(task.support(), (Fraction(1),))] * 3)
    w, norms, largest = setting.w, [], {}
    for _ in range(iterations):
        norms.append(gradient_norm(problem, w))
        direction = algorithm.estimator(task, setting.alpha, w, batches)
        w_next, _ = algorithm.outer.update(problem, w, direction, (), key)
        met = algorithm.watch(problem, w, w_next, key)
        w, largest = w_next, {name: max(value, largest.get(name, value)) for name, value in met.items()}
    return Met(np.array([norms], dtype=object), largest)
