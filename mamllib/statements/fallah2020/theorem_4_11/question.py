"""F against F̂ at a point: what Theorem 4.11 and Remark 4.14 are asked about."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mamllib.batches import listed_values, require_enumerable
from mamllib.inner_loop import inner_step
from mamllib.monte_carlo import Stream, Watched, stream
from mamllib.objectives import (
    meta_gradient,
    sampled_meta_gradient,
    sampled_task_meta_gradient,
)
from mamllib.statements.kit import (
    Constants,
    Parameters,
    Places,
    Question,
    TaskFamily,
    arithmetic,
    evaluate,
    fan,
    jax,
    margin,
    measure,
    question,
    relative_roundoff,
    stack,
    tree,
    with_samples,
)
from mamllib.tasks.task import batch_gradient, batch_hessian_vector_product, draw

PLACES_OF_SAMPLES = 32


class GapParts(NamedTuple):
    """E_i‖∇f_i(w)‖ and ‖w‖."""

    gradient: Parameters
    norm: Parameters


class Gradients(NamedTuple):
    """‖∇F̂(w) − ∇F(w)‖, ‖∇F̂(w)‖ and ‖∇F(w)‖, with every batch listed."""

    gap: Parameters
    sampled: Parameters
    exact: Parameters


@question
class Gap(Question):
    """A task family, α, w, the test batch size, and the constants to test; sampled where ``samples`` > 0.

    ``D_in`` is the size of the inner batches of training, which Remark 4.14 compares with ``D_test``.
    """

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    D_test: int
    constants: Constants
    samples: int
    key: Parameters
    D_in: int = 1

    def require(self) -> None:
        """Raise ``NotEnumerableError`` where batches are to be listed and cannot be."""
        if not self.samples and not arithmetic.is_traced(self.family):
            require_enumerable(self.family, self.D_test)

    def places(self, task) -> Places:
        """w and w⁺, from w⁺ to every w̃, and samples of gradient and Hessian at w."""
        w_plus = inner_step(task, self.alpha, self.w)
        fanned = fan(w_plus, self._reached(task))
        return Places(
            points=stack(self.w, w_plus),
            chords=fanned,
            tangents=fanned,
            draws=stack(self.w),
            hessian_draws=stack(self.w),
        )

    def _reached(self, task):
        """Every w̃, stacked; some of them where batches are sampled (the others are seen by ``stream``)."""
        if self.samples:
            keys = jax.random.split(self.key, PLACES_OF_SAMPLES)
            return jax.vmap(lambda key: self._adapted(task, draw(task, key, self.D_test)))(keys)
        return listed_values(task, (self.D_test,), lambda batch: self._adapted(task, batch))[0]

    def _adapted(self, task, batch):
        return tree.step(self.w, self.alpha, batch_gradient(task, self.w, batch))

    def parts(self) -> GapParts:
        """What round-off is proportional to."""
        gradient = self.family.expect(lambda task: tree.norm(task.gradient(self.w)))
        return GapParts(gradient, tree.norm(self.w))

    @cached_property
    def gradients(self) -> Gradients:
        """The left sides, by enumeration."""
        return evaluate(_gradients, self)

    @cached_property
    def stream(self) -> Stream:
        """Draws of ∇F̂ − ∇F."""
        return stream(GapDraw(self.D_test), (self.family, self.alpha, self.w), self.key, self.samples)

    @property
    def assumed(self):
        """What was measured at the listed places, and at every w̃ that a sampled left side met."""
        measured = self.answer.assumed
        return with_samples(measured, self.stream.largest, self.samples) if self.samples else measured


def _gradients(gap: Gap) -> Gradients:
    sampled = sampled_meta_gradient(gap.family, gap.alpha, gap.w, gap.D_test)
    exact = meta_gradient(gap.family, gap.alpha, gap.w)
    return Gradients(*map(tree.norm, (tree.subtract(sampled, exact), sampled, exact)))


@dataclass(frozen=True)
class GapDraw:
    """One draw of (I − α∇̃²f_i(w, 𝒟))∇f_i(w̃) − (I − α∇̃²f_i(w, 𝒟))∇f_i(w⁺) plus its linear part, for a random task i.

    Replacing ∇F_i by (I − α∇̃²f_i(w, 𝒟))∇f_i(w⁺) changes no mean, since the sampled Hessian is unbiased; adding
    α(I − α∇²f_i(w))∇²f_i(w⁺)ξ changes none either, since Eξ = 0. Both take away variance. The segment from w⁺ to w̃ is
    watched.
    """

    D_test: int

    def __call__(self, argument, key):
        """The draw for ``argument`` = (family, α, w)."""
        family, alpha, w = argument
        key_task, key_batch = jax.random.split(key)
        index = jax.random.choice(key_task, len(family), p=family.probabilities)
        return family.apply(index, lambda task: self._of_task(task, alpha, w, key_batch))

    def _of_task(self, task, alpha, w, key):
        batch = draw(task, key, self.D_test)
        w_plus = inner_step(task, alpha, w)
        fixed = task.gradient(w_plus)
        fixed = tree.step(fixed, alpha, batch_hessian_vector_product(task, w, batch, fixed))
        difference = tree.subtract(sampled_task_meta_gradient(task, alpha, w, batch), fixed)
        reached = tree.step(w, alpha, batch_gradient(task, w, batch))
        linear = task.hessian_vector_product(w_plus, tree.subtract(w_plus, reached))  # α∇²f(w⁺)ξ
        linear = tree.step(linear, alpha, task.hessian_vector_product(w, linear))
        watched = zip(("L", "rho"), measure.secant_and_remainder(task, w_plus, reached), strict=True)
        return Watched(tree.add(difference, linear), dict(watched))


def short_step(gap: Gap) -> dict:
    """α ≤ 1/L."""
    return {"α ≤ 1/L": margin(1, gap.alpha * gap.constants.L)}


def roundoff(gap: Gap):
    """Two meta-gradients of size at most 2(L(‖w‖ + ασ̃) + E‖∇f_i‖)(1 + ασ_H), wrong by γ of that."""
    c, parts = gap.constants, gap.answer.parts
    size = (c.L * (parts.norm + gap.alpha * c.sigma_tilde) + parts.gradient) * (2 + gap.alpha * c.sigma_H)
    return relative_roundoff(gap) * 2 * size
