"""How large an inner step may be before task gradients hide behind a small meta-gradient: exactly.

    αL < sin(π/(2N))  ⇒  E_i‖∇l_i(w)‖ ≤ σ + (‖∇𝓛(w)‖ + x^{2N}σ)/((1 − αL)^N c),   c = (1 − αL)^N cos(N arcsin αL),

x = 1 + αL; in one dimension αL < 1 is enough, with 1 for the cosine. σ bounds E_i‖∇l_i − ∇l‖ at the points
u_0 = w, u_{m+1} = u_m − α∇l(u_m), m ≤ N, of the path of the mean loss l = E_i l_i. (Derived here; found nowhere else.)

Proof. w̃_{m+1} − u_{m+1} is the difference of two steps of l_i, less α(∇l_i − ∇l)(u_m): E‖w̃_m − u_m‖ ≤ (x^m − 1)σ/L, and
E‖∇l_i(w̃_N) − v‖ ≤ x^Nσ with v = ∇l(u_N). So ‖∇𝓛 − E[P_i]v‖ ≤ x^{2N}σ. A factor I − αH is symmetric with spectrum in
[1 − αL, 1 + αL]: it moves a vector by at most αL of its length, so turns it by at most arcsin αL, and leaves at least
1 − αL of its length. Angles add up at most, also on a sphere: after N factors ⟨v, P_iv⟩ ≥ c‖v‖², so that
‖v‖ ≤ (‖∇𝓛‖ + x^{2N}σ)/c; and ‖v‖ ≥ (1 − αL)^N‖∇l(w)‖. ∎ The threshold is exact; c is not (at N = 1 the cosine can go).

Beyond the threshold no constant will do in two dimensions or more: two mirrored tasks turn one and the same gradient by
+90° and −90°, so ∇𝓛 = 0. N sin(π/(2N)) lies between 1 and π/2: for this lemma α has to be of order 1/N. Quadratics
need αL < 1 alone, whatever N: their factors commute, and do not turn v beyond 90° together.
"""

import math
from itertools import pairwise
from typing import NamedTuple

from mamllib import objectives
from mamllib.inner_loop import listed_path
from mamllib.statements.ji2022.quarter_turn import QuarterTurn
from mamllib.statements.ji2022.stretch import stretch
from mamllib.statements.kit import (
    SMOOTH,
    Constants,
    Parameters,
    Places,
    Q,
    Question,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    holds_if,
    is_exact,
    jnp,
    join_segments,
    margin,
    mutant,
    np,
    question,
    relative_roundoff,
    segments,
    stack,
    strictly,
    tree,
)
from mamllib.tasks import Quadratic, trigonometric_family


class MeanPathParts(NamedTuple):
    """E_i‖∇l_i(w)‖, ‖∇𝓛(w)‖, and the largest E_i‖∇l_i − ∇l‖ along the path of the mean loss."""

    mean_size: Parameters
    meta_gradient: Parameters
    deviation: Parameters


@question
class MeanPath(Question):
    """A task family, α, w, the number of inner steps, σ for the path of the mean loss, and the constants."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    steps: int
    sigma: Parameters
    constants: Constants

    def places(self, task) -> Places:
        """Each task's path and the path of the mean: beside each other, and along each."""
        own = listed_path(task, self.alpha, self.w, self.steps)
        mean = self._mean_path()
        pairs = [segments(*zip(own, mean, strict=True))]
        if self.steps:
            pairs += [segments(*pairwise(path)) for path in (own, mean)]
        return Places(points=stack(*own), chords=join_segments(*pairs))

    def common_places(self):
        """σ is used along the path of the mean."""
        return stack(*self._mean_path())

    def _mean_path(self) -> list:
        """[u_0, …, u_N]."""
        path = [self.w]
        for _ in range(self.steps):
            path.append(tree.step(path[-1], self.alpha, self._mean_gradient(path[-1])))
        return path

    def _mean_gradient(self, w):
        return self.family.expect(lambda task: task.gradient(w))

    def _deviation(self, w):
        """E_i‖∇l_i(w) − ∇l(w)‖."""
        mean = self._mean_gradient(w)
        return self.family.expect(lambda task: tree.norm(tree.subtract(task.gradient(w), mean)))

    def parts(self) -> MeanPathParts:
        """What both sides are made of."""
        mean_size = self.family.expect(lambda task: tree.norm(task.gradient(self.w)))
        meta_gradient = tree.norm(objectives.meta_gradient(self.family, self.alpha, self.w, self.steps))
        deviations = [self._deviation(w) for w in self._mean_path()]
        largest = max(deviations) if is_exact(deviations) else jnp.max(jnp.stack(deviations))
        return MeanPathParts(mean_size, meta_gradient, largest)


def mean_size(asked: MeanPath):
    """E_i‖∇l_i(w)‖."""
    return asked.answer.parts.mean_size


def shrunk(asked: MeanPath):
    """(1 − αL)^N."""
    return (1 - asked.alpha * asked.constants.L) ** asked.steps


def turned(asked: MeanPath):
    """cos(N arcsin αL), what turning can leave; 1 in one dimension."""
    if tree.dimension(asked.w) == 1:
        return 1 + 0 * asked.alpha
    return math.cos(asked.steps * math.asin(min(1.0, asked.alpha * asked.constants.L)))


def hidden(asked: MeanPath, left):
    """σ + (‖∇𝓛‖ + x^{2N}σ)/((1 − αL)^{2N}·left)."""
    at_end = asked.answer.parts.meta_gradient + stretch(asked) ** (2 * asked.steps) * asked.sigma
    return asked.sigma + at_end / (shrunk(asked) ** 2 * left)


def bound(asked: MeanPath):
    """σ + (‖∇𝓛‖ + x^{2N}σ)/((1 − αL)^N c)."""
    return hidden(asked, turned(asked))


def threshold(asked: MeanPath) -> float:
    """sin(π/(2N)); 1 in one dimension."""
    return 1.0 if tree.dimension(asked.w) == 1 else math.sin(math.pi / (2 * max(asked.steps, 1)))


def hypotheses(asked: MeanPath) -> dict:
    """N ≥ 1, αL below the threshold, and σ along the path of the mean loss."""
    step = asked.alpha * asked.constants.L
    return {
        "N ≥ 1": holds_if(asked.steps >= 1),
        "αL < sin(π/(2N))": strictly(margin(Q(1) if is_exact(step) else threshold(asked), step)),
        "E_i‖∇l_i − ∇l‖ ≤ σ on the mean path": margin(asked.sigma, asked.answer.parts.deviation),
    }


def roundoff(asked: MeanPath):
    """γ of gradients and of what rounding w does to them, through 2N factors."""
    size = mean_size(asked) + asked.constants.L * tree.norm(asked.w)
    return relative_roundoff(asked) * size * (2 + asked.steps) / abs(shrunk(asked) ** 2 * turned(asked))


def convex(N: int, step=Q(9, 10)) -> MeanPath:
    """w²/2 at w = 1: ∇𝓛 = (1 − αL)^{2N}."""
    return MeanPath.of(TaskFamily.of([Quadratic(Q(1), Q(0))]), step, Q(1), N, Q(0))


def two_tilts(N: int = 2, step=Q(1, 100)) -> MeanPath:
    """w²/2 ± w at w = 0, so that ∇l = 0 all along and E‖∇l_i‖ = σ."""
    family = TaskFamily.of([Quadratic(Q(1), Q(1)), Quadratic(Q(1), Q(-1))])
    return MeanPath.of(family, step, Q(0), N, Q(1))


def rippled(seed: int) -> MeanPath:
    """Six tilted rippled parabolas in three dimensions, four steps."""
    tilts = 0.1 * np.random.default_rng(seed).normal(size=(6, 3))
    family = trigonometric_family(0.5, 0.5, 3.0, tilts)
    return MeanPath.of(family, 0.1, np.random.default_rng(seed + 1).normal(size=3), 4)


def turning(kappa: float = 1e6, step: float = 1.0, N: int = 2) -> MeanPath:
    """The two mirrored tasks at 0, where αL = 4/5 > sin(π/4); σ as it is measured on the mean path, of order 1/κ."""
    family = TaskFamily.of([QuarterTurn(kappa, side) for side in (1.0, -1.0)])
    return MeanPath.of(family, step, np.zeros(2), N, 10.0 / kappa)


def without_turning(asked: MeanPath):
    """The bound of one dimension, in any."""
    return hidden(asked, 1.0)


HALF = "open: E‖m + d_i‖, E d_i = 0, is hardly more than the larger of ‖m‖ and E‖d_i‖, and the proof adds the two"

THRESHOLD = Statement(
    id="ji2022/threshold",
    title="N inner steps, the exact threshold (J3′)",
    source=Source("ji2022", "task gradients, the exact threshold (J3′)", "D"),
    claim=r"\alpha L<\sin\tfrac\pi{2N}\ \Rightarrow\ \mathbb E_i\|\nabla l_i(w)\|\le\sigma+"
    r"\frac{\|\nabla\mathcal L(w)\|+x^{2N}\sigma}{(1-\alpha L)^{2N}\cos(N\arcsin\alpha L)}",
    takes=MeanPath,
    assumes=(SMOOTH,),
    hypotheses=hypotheses,
    lhs=mean_size,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        case("w²/2 at αL = 9/10, N = 1", convex, 1, predicted=Q(1)),
        case("the same, N = 4", convex, 4, predicted=Q(1)),
        case("w²/2 ± w at αL = 1/100, N = 2", two_tilts),
        case("six rippled parabolas in 3-D, N = 4", rippled),
        case("two mirrored tasks at αL = 2/5, N = 2", turning, step=0.5),
        case("the same at αL = 4/5", turning, expected=Verdict.SILENT),
        case("w²/2 at αL = 11/10", convex, 1, Q(11, 10), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("αL < 1 in every dimension", turning, rhs=without_turning, drops="αL < sin(π/(2N))"),
        mutant("(1 − αL)^N for (1 − αL)^{2N}", convex, 4, rhs=lambda p: bound(p) * shrunk(p)),
        mutant("σ dropped", two_tilts, rhs=lambda p: p.answer.parts.meta_gradient / (shrunk(p) ** 2 * turned(p))),
        mutant("lowered by a thousandth", convex, 1, rhs=lambda p: bound(p) * Q(999, 1000)),
    ),
    spared={
        "αL < sin(π/(2N))": "beyond it the right side is negative, and says nothing",
        "σ": HALF,
        "E_i‖∇l_i − ∇l‖ ≤ σ on the mean path": HALF,
    },
)
