"""One sampled inner step: what Lemma 4.10 is asked about."""

from functools import cached_property
from typing import NamedTuple

from mamllib.batches import listed_values, require_enumerable
from mamllib.inner_loop import inner_step
from mamllib.monte_carlo import Stream, stream
from mamllib.statements.fallah2020.lemma_4_10.draws import AdaptationDraw, around
from mamllib.statements.kit import (
    Constants,
    Parameters,
    Places,
    Q,
    Question,
    TaskFamily,
    arithmetic,
    deviations,
    evaluate,
    expectation,
    fan,
    jax,
    join,
    margin,
    question,
    relative_roundoff,
    sqrt,
    stack,
    tree,
    with_samples,
)
from mamllib.tasks.task import batch_gradient, draw

PLACES_OF_SAMPLES = 32


class AdaptationParts(NamedTuple):
    """For each task ‖∇f(w)‖ and ‖∇f(w⁺)‖², and ‖w‖."""

    gradient: Parameters
    adapted_squared: Parameters
    norm: Parameters


class Moments(NamedTuple):
    """For each task, over all batches: ‖E∇f(w̃) − ∇f(w⁺)‖ and E‖∇̃f(w̃, 𝒟_o)‖²."""

    bias: Parameters
    second: Parameters


@question
class Adaptation(Question):
    """One sampled inner step: a task family (the lemma is checked on each task), α, w, batch sizes, φ, constants.

    Expectations are enumerated where ``samples`` is 0, else estimated from that many draws.
    """

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    D_in: int
    D_o: int
    phi: Parameters
    constants: Constants
    samples: int
    key: Parameters
    D_h: int

    def require(self) -> None:
        """Raise ``NotEnumerableError`` where batches are to be listed and cannot be."""
        if not self.samples and not arithmetic.is_traced(self.family):
            require_enumerable(self.family, self.D_in)

    def places(self, task) -> Places:
        """Along the exact step, from its end to every w̃, and samples at w and at every w̃."""
        w, w_plus, reached = self.w, inner_step(task, self.alpha, self.w), self._reached(task)
        fanned = fan(w_plus, reached)
        return Places(
            points=stack(w, w_plus),
            chords=fanned,
            tangents=fanned,
            draws=join(stack(w), reached),
            hessian_draws=stack(w),
        )

    def _reached(self, task):
        """Every w̃, stacked; some of them where batches are sampled (the others are seen by ``streams``)."""
        if self.samples:
            keys = jax.random.split(self.key, PLACES_OF_SAMPLES)
            return jax.vmap(lambda key: self.adapted(task, draw(task, key, self.D_in)))(keys)
        return listed_values(task, (self.D_in,), lambda batch: self.adapted(task, batch))[0]

    def adapted(self, task, batch):
        """w̃ = w − α∇̃f(w, 𝒟) for one batch."""
        return tree.step(self.w, self.alpha, batch_gradient(task, self.w, batch))

    def parts(self) -> AdaptationParts:
        """What bounds are made of besides the constants."""

        def of_task(task):
            adapted = task.gradient(inner_step(task, self.alpha, self.w))
            return tree.norm(task.gradient(self.w)), tree.norm_squared(adapted)

        return AdaptationParts(*self.family.map(of_task), tree.norm(self.w))

    @cached_property
    def moments(self) -> Moments:
        """The left sides, by enumeration."""
        return evaluate(_moments, self)

    @property
    def assumed(self):
        """What was measured at the listed places, and at every w̃ that a sampled left side met."""
        measured = self.answer.assumed
        if not self.samples:
            return measured
        seen = [each.largest for each in self.streams]
        largest = {name: max(float(each[name]) for each in seen) for name in seen[0]}
        return with_samples(measured, largest, len(seen) * self.samples)

    @cached_property
    def streams(self) -> list[Stream]:
        """For each task a stream of ∇f(w̃) − ∇f(w⁺) (with its control) and, last, ‖∇̃f(w̃, 𝒟_o)‖²."""
        keys, drawn = jax.random.split(self.key, len(self.family)), AdaptationDraw(self.D_in, self.D_o)
        return [
            stream(drawn, around(task, self.alpha, self.w, self.D_in, self.samples), key, self.samples)
            for task, key in zip(self.family, keys, strict=True)
        ]


def _moments(problem: Adaptation) -> Moments:
    def of_task(task):
        def of_batch(batch):
            w = problem.adapted(task, batch)
            after = task.gradient(w)
            return after, tree.norm_squared(after) + deviations.gradient_variance(task, w) / problem.D_o

        after, second = expectation(task, (problem.D_in,), of_batch)
        adapted = task.gradient(inner_step(task, problem.alpha, problem.w))
        return tree.norm(tree.subtract(after, adapted)), second

    return Moments(*problem.family.map(of_task))


def roundoff(problem: Adaptation):
    """Gradients of size L(‖w‖ + ασ̃) + ‖∇f_i(w)‖, wrong by γ of that, and the constants of the right side."""
    c, parts = problem.constants, problem.answer.parts
    size = c.L * (parts.norm + problem.alpha * c.sigma_tilde) + parts.gradient
    return relative_roundoff(problem) * 2 * size


def short_step(problem: Adaptation) -> dict:
    """α ≤ 1/L."""
    return {"α ≤ 1/L": margin(1, problem.alpha * problem.constants.L)}


def root_of_batch_size(D, like):
    """√D, a fraction where ``like`` is one."""
    return sqrt(Q(D)) if isinstance(like, Q) else D**0.5
