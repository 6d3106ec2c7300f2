"""Pairs of points: what Lemma 4.8 and the descent inequality are asked about."""

from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from mamllib.statements.kit import (
    Constants,
    Parameters,
    Places,
    Question,
    TaskFamily,
    columns,
    each,
    evaluate,
    inner,
    join,
    join_segments,
    objectives,
    question,
    tree,
)
from mamllib.step_sizes import mean_gradient_norm


class PairParts(NamedTuple):
    """At each pair: ‖∇F(w) − ∇F(u)‖ and ‖w − u‖; E‖∇f_i‖, ‖∇F‖ and the norm of the point, each at w and at u."""

    change: Parameters
    distance: Parameters
    gradients: tuple
    meta_gradients: tuple
    norms: tuple


class DescentParts(NamedTuple):
    """At each pair: |F(u) − F(w) − ⟨∇F(w), u − w⟩|, and the sum of the sizes of its three terms."""

    bow: Parameters
    size: Parameters


@question
class Pairs(Question):
    """A task family, α, pairs of points w, u (leading axis n), the constants to test, and the number of inner steps."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    u: Parameters
    constants: Constants
    steps: int

    many = "pairs"

    def places(self, task) -> Places:
        """The inner paths of w and u: beside each other, along each, and what is bent between them."""
        paths = [self._path(task, points) for points in (self.w, self.u)]
        across = list(zip(*paths, strict=True))
        along = [segment for path in paths for segment in pairwise(path)]
        back = [(q, p) for p, q in across]
        return Places(
            points=join(*paths[0], *paths[1]),
            chords=join_segments(*across, *along),
            bows=across[-1],
            bends=join_segments(*(across[:-1] or across)),
            tangents=join_segments(*across[:-1], *back[:-1]) if self.steps else None,
        )

    def _path(self, task, points) -> tuple:
        """(w̃_0, …, w̃_N), each stacked over the points."""

        def path(w):
            return tuple(objectives.inner_path(task, self.alpha, w, self.steps))

        return columns(each(path, points), self.steps + 1)

    def parts(self) -> PairParts:
        """What both sides of Lemma 4.8 are made of."""

        def of_pair(w, u):
            meta = [objectives.meta_gradient(self.family, self.alpha, x, self.steps) for x in (w, u)]
            gradients = [mean_gradient_norm(self.family, x) for x in (w, u)]
            change, distance = tree.norm(tree.subtract(*meta)), tree.norm(tree.subtract(w, u))
            return (change, distance, *gradients, *map(tree.norm, (*meta, w, u)))

        change, distance, *others = columns(each(of_pair, self.w, self.u), 8)
        return PairParts(change, distance, *(tuple(others[i : i + 2]) for i in (0, 2, 4)))

    @cached_property
    def descent(self) -> DescentParts:
        """What both sides of the descent inequality are made of."""
        return evaluate(_descent, self)


def _descent(pairs: Pairs) -> DescentParts:
    def of_pair(w, u):
        losses = [objectives.meta_loss(pairs.family, pairs.alpha, x, pairs.steps) for x in (u, w)]
        slope, move = objectives.meta_gradient(pairs.family, pairs.alpha, w, pairs.steps), tree.subtract(u, w)
        bow = abs(losses[0] - losses[1] - inner(slope, move))
        return bow, abs(losses[0]) + abs(losses[1]) + tree.norm(slope) * tree.norm(move)

    return DescentParts(*columns(each(of_pair, pairs.w, pairs.u), 2))
