"""One outer step w_k → w_{k+1}: what the proof in ``rate.py`` uses of the tasks, and whether it is the printed one.

Descent uses the three chords, the bow and the remainder; the auxiliary inequality the chord w–w⁺ and ∇²f(w)∇f(w⁺);
Lemma 4.9 the deviations at w; Lemma 4.10 the chords w⁺–w̃ and the deviations at w̃; the directions ∇²f(w)g, ∇²f(w, θ)g
and, for HF-MAML, both arms of the probe and how sampled gradients differ between its ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from mamllib import tree
from mamllib.arithmetic import is_exact
from mamllib.batches import listed_values, outcomes
from mamllib.estimators import Batches, BatchSizes
from mamllib.inner_loop import inner_step
from mamllib.objectives import meta_loss
from mamllib.statements import deviations
from mamllib.statements.assumptions import measure_task
from mamllib.statements.fallah2020.convergence.printed import adapted
from mamllib.statements.fallah2020.convergence.setting import probe_ends
from mamllib.statements.places import Places, count, fan, join, join_segments, segments, stack
from mamllib.task_batches import draw_each
from mamllib.tasks.samples import samples_read
from mamllib.uniforms import numbers_of, uniforms

MOST_LISTED = 8
SAMPLES = 256


class OfTask(NamedTuple):
    """What one task meets in a step: the largest of what each constant bounds, max ‖G − G_printed‖/‖g‖, and where."""

    values: dict[str, Any]
    departure: Any
    places: Any


@partial(
    jax.tree_util.register_dataclass,
    data_fields=["estimator", "outer", "printed", "rule", "reach"],
    meta_fields=["sizes"],
)
@dataclass(frozen=True)
class Watch:
    """What is watched of every step: the constants met, −F, and how far ``estimator`` and ``outer`` depart from what is
    ``printed`` and from the step size ``rule``. ``reach`` is δ‖g‖, ``None`` where no probe is made.
    """

    estimator: Callable
    outer: Any
    printed: Callable
    rule: Callable
    reach: Any
    sizes: BatchSizes

    def __call__(self, problem, w, w_next, key) -> dict[str, Any]:
        """All of it, by name: the largest value over tasks."""
        family, alpha = problem.family, problem.alpha
        drawn, source = (None, key) if is_exact(w) else self._numbers(problem, key)
        met = family.map(lambda task: self._of_task(task, alpha, w, w_next, drawn))
        return {name: largest_of(values) for name, values in met.values.items()} | {
            "sigma": deviations.task_deviation(family, w),
            "estimator": largest_of(met.departure),
            "step": self._step_departure(problem, w, source),
            "depth": -meta_loss(family, alpha, w_next),
            "places": met.places.sum(),
        }

    def _numbers(self, problem, key) -> tuple:
        """Uniform numbers for batches of any task, and for the outer step, from one call of the generator."""
        each = max(sum(samples_read(task, size) for size in self.sizes) for task in problem.family.kinds)
        numbers = uniforms(key, each + numbers_of(self.rule, problem))
        return numbers[:each], numbers[each:]

    def _of_task(self, task, alpha, w, w_next, drawn) -> OfTask:
        reached, gradients, departures = self._of_batches(task, alpha, w, drawn)
        w_plus, next_plus = (inner_step(task, alpha, point) for point in (w, w_next))
        ends = () if self.reach is None else probe_ends(w, gradients, self.reach)
        places = Places(
            chords=join_segments(segments((w, w_next), (w_plus, next_plus), (w, w_plus)), fan(w_plus, reached)),
            bows=segments((w_plus, next_plus)),
            tangents=join_segments(segments((w, w_next)), *(fan(w, end) for end in ends)),
            draws=join(stack(w), reached),
            pushes=fan(w, join(stack(task.gradient(w_plus)), gradients)),
            sways=fan(w, gradients),
            shakes=ends or None,
        )
        return OfTask(measure_task(task, places, SAMPLES), largest_of(departures), count(places))

    def _of_batches(self, task, alpha, w, drawn) -> tuple:
        """w̃, g and ‖G − G_printed‖/‖g‖, stacked over all batches where they are few, else of drawn ones."""

        def of_batches(*batches):
            reached, g = adapted(task, alpha, w, *batches[:2])
            both = (estimator(task, alpha, w, Batches(*batches)) for estimator in (self.estimator, self.printed))
            return reached, g, relative(tree.subtract(*both), tree.norm(g))

        sizes = tuple(self.sizes)
        if outcomes(task, *sizes) > MOST_LISTED:
            return jax.tree.map(lambda leaf: leaf[None], of_batches(*draw_each(task, drawn, sizes)))
        values = listed_values(task, sizes, of_batches)[0]
        return tuple(zip(*values, strict=True)) if is_exact(values) else values

    def _step_departure(self, problem, w, source):
        """How far the outer step departs from the printed one, along a direction that moves w by 1 + ‖w‖."""
        step = self.rule(problem, w, source)
        length = (1 + tree.norm(w)) / step
        direction = jax.tree.map(lambda leaf: 0 * leaf + length, w)
        moved, _ = self.outer.update(problem, w, direction, self.outer.init(w), source)
        printed = tree.scale(step, direction)
        return relative(tree.subtract(tree.subtract(w, moved), printed), tree.norm(printed))


def relative(difference, size):
    """‖difference‖/size; 0 where there is no difference."""
    off = tree.norm(difference)
    if is_exact(size):
        return off / size if off else 0 * off
    return jnp.where(off == 0, 0 * off, off / size)


def largest_of(values):
    """The largest of stacked values; NaN where one is."""
    return max(values) if is_exact(values) else jnp.max(values)
