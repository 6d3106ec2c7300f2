"""One draw of the bias of a sampled inner step, with little variance.

With v = w̃ − w⁺ = −αξ, what makes a draw of ∇f(w̃) − ∇f(w⁺) vary is mostly ∇²f(w⁺)v, of mean zero, and ½∇³f(w⁺)[v, v],
whose mean is E_θ ½∇³f(w⁺)[v_θ, v_θ]/D_in for the v_θ of single samples: both are subtracted, less their means. The
second comes with the share of it that a pilot says to take, for far from w⁺ a parabola is no guide.
"""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from mamllib.batches import atom_count, expectation
from mamllib.inner_loop import inner_step
from mamllib.monte_carlo import Watched
from mamllib.statements.kit import Parameters, measure, tree
from mamllib.tasks.samples import has_own_sample, samples_read
from mamllib.tasks.task import Batch, Task, batch_gradient, draw

PILOT_SEED, PILOT_DRAWS = 0, 32
DRAWS_A_SAMPLE = 4
# A curvature that varies by less, squared and of its size, is the same in every draw but for rounding: of two samples
# v = ±d.
CONSTANT = 1e-10


class Around(NamedTuple):
    """What a draw needs and should not compute anew: w⁺, ∇f(w⁺), the share of the curvature and its mean.

    The share is ``None`` where the mean is not known or not worth its time: then ∇²f(w⁺)v alone is subtracted. It is
    NaN where the third derivatives at w⁺ are not finite: then nothing is.
    """

    task: Task
    alpha: Parameters
    w: Parameters
    w_plus: Parameters
    adapted: Parameters
    share: Parameters | None = None
    mean: Parameters | None = None


def around(task: Task, alpha, w, D_in: int, samples: int = 0) -> Around:
    """The argument of the draws below, of which there will be so many; 0: without a share of the curvature."""
    w_plus = inner_step(task, alpha, w)
    plain = Around(task, alpha, w, w_plus, task.gradient(w_plus))
    if not _is_worth_its_mean(task, samples):
        return plain
    share, mean = _share_and_mean(plain, D_in)
    return plain._replace(share=share, mean=mean)


def _is_worth_its_mean(task: Task, samples: int) -> bool:
    """Whether the mean of the curvature is known, and takes no more than a quarter of the draws."""
    support = task.support()
    return support is not None and DRAWS_A_SAMPLE * atom_count(support) <= samples


@partial(jax.jit, static_argnames="D_in")
def _share_and_mean(known: Around, D_in: int):
    share = _share(known, D_in)
    mean = expectation(known.task, (1,), lambda batch: _curvature(known, _displacement(known, batch)))
    return share, tree.scale(share / D_in, mean)


def _share(known: Around, D_in: int):
    """What of ½∇³f(w⁺)[v, v] best follows the draws of a pilot, by least squares."""

    def drawn(key):
        v = tree.subtract(adapted_point(known, key, D_in), known.w_plus)
        linear = known.task.hessian_vector_product(known.w_plus, v)
        rest = tree.subtract(tree.subtract(known.task.gradient(tree.add(known.w_plus, v)), known.adapted), linear)
        return tree.ravel(rest), tree.ravel(_curvature(known, v))

    rest, curvature = jax.vmap(drawn)(jax.random.split(jax.random.key(PILOT_SEED), PILOT_DRAWS))
    rest, change = rest - rest.mean(axis=0), curvature - curvature.mean(axis=0)
    size, whole = jnp.vdot(change, change), jnp.vdot(curvature, curvature)
    return jnp.where(size <= CONSTANT * whole, 0.0, jnp.vdot(rest, change) / size)


def _displacement(known: Around, batch: Batch):
    """w̃ − w⁺ for this batch."""
    return tree.subtract(tree.step(known.w, known.alpha, batch_gradient(known.task, known.w, batch)), known.w_plus)


def _curvature(known: Around, v):
    """½∇³f(w⁺)[v, v]."""
    return jax.grad(lambda w: _along(known.task, w, v)[1])(known.w_plus)


def _followed(known: Around, v):
    """∇²f(w⁺)v + share · ½∇³f(w⁺)[v, v], in one reverse pass."""

    def both(w):
        first, second = _along(known.task, w, v)
        return first + known.share * second

    return jax.grad(both)(known.w_plus)


def _along(task, w, v):
    """∇f(w)ᵀv and ½ vᵀ∇²f(w)v."""
    first, second = jax.jvp(lambda u: jax.jvp(task.loss, (u,), (v,))[1], (w,), (v,))
    return first, second / 2


@dataclass(frozen=True)
class BiasDraw:
    """One draw of ∇f(w̃) − ∇f(w⁺), less what is subtracted of it; ``control`` False: nothing, and no strata."""

    D_in: int
    control: bool = True

    def numbers_read(self, known: Around) -> int:
        """One batch."""
        return samples_read(known.task, self.D_in)

    def strata(self, known: Around) -> int | None:
        """As many as there are samples, so that each is drawn equally often."""
        return _samples_alike(known.task) if self.control else None

    def __call__(self, known: Around, source):
        """The draw made of these uniform numbers, or of a key."""
        return self.at(known, adapted_point(known, source, self.D_in))

    def at(self, known: Around, reached):
        """The draw where the batch led to w̃ = ``reached``."""
        difference = tree.subtract(known.task.gradient(reached), known.adapted)
        if not self.control:
            return difference
        v = tree.subtract(reached, known.w_plus)
        if known.share is None:
            return tree.subtract(difference, known.task.hessian_vector_product(known.w_plus, v))
        followed = tree.subtract(_followed(known, v), known.mean)
        kept = jax.tree.map(lambda leaf: jnp.where(jnp.isnan(known.share), 0.0, leaf), followed)
        return tree.subtract(difference, kept)


@dataclass(frozen=True)
class AdaptationDraw:
    """One draw of the bias and of ‖∇̃f(w̃, 𝒟_o)‖², which watches the segment from w⁺ to w̃."""

    D_in: int
    D_o: int

    def numbers_read(self, known: Around) -> int:
        """An inner and an outer batch."""
        return samples_read(known.task, self.D_in) + samples_read(known.task, self.D_o)

    def strata(self, known: Around) -> int | None:
        """As many as there are samples."""
        return _samples_alike(known.task)

    def __call__(self, known: Around, numbers):
        """The draw made of these uniform numbers."""
        inner, outer = jnp.split(numbers, [samples_read(known.task, self.D_in)])
        reached = adapted_point(known, inner, self.D_in)
        second = tree.norm_squared(batch_gradient(known.task, reached, draw(known.task, outer, self.D_o)))
        watched = zip(("L", "rho"), measure.secant_and_remainder(known.task, known.w_plus, reached), strict=True)
        return Watched((BiasDraw(self.D_in).at(known, reached), second), dict(watched))


def adapted_point(known: Around, source, D_in: int):
    """w̃ for a fresh batch, of a key or of uniform numbers."""
    return tree.step(known.w, known.alpha, batch_gradient(known.task, known.w, draw(known.task, source, D_in)))


def _samples_alike(task: Task) -> int | None:
    """How many samples there are, where they are finitely many, equally likely and each made of one uniform number."""
    listed = task.support() is not None and task.chances() is None and not has_own_sample(type(task))
    return atom_count(task.support()) if listed else None
