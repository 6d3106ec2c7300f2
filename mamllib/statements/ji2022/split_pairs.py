"""Two points of a family whose data are split: inner steps on l_S, the loss after them l_T."""

from typing import NamedTuple

from mamllib.inner_loop import Walk, exact, pulled_back, segments_of, walk
from mamllib.statements.kit import (
    Constants,
    Hypothesis,
    Parameters,
    Places,
    Question,
    TaskFamily,
    each_place,
    is_exact,
    jnp,
    join,
    join_segments,
    margin,
    question,
    relative_roundoff,
    segments,
    stack,
    tree,
    validation,
)
from mamllib.tasks import Split


class SplitParts(NamedTuple):
    """‖∇𝓛(w) − ∇𝓛(u)‖, ‖w − u‖, E_i‖∇l_T(w)‖, E_i max_m‖∇l_S − ∇l_T‖ along the path of w, and what rounding sees."""

    change: Parameters
    distance: Parameters
    mean_size: Parameters
    shift: Parameters
    size: Parameters


@question
class SplitPair(Question):
    """A family of ``Split`` tasks, α, w, u, the bound b of E_i‖∇l_S − ∇l_T‖, the constants, and the number of steps."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    u: Parameters
    shift: Parameters
    constants: Constants
    steps: int

    def require(self) -> None:
        """Raise ``TypeError`` where a task has no inner and outer loss."""
        require_split(self.family)

    def pieces(self, task):
        """The inner loss along both paths and between them, the outer one between their ends and along the first."""
        here, there = (walk(task.inner, self.alpha, x, self.steps) for x in (self.w, self.u))
        across = points_of(here, self.steps), points_of(there, self.steps)
        inner = Places(
            points=join(*across),
            chords=join_segments(across, segments_of(here), segments_of(there)) if self.steps else across,
            bends=across,
        )
        ends = segments((here.end, there.end))
        outer = Places(chords=join_segments(ends, segments_of(here)) if self.steps else ends)
        return (task.inner, inner), (task.outer, outer)

    def parts(self) -> SplitParts:
        """What both sides are made of."""
        meta = [meta_gradient(self.family, self.alpha, x, self.steps) for x in (self.w, self.u)]
        change, distance = tree.norm(tree.subtract(*meta)), tree.norm(tree.subtract(self.w, self.u))
        mean_size, shift = self.family.expect(lambda task: (tree.norm(task.gradient(self.w)), self._shift(task)))
        size = sum(map(tree.norm, meta), self.constants.L * (tree.norm(self.w) + tree.norm(self.u)))
        return SplitParts(change, distance, mean_size, shift, size)

    def _shift(self, task):
        """max_{m<N}‖∇l_S(w̃_m) − ∇l_T(w̃_m)‖, and at w."""
        points = points_of(walk(task.inner, self.alpha, self.w, self.steps), self.steps)
        return largest_shift(task, points)


def require_split(family: TaskFamily) -> None:
    """Raise ``TypeError`` unless every task is a ``Split``."""
    for task in family.kinds:
        validation.require_a(Split, "a task of the family", task, "tasks whose data are split: Split(inner, outer)")


def points_of(walked: Walk, steps: int):
    """All N + 1 points, stacked."""
    return join(walked.points, stack(walked.end)) if steps else stack(walked.end)


def largest_shift(task, points):
    """The largest ‖∇l_S − ∇l_T‖ at these points."""
    sizes = each_place(lambda w: tree.norm(tree.subtract(task.inner.gradient(w), task.outer.gradient(w))), points)
    return max(sizes) if is_exact(sizes) else jnp.max(sizes)


def task_meta_gradient(task, alpha, w, steps: int):
    """∏_{j<N}(I − α∇²l_S(w̃_j)) ∇l_T(w̃_N)."""
    return pulled_back(exact(task.inner, alpha), w, steps, task.outer.gradient)


def meta_gradient(family: TaskFamily, alpha, w, steps: int):
    """E_i of that."""
    return family.expect(lambda task: task_meta_gradient(task, alpha, w, steps))


def shifted_by(asked) -> Hypothesis:
    """The margin of b over what was measured."""
    return margin(asked.shift, asked.answer.parts.shift)


def roundoff(asked: SplitPair):
    """γ of the gradients, through 2N factors."""
    x = 1 + asked.alpha * asked.constants.L
    return relative_roundoff(asked) * (2 + asked.steps) * x ** (2 * asked.steps) * asked.answer.parts.size
