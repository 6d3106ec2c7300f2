"""The N-step gradient is biased: the noise of the path passes through curved gradients and Hessians.

    ‖EĜ_i − ∇𝓛_i(w)‖ ≤ [x^N s_N σ̃ + (ρα/L)x^{2N−1}Σ_{j<N}s_j σ̃‖∇l_i(w)‖]/√D_in,
    x = 1 + αL,  s_j² = (αL)²Σ_{i<j}x^{2i}                                                         (derived here)

for every α and N, where all 2N + 1 batches are independent. The bound of ``path_noise`` is what makes s_j of x^j − 1.

Proof. Given the path, the batches 𝒟_h and 𝒟_o are unbiased and independent, so EĜ_i = E P(path)∇l_i(w_N) with
P(path) = ∏_{j<N}(I − α∇²l_i(w_j)). Subtract P∇l_i(w̃_N):
    ‖P(path)(∇l_i(w_N) − ∇l_i(w̃_N))‖ ≤ x^N L‖e_N‖,
    ‖(P(path) − P)∇l_i(w̃_N)‖ ≤ αρx^{N−1}Σ_{j<N}‖e_j‖ · x^N‖∇l_i(w)‖,
exchanging one factor at a time, and E‖e_j‖ ≤ s_jσ̃/(L√D_in). ∎ On quadratics there is no bias. At D_in = 1 the first
term is approached beside a corner of l', as ρ → ∞; at a fixed ρ that part of the bias is of order 1/D_in. The second,
which begins at N = 2, is approached at a narrow V in l''.
"""

from mamllib.statements.ji2022 import noisy_paths
from mamllib.statements.ji2022.sampled_path import SampledPath, growth, root_of_size, roundoff
from mamllib.statements.ji2022.stretch import stretch
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SMOOTH,
    UNBIASED,
    Q,
    Source,
    Statement,
    case,
    mutant,
    total,
)


def bias(asked: SampledPath):
    """‖EĜ_i − ∇𝓛_i‖ for each task."""
    return asked.answer.parts.shift


def noise(asked: SampledPath):
    """σ̃/√D_in."""
    return asked.constants.sigma_tilde / root_of_size(asked.D_in, asked.alpha)


def moved_gradient(asked: SampledPath):
    """x^N s_N σ̃/√D_in."""
    reach = asked.alpha * asked.constants.L * growth(asked, asked.steps)
    return stretch(asked) ** asked.steps * reach * noise(asked)


def moved_factors(asked: SampledPath):
    """(ρα/L)x^{2N−1}Σ_{j<N}s_j σ̃‖∇l_i(w)‖/√D_in for each task."""
    reach = asked.alpha * sum((growth(asked, j) for j in range(asked.steps)), 0 * asked.alpha)
    bent = asked.constants.rho * asked.alpha * stretch(asked) ** max(2 * asked.steps - 1, 0)
    return bent * reach * noise(asked) * asked.answer.parts.gradient


bound = total(moved_gradient, moved_factors)


def fewer_factors_on_the_gradient(asked: SampledPath):
    """Without x^N in the first term."""
    return moved_gradient(asked) / stretch(asked) ** asked.steps + moved_factors(asked)


BIAS = Statement(
    id="ji2022/bias",
    title="N inner steps, bias (J5)",
    source=Source("ji2022", "bias of the N-step gradient (J5)", "D"),
    claim=r"\|\mathbb E\hat G_i-\nabla\mathcal L_i(w)\|\le\Big[x^Ns_N+\tfrac{\rho\alpha}Lx^{2N-1}"
    r"\sum_{j<N}s_j\|\nabla l_i(w)\|\Big]\frac{\tilde\sigma}{\sqrt{D_{in}}},\quad "
    r"s_j^2=\alpha^2L^2\sum_{i<j}x^{2i}",
    takes=SampledPath,
    assumes=(SMOOTH, HESSIAN_LIPSCHITZ, SAMPLE_DEVIATION, UNBIASED),
    lhs=bias,
    rhs=bound,
    roundoff=roundoff,
    rests_on=("ji2022/mean_error",),
    cases=(
        case("|w| beside its corner, N = 1", noisy_paths.turned_up, predicted=Q(99, 100)),
        case("the same at α = ½", noisy_paths.turned_up, 1, Q(1, 2), predicted=Q(49, 50)),
        case("a V in l'', N = 2", noisy_paths.vee),
        case("the same at α = 1", noisy_paths.vee, Q(1)),
        case("−w²/2, N = 3: no bias", noisy_paths.amplified, 3),
        case("six rippled parabolas in 3-D, N = 3", noisy_paths.rippled),
        case("20 images of 3 and 8, N = 2", noisy_paths.few_digits),
    ),
    mutants=(
        mutant("no x^N in the first term", noisy_paths.turned_up, rhs=fewer_factors_on_the_gradient),
        mutant(
            "x^{2N−2} in the second",
            noisy_paths.vee,
            rhs=lambda p: moved_gradient(p) + moved_factors(p) / stretch(p),
        ),
        mutant("ρ-term dropped", noisy_paths.vee, rhs=moved_gradient),
        mutant(
            "1/D_in for 1/√D_in",
            noisy_paths.turned_up,
            *(1, Q(1), 4),
            rhs=lambda p: bound(p) / root_of_size(p.D_in, p.alpha),
        ),
        mutant("lowered by 3 %", noisy_paths.turned_up, rhs=lambda p: bound(p) * Q(97, 100)),
    ),
)
