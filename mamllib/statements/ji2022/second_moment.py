"""How large the N-step gradient is in mean square.

    E‖Ĝ_i‖² ≤ y^N[σ̃²/D_o + (x^N‖∇l_i(w)‖ + s_Nσ̃/√D_in)²],
    x = 1 + αL,  y = x² + α²σ_H²/D_h,  s_N² = (αL)²Σ_{j<N}x^{2j}                                     (derived here)

for every α and N, where all 2N + 1 batches are independent. Proof. Given the path, 𝒟_h^0 is independent of all that
stands to the right of its factor, u: E‖(I − α∇̃²l)u‖² = E‖(I − α∇²l)u‖² + α²E‖(∇̃²l − ∇²l)u‖² ≤ yE‖u‖², N times (σ_H in
operator norm will do, since u is fixed given the past). What remains is
E‖∇̃l_i(w_N, 𝒟_o)‖² ≤ σ̃²/D_o + E‖∇l_i(w_N)‖², and ‖∇l_i(w_N)‖ ≤ x^N‖∇l_i(w)‖ + L‖e_N‖; by Minkowski's inequality and
``path_noise`` the root of its mean square is at most x^N‖∇l_i(w)‖ + s_Nσ̃/√D_in. ∎ (a + b)² ≤ 2a² + 2b² gives the form
with two squares, which is weaker.

If one batch serves the path and the Hessians it is false, for noise with heavy tails.
"""

from mamllib.batches import expectation
from mamllib.statements.ji2022 import noisy_paths
from mamllib.statements.ji2022.sampled_path import SampledPath, growth, root_of_size, roundoff, size
from mamllib.statements.ji2022.stretch import stretch
from mamllib.statements.kit import (
    SAMPLE_DEVIATION,
    SAMPLE_HESSIAN,
    SMOOTH,
    UNBIASED,
    Q,
    Source,
    Statement,
    case,
    evaluate,
    mutant,
    relative_roundoff,
    tree,
)
from mamllib.tasks.task import batch_hessian_vector_product


def second_moment(asked: SampledPath):
    """E‖Ĝ_i‖² for each task."""
    return asked.second_moment


def factors(asked: SampledPath):
    """y^N."""
    shaken = (asked.alpha * asked.constants.sigma_H) ** 2 / asked.D_h
    return (stretch(asked) ** 2 + shaken) ** asked.steps


def outer_noise(asked: SampledPath):
    """σ̃²/D_o."""
    return asked.constants.sigma_tilde**2 / asked.D_o


def last_gradient(asked: SampledPath):
    """x^N‖∇l_i(w)‖ for each task."""
    return stretch(asked) ** asked.steps * asked.answer.parts.gradient


def path_noise(asked: SampledPath):
    """s_Nσ̃/√D_in."""
    c = asked.constants
    return asked.alpha * c.L * growth(asked, asked.steps) * c.sigma_tilde / root_of_size(asked.D_in, asked.alpha)


def bound(asked: SampledPath):
    """y^N[σ̃²/D_o + (x^N‖∇l_i(w)‖ + s_Nσ̃/√D_in)²] for each task."""
    return factors(asked) * (outer_noise(asked) + (last_gradient(asked) + path_noise(asked)) ** 2)


def squared_roundoff(asked: SampledPath):
    """The same budget for squares."""
    x = stretch(asked) ** asked.steps
    return 2 * roundoff(asked) * x * size(asked) + (3 + asked.steps) * relative_roundoff(asked) * bound(asked)


def without_hessian_noise(asked: SampledPath):
    """The bound with x^{2N} for y^N."""
    return bound(asked) * stretch(asked) ** (2 * asked.steps) / factors(asked)


def with_linear_hessian_noise(asked: SampledPath):
    """The bound with x^{2N} + Nα²σ_H²/D_h for y^N."""
    shaken = (asked.alpha * asked.constants.sigma_H) ** 2 / asked.D_h
    return bound(asked) * (stretch(asked) ** (2 * asked.steps) + asked.steps * shaken) / factors(asked)


def shared_batches(asked: SampledPath):
    """E‖∏(I − α∇̃²l(w_j, 𝒟_in^j))∇l(w_N)‖²: the batch of each step serves its factor too, the outer one is exact."""
    return evaluate(_shared_batches, asked)


def _shared_batches(asked: SampledPath):
    def of_task(task):
        def square(*batches):
            *points, end = asked.path(task, batches)
            direction = task.gradient(end)
            for point, batch in zip(reversed(points), reversed(batches), strict=True):
                turned = batch_hessian_vector_product(task, point, batch, direction)
                direction = tree.step(direction, asked.alpha, turned)
            return tree.norm_squared(direction)

        return expectation(task, (asked.D_in,) * asked.steps, square)

    return asked.family.map(of_task)


SECOND_MOMENT = Statement(
    id="ji2022/second_moment",
    title="N inner steps, second moment (J6)",
    source=Source("ji2022", "second moment of the N-step gradient (J6)", "D"),
    claim=r"\mathbb E\|\hat G_i\|^2\le y^N\Big[\frac{\tilde\sigma^2}{D_o}+\Big(x^N\|\nabla l_i(w)\|"
    r"+\frac{s_N\tilde\sigma}{\sqrt{D_{in}}}\Big)^2\Big],\quad y=x^2+\frac{\alpha^2\sigma_H^2}{D_h}",
    takes=SampledPath,
    assumes=(SMOOTH, SAMPLE_DEVIATION, SAMPLE_HESSIAN, UNBIASED),
    lhs=second_moment,
    rhs=bound,
    roundoff=squared_roundoff,
    rests_on=("ji2022/path_noise",),
    cases=(
        case("−w²/2 at its top, noise ±1, N = 3", noisy_paths.amplified, 3),
        case("−w²/2, noise in the Hessian alone, N = 3", noisy_paths.shaken_hessian),
        case("the same with D_h = 2", noisy_paths.shaken_hessian, 3, 2),
        case("−w²/2 at its top, N = 2, D_o = 3", noisy_paths.amplified, 2, 1, Q(1, 3), Q(0), 3, predicted=Q(1)),
        case("1 + |w| at α = 1/1000, N = 1", noisy_paths.doubled),
        case("the same at α = 1/10", noisy_paths.doubled, Q(1, 10)),
        case("six rippled parabolas in 3-D, N = 3", noisy_paths.rippled),
    ),
    mutants=(
        mutant("x^{2N} for y^N", noisy_paths.shaken_hessian, rhs=without_hessian_noise),
        mutant("x^{2N} + Nα²σ_H²/D_h for y^N", noisy_paths.shaken_hessian, rhs=with_linear_hessian_noise),
        mutant(
            "a² + b² for (a + b)²",
            noisy_paths.doubled,
            rhs=lambda p: factors(p) * (outer_noise(p) + last_gradient(p) ** 2 + path_noise(p) ** 2),
        ),
        mutant("σ̃²/D_o dropped", noisy_paths.amplified, 3, rhs=lambda p: bound(p) - factors(p) * outer_noise(p)),
        mutant(
            "one batch for a step and its factor",
            noisy_paths.heavy_tails,
            lhs=shared_batches,
        ),
        mutant("lowered by a thousandth", noisy_paths.amplified, 3, rhs=lambda p: bound(p) * Q(999, 1000)),
    ),
)
