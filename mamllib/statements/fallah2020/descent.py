"""The descent inequality that Lemma 4.8 gives, and every convergence proof of the paper uses.

    |F(u) − F(w) − ⟨∇F(w), u − w⟩| ≤ ½ L(w) ‖u − w‖²                                             (derived here)

Proof. The left side is |∫₀¹⟨∇F(w + t(u − w)) − ∇F(w), u − w⟩dt|, and Lemma 4.8 bounds the integrand by L(w)t‖u − w‖²,
since its minimum is over the two ends of the pair (w, w + t(u − w)). Equality: f = −Lw²/2 at α = 1/L.
"""

from fractions import Fraction as Q

import jax
import jax.numpy as jnp

from mamllib import objectives, tree
from mamllib.arithmetic import absolute, each, is_exact, jit_unless_exact
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.statements.fallah2020.lemma_4_8 import LEMMA_4_8, Pairs
from mamllib.statements.instance import relative_roundoff
from mamllib.step_sizes import local_smoothness
from mamllib.tasks import Quadratic, TaskFamily, Trigonometric


@jit_unless_exact
def linearisation_gap(pairs: Pairs):
    """|F(u) − F(w) − ⟨∇F(w), u − w⟩| at each pair."""

    def gap(w, u):
        losses = [objectives.meta_loss(pairs.family, pairs.alpha, point) for point in (u, w)]
        slope = _inner(objectives.meta_gradient(pairs.family, pairs.alpha, w), tree.subtract(u, w))
        return absolute(losses[0] - losses[1] - slope)

    return each(gap, pairs.w, pairs.u)


@jit_unless_exact
def half_local_smoothness(pairs: Pairs):
    """½ L(w) ‖u − w‖²."""
    c = pairs.constants

    def bound(w, u):
        smoothness = local_smoothness(pairs.family, c.L, c.rho, pairs.alpha, w)
        return smoothness * tree.norm_squared(tree.subtract(u, w)) / 2

    return each(bound, pairs.w, pairs.u)


def roundoff(pairs: Pairs):
    """γ of the sizes of the three terms."""

    def size(w, u):
        losses = [abs(objectives.meta_loss(pairs.family, pairs.alpha, point)) for point in (u, w)]
        return sum(losses) + tree.norm(objectives.meta_gradient(pairs.family, pairs.alpha, w)) * tree.norm(u - w)

    return relative_roundoff(pairs) * jax.jit(jax.vmap(size))(pairs.w, pairs.u)


def _inner(x, y):
    return (
        x * y
        if is_exact(x)
        else sum(jnp.sum(a * b) for a, b in zip(jax.tree.leaves(x), jax.tree.leaves(y), strict=True))
    )


def concave(alpha=Q(1)) -> Pairs:
    """f = −w²/2 at α = 1/L, where F'' = −4L."""
    family = TaskFamily.of([Quadratic(Q(-1), Q(0))])
    return Pairs.of(family, alpha, (Q(0), Q(1), Q(-3, 2)), (Q(1), Q(-1), Q(5, 7)))


def rippled(seed: int) -> Pairs:
    """A rippled parabola and near or far pairs of points."""
    family = TaskFamily.of([Trigonometric(1.0, 0.5, 4.0, t) for t in (-0.5, 0.8)])
    key_w, key_u = jax.random.split(jax.random.key(seed))
    w = 10 * jax.random.normal(key_w, (200,))
    return Pairs.of(family, 0.6, w, w + jax.random.normal(key_u, (200,)))


DESCENT = Statement(
    id="fallah2020/descent",
    title="Descent, from Lemma 4.8",
    source=Source("fallah2020", "a corollary of Lemma 4.8", "D"),
    claim=r"\big|F(u)-F(w)-\langle\nabla F(w),u-w\rangle\big|\le\tfrac12L(w)\|u-w\|^2",
    takes=Pairs,
    hypotheses=LEMMA_4_8.hypotheses,
    lhs=linearisation_gap,
    rhs=half_local_smoothness,
    roundoff=roundoff,
    rests_on=("fallah2020/lemma_4_8",),
    cases=(
        Case("−w²/2 at α = 1/L", lambda seed: concave(), predicted=Q(1)),
        Case("two rippled parabolas, 200 pairs", rippled),
        Case("−w²/2 at α = 2/L", lambda seed: concave(Q(2)), Verdict.SILENT),
    ),
    mutants=(
        Mutant("½ lowered to 0.49", lambda seed: concave(), rhs=lambda p: Q(98, 100) * half_local_smoothness(p)),
        Mutant("α ≤ 1/L deleted", lambda seed: concave(Q(2)), drops=("α ≤ 1/L",)),
    ),
)

STATEMENTS = (DESCENT,)
