"""How large task gradients can be where the N-step meta-gradient is small.

    x^{2N} < 2  ⇒  E_i‖∇l_i(w)‖ ≤ (‖∇𝓛(w)‖ + σ)/(2 − x^{2N}),        x = 1 + αL                      (derived here)
             and   ‖E_i∇l_i(w)‖ ≤ (‖∇𝓛(w)‖ + (x^{2N} − 1)σ)/(2 − x^{2N})                            (``mean_gradient``)

with σ at this w alone. N ln(1 + αL) < (ln 2)/2 is what asks the inner step to be of order 1/N.

Proof. ∇𝓛_i = P_iM_i∇l_i with P_i = ∏_{j<N}(I − α∇²l_i(w̃_j)) and M_i the product of the mean Hessians of the N steps.
A product of r factors I + E, ‖E‖ ≤ αL, is within x^r − 1 of I, so ‖∇𝓛_i − ∇l_i‖ ≤ (x^{2N} − 1)‖∇l_i‖. Average:
‖E∇l_i‖ ≤ ‖∇𝓛‖ + (x^{2N} − 1)E‖∇l_i‖, and E‖∇l_i‖ ≤ ‖E∇l_i‖ + σ. Solve for either. ∎ At N = 1 the second is the
auxiliary inequality of Fallah et al.

Nearly attained at a small αL by a convex and a concave task with opposite gradients, with probabilities that make
∇𝓛 = 0. The proof needs E‖∇l_i − E∇l_j‖ ≤ σ alone; what is measured is the root mean square.
"""

from typing import NamedTuple

from mamllib.inner_loop import segments_of, walk
from mamllib.statements.ji2022.stretch import departure, remainder, stretch
from mamllib.statements.kit import (
    SMOOTH,
    TASK_DEVIATION,
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
    margin,
    mutant,
    np,
    objectives,
    question,
    relative_roundoff,
    stack,
    strictly,
    tree,
)
from mamllib.tasks import Quadratic, digit_pairs, trigonometric_family


class PathParts(NamedTuple):
    """E_i‖∇l_i(w)‖, ‖E_i∇l_i(w)‖ and ‖∇𝓛(w)‖."""

    mean_size: Parameters
    gradient: Parameters
    meta_gradient: Parameters


@question
class Path(Question):
    """A task family, α, w, the number of inner steps, and the constants and σ to test."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    steps: int
    sigma: Parameters
    constants: Constants

    def places(self, task) -> Places:
        """The Hessian along the inner path, and its steps."""
        if not self.steps:
            return Places(points=stack(self.w))
        walked = walk(task, self.alpha, self.w, self.steps)
        return Places(points=walked.points, chords=segments_of(walked))

    def common_places(self):
        """w."""
        return stack(self.w)

    def parts(self) -> PathParts:
        """What both sides are made of."""
        mean_size = self.family.expect(lambda task: tree.norm(task.gradient(self.w)))
        gradient = tree.norm(self.family.expect(lambda task: task.gradient(self.w)))
        meta_gradient = tree.norm(objectives.meta_gradient(self.family, self.alpha, self.w, self.steps))
        return PathParts(mean_size, gradient, meta_gradient)


def mean_size(path: Path):
    """E‖∇l_i(w)‖."""
    return path.answer.parts.mean_size


def bound(path: Path):
    """(‖∇𝓛(w)‖ + σ)/(2 − x^{2N})."""
    return (path.answer.parts.meta_gradient + path.sigma) / remainder(path)


def hypotheses(path: Path) -> dict:
    """N ≥ 1 and x^{2N} < 2."""
    short = strictly(margin(2, stretch(path) ** (2 * path.steps)))
    return {"N ≥ 1": holds_if(path.steps >= 1), "x^{2N} < 2": short}


def roundoff(path: Path):
    """γ of the mean size of the gradients, and of what rounding w does to them, along 2N factors."""
    size = mean_size(path) + path.constants.L * tree.norm(path.w)
    return relative_roundoff(path) * size * (2 + path.steps) * (2 + 1 / abs(remainder(path)))


def opposed(N: int, step=Q(1, 100)) -> Path:
    """±w²/2 with gradients ±1 at w = 0, so likely that ∇𝓛 = 0: all that is left of E‖∇l_i‖ = 1 is σ = 2√(p(1 − p))."""
    stretched, shrunk = (1 + step) ** N, (1 - step) ** N
    p = stretched**2 / (stretched**2 + shrunk**2)
    family = TaskFamily.of([Quadratic(Q(1), Q(-1)), Quadratic(Q(-1), Q(-1))], [p, 1 - p])
    return Path.of(family, step, Q(0), N, 2 * stretched * shrunk / (stretched**2 + shrunk**2))


def opposed_share(N: int, step=Q(1, 100)):
    """(2 − x^{2N})/σ."""
    stretched, shrunk = (1 + step) ** N, (1 - step) ** N
    return (2 - stretched**2) * (stretched**2 + shrunk**2) / (2 * stretched * shrunk)


def one_convex(N: int, step=Q(1, 100)) -> Path:
    """w²/2 at w = 1: ∇𝓛 = (1 − α)^{2N} and σ = 0."""
    return Path.of(TaskFamily.of([Quadratic(Q(1), Q(0))]), step, Q(1), N, Q(0))


def convex_share(N: int, step=Q(1, 100)):
    """(2 − x^{2N})/(1 − α)^{2N}."""
    return (2 - (1 + step) ** (2 * N)) / (1 - step) ** (2 * N)


def rippled(seed: int) -> Path:
    """Six tilted rippled parabolas in three dimensions, four steps."""
    rng = np.random.default_rng(seed)
    return Path.of(trigonometric_family(0.5, 0.5, 3.0, rng.normal(size=(6, 3))), 0.05, rng.normal(size=3), 4)


def digits(seed: int) -> Path:
    """The 45 digit pairs, five steps, at α = 1/(16NL)."""
    family = digit_pairs()
    w = 0.3 * np.random.default_rng(seed).normal(size=65)
    return Path.of(family, 1 / (16 * 5 * family.constants.L), w, 5)


def without_sigma(path: Path):
    """‖∇𝓛(w)‖/(2 − x^{2N})."""
    return path.answer.parts.meta_gradient / remainder(path)


def half_as_many_factors(path: Path):
    """(‖∇𝓛(w)‖ + σ)/(2 − x^N)."""
    return bound(path) * remainder(path) / (2 - stretch(path) ** path.steps)


TASK_GRADIENT = Statement(
    id="ji2022/task_gradient",
    title="N inner steps, task gradients (J3)",
    source=Source("ji2022", "task gradients where the meta-gradient is small (J3)", "D"),
    claim=r"x^{2N}<2\ \Rightarrow\ \mathbb E_i\|\nabla l_i(w)\|\le\frac{\|\nabla\mathcal L(w)\|+\sigma}{2-x^{2N}},"
    r"\quad x=1+\alpha L",
    takes=Path,
    assumes=(SMOOTH, TASK_DEVIATION),
    hypotheses=hypotheses,
    lhs=mean_size,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        case("±w²/2, ∇𝓛 = 0, αL = 1/100, N = 1", opposed, 1, predicted=opposed_share(1)),
        case("the same, N = 4", opposed, 4, predicted=opposed_share(4)),
        case("the same at αL = 1/1000, N = 16", opposed, 16, Q(1, 1000), predicted=opposed_share(16, Q(1, 1000))),
        case("w²/2 at αL = 1/100, N = 1", one_convex, 1, predicted=convex_share(1)),
        case("w²/2 at αL = 1/100, N = 16", one_convex, 16, predicted=convex_share(16)),
        case("six rippled parabolas in 3-D, N = 4", rippled),
        case("45 digit pairs, N = 5, α = 1/(16NL)", digits),
        case("w²/2 at αL = 1/2, N = 1", one_convex, 1, Q(1, 2), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("2 − x^N in the denominator", one_convex, 4, Q(1, 20), rhs=half_as_many_factors),
        mutant("the same at N = 16", one_convex, 16, Q(1, 50), rhs=half_as_many_factors),
        mutant("σ dropped", opposed, 4, rhs=without_sigma),
        mutant("σ lowered by 2 %", opposed, 1, Q(1, 1000), rhs=lambda p: without_sigma(p) + Q(98, 100) * p.sigma),
    ),
    spared={"x^{2N} < 2": "beyond it the right side is negative, and says nothing"},
)

MEAN_GRADIENT = TASK_GRADIENT.variant(
    id="ji2022/mean_gradient",
    title="N inner steps, the mean task gradient (J3)",
    source=Source("ji2022", "the mean task gradient where the meta-gradient is small (J3)", "D"),
    claim=r"x^{2N}<2\ \Rightarrow\ \|\mathbb E_i\nabla l_i(w)\|\le"
    r"\frac{\|\nabla\mathcal L(w)\|+(x^{2N}-1)\sigma}{2-x^{2N}}",
    lhs=lambda path: path.answer.parts.gradient,
    rhs=lambda path: without_sigma(path) + departure(path, 2 * path.steps) * path.sigma / remainder(path),
    rests_on=(),
    spared=TASK_GRADIENT.spared,
    cases=(
        case("±w²/2, ∇𝓛 = 0, αL = 1/1000, N = 4", opposed, 4, Q(1, 1000)),
        case("w²/2 at αL = 1/100, N = 16", one_convex, 16, predicted=convex_share(16)),
        case("w²/2 at αL = 1/100, N = 1", one_convex, 1, predicted=convex_share(1)),
        case("six rippled parabolas in 3-D, N = 4", rippled),
        case("45 digit pairs, N = 5, α = 1/(16NL)", digits),
        case("w²/2 at αL = 1/2, N = 1", one_convex, 1, Q(1, 2), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("(x^{2N} − 1)σ dropped", opposed, 4, Q(1, 1000), rhs=without_sigma),
        mutant("2 − x^N in the denominator", one_convex, 4, Q(1, 20), rhs=half_as_many_factors),
        mutant("(x^N − 1)σ", opposed, 4, Q(1, 1000), rhs=lambda p: departure(p, p.steps) * p.sigma / remainder(p)),
    ),
)
