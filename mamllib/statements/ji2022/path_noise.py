"""What noise along N inner steps does: how far the sampled path ends from the exact one.

    E‖e_N‖² ≤ s_N²σ̃²/(L²D_in),   E‖e_N‖ ≤ s_Nσ̃/(L√D_in) (``mean_error``),   s_N² = (αL)²Σ_{j<N}x^{2j}   (derived here)

with e_N = w_N − w̃_N, x = 1 + αL, for every α and every N. Proof. ξ_m = ∇̃l_i(w_m, 𝒟_in^m) − ∇l_i(w_m) has mean zero
given the past, since the batch is fresh, and E‖ξ_m‖² ≤ σ̃²/D_in. e_{m+1} = (I − αH̄)e_m − αξ_m, with the mean Hessian H̄
between w̃_m and w_m, which is known given the past. So E‖e_{m+1}‖² ≤ x²E‖e_m‖² + α²σ̃²/D_in; sum. The second by
Jensen. ∎

Equality at every N: −Lw²/2, for which noise of any law with variance σ̃² does. For E‖e_N‖ there is equality at D_in = 1,
with noise that depends on where the path is: e_m takes two opposite values ±c_m only, if it takes the larger step with
the smaller chance. (For D_in ≥ 2 the mean of independent samples has no constant size.) One batch for all steps breaks
both from N = 2 on, for then the errors add up: (x^N − 1)²σ̃²/(L²D_in) where s_N² is less.
"""

from mamllib.batches import listed_values
from mamllib.inner_loop import listed_path
from mamllib.statements.ji2022 import noisy_paths
from mamllib.statements.ji2022.sampled_path import (
    SampledPath,
    column,
    growth,
    mean,
    root_of_size,
    roundoff,
    size,
)
from mamllib.statements.ji2022.stretch import powers, stretch
from mamllib.statements.kit import (
    SAMPLE_DEVIATION,
    SMOOTH,
    UNBIASED,
    Q,
    Source,
    Statement,
    case,
    each,
    evaluate,
    mutant,
    relative_roundoff,
    tree,
)


def squared_error(asked: SampledPath):
    """E‖e_N‖² for each task."""
    return asked.answer.parts.squared_error


def variance(asked: SampledPath):
    """α²σ̃²/D_in, what one step adds."""
    return (asked.alpha * asked.constants.sigma_tilde) ** 2 / asked.D_in


def squared_bound(asked: SampledPath):
    """α²σ̃²Σ_{j<N}x^{2j}/D_in."""
    return variance(asked) * sum(stretch(asked) ** (2 * j) for j in range(asked.steps))


def bound(asked: SampledPath):
    """ασ̃√(Σ_{j<N}x^{2j}/D_in)."""
    one = asked.alpha * asked.constants.sigma_tilde
    return one * growth(asked, asked.steps) / root_of_size(asked.D_in, one)


def squared_roundoff(asked: SampledPath):
    """The same budget for squares."""
    return 2 * roundoff(asked) * size(asked) + relative_roundoff(asked) * squared_bound(asked)


def one_batch(asked: SampledPath):
    """E‖e_N‖² where one batch serves all steps."""
    return evaluate(_one_batch, asked)


def _one_batch(asked: SampledPath):
    def of_task(task):
        exact = listed_path(task, asked.alpha, asked.w, asked.steps)[-1]
        paths, chances = listed_values(
            task, (asked.D_in,), lambda batch: tuple(asked.path(task, [batch] * asked.steps))
        )
        ends = column(paths, asked.steps)
        return mean(chances, each(lambda end: tree.norm_squared(tree.subtract(end, exact)), ends))

    return asked.family.map(of_task)


PATH_NOISE = Statement(
    id="ji2022/path_noise",
    title="N inner steps, path noise (J4)",
    source=Source("ji2022", "noise along the inner path (J4)", "D"),
    claim=r"\mathbb E\|w_N-\tilde w_N\|^2\le\frac{\alpha^2\tilde\sigma^2}{D_{in}}\sum_{j<N}x^{2j},\quad x=1+\alpha L",
    takes=SampledPath,
    assumes=(SMOOTH, SAMPLE_DEVIATION, UNBIASED),
    lhs=squared_error,
    rhs=squared_bound,
    roundoff=squared_roundoff,
    cases=(
        case("−w²/2, noise ±1, N = 1", noisy_paths.amplified, 1, predicted=Q(1)),
        case("the same, N = 4", noisy_paths.amplified, 4, predicted=Q(1)),
        case("the same, N = 3, D_in = 3", noisy_paths.amplified, 3, 3, predicted=Q(1)),
        case("−w²/2, noise that depends on w, N = 2", noisy_paths.two_values, predicted=Q(1)),
        case("six rippled parabolas in 3-D, N = 3", noisy_paths.rippled),
        case("20 images of 3 and 8, N = 2", noisy_paths.few_digits),
    ),
    mutants=(
        mutant("N for Σx^{2j}", noisy_paths.amplified, 3, rhs=lambda p: p.steps * variance(p)),
        mutant("Σx^j for Σx^{2j}", noisy_paths.amplified, 3, rhs=lambda p: variance(p) * powers(p, p.steps)),
        mutant("one batch for all steps", noisy_paths.amplified, 3, lhs=one_batch),
        mutant("1/D_in²", noisy_paths.amplified, 3, 3, rhs=lambda p: squared_bound(p) / p.D_in),
        mutant("lowered by a thousandth", noisy_paths.amplified, 3, rhs=lambda p: squared_bound(p) * Q(999, 1000)),
    ),
)

MEAN_ERROR = PATH_NOISE.variant(
    id="ji2022/mean_error",
    title="N inner steps, mean path error (J4)",
    source=Source("ji2022", "mean error of the inner path (J4)", "D"),
    claim=r"\mathbb E\|w_N-\tilde w_N\|\le\alpha\tilde\sigma\sqrt{\tfrac1{D_{in}}\textstyle\sum_{j<N}x^{2j}}",
    lhs=lambda asked: asked.answer.parts.error,
    rhs=bound,
    roundoff=roundoff,
    rests_on=("ji2022/path_noise",),
    cases=(
        case("−w²/2, noise that depends on w, N = 2", noisy_paths.two_values, predicted=Q(1)),
        case("−w²/2, noise ±1, N = 1", noisy_paths.amplified, 1, predicted=Q(1)),
        case("the same, N = 4", noisy_paths.amplified, 4),
        case("six rippled parabolas in 3-D, N = 3", noisy_paths.rippled),
        case("20 images of 3 and 8, N = 2", noisy_paths.few_digits),
    ),
    mutants=(
        mutant(
            "√N for √Σx^{2j}",
            noisy_paths.two_values,
            rhs=lambda p: bound(p) * root_of_size(p.steps, p.alpha) / growth(p, p.steps),
        ),
        mutant("the bound of two samples", noisy_paths.two_values, rhs=lambda p: bound(p) * Q(7072, 10000)),
        mutant("lowered by a thousandth", noisy_paths.two_values, rhs=lambda p: bound(p) * Q(999, 1000)),
    ),
)
