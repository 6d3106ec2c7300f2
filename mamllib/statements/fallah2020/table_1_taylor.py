"""Table 1, K-shot column, where the Hessian is Lipschitz: for one problem MAML's accuracy is of order 1/K in the end.

    E G(w) = 0  ⇒  ‖∇F(w)‖ ≤ (1 + αL)ρα²σ̃²/(2K)                                                  (derived here)

Proof. ∇F = E_i(I − αH_i)(∇f_i(w⁺) − E g_i), and each bracket is at most ρα²σ̃²/(2K) by Taylor's formula (Lemma 4.10).
With Table 1's own bound, ‖∇F‖ ≤ (1 + αL) min{αLσ̃/√K, ρα²σ̃²/(2K)}: they meet at K = (ρασ̃/(2L))².
"""

from functools import partial

from mamllib.statements.fallah2020.convergence.instances import NO_SAMPLES
from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.statements.fallah2020.rest import hypotheses, relative_step
from mamllib.statements.fallah2020.table_1 import TABLE_1_MAML, kinked_bowl, noisy_ramps, one_shot
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SMOOTH,
    UNBIASED,
    Q,
    Source,
    TaskFamily,
    case,
    mutant,
)
from mamllib.tasks import Noisy, OddRamp, RademacherNoise


def taylor_bound(setting: Setting, power: int = 1):
    """(1 + αL)ρα²σ̃²/(2K^power), K = D_in."""
    c, K = setting.constants, setting.sizes.D_in**power
    return (1 + relative_step(setting)) * c.rho * setting.alpha**2 * c.sigma_tilde**2 / (2 * K)


def parabola(m: int = 200, root: int = 1) -> Setting:
    """f'' = clip(w, −1, 1), K = root² samples ±s that all land where it is straight, and E g = 0 in fractions.

    Let z = 2m/(m² − 1), so that q = √(1 + z²) is rational; α = root · z and αs = 1. At w = −(q − 1)/α and with
    f'(0) = w/α − w²/2 we have w⁺ = 0 and E f'(w̃) = f'(0) + 1/(2K) = 0. F' uses the share q/(1 + α), as f''(w) = w.
    """
    z, q = Q(2 * m, m * m - 1), Q(m * m + 1, m * m - 1)
    alpha = root * z
    w = -(q - 1) / alpha
    task = Noisy(OddRamp(Q(1), Q(1), w / alpha - w * w / 2), RademacherNoise(1 / alpha))
    sizes = NO_SAMPLES._replace(D_in=root * root)
    return Setting.of("MAML", TaskFamily.of([task], sigma=Q(0)), alpha, w, 25, sizes, Q(1), Q(1))


def share(m: int, root: int = 1):
    """What ``parabola`` uses of the bound: q/(1 + α)."""
    return Q(m * m + 1, m * m - 1) / (1 + root * Q(2 * m, m * m - 1))


TABLE_1_TAYLOR = TABLE_1_MAML.variant(
    id="fallah2020/table_1_taylor",
    title="Table 1, K-shot accuracy of MAML by Taylor's formula",
    source=Source("fallah2020", "Table 1, K-shot column under Assumption 4.4", "D"),
    claim=r"\|\nabla F(w)\|\le(1+\alpha L)\,\frac{\rho\alpha^2\tilde\sigma^2}{2K}",
    assumes=(SMOOTH, HESSIAN_LIPSCHITZ, SAMPLE_DEVIATION, UNBIASED),
    hypotheses=partial(hypotheses, algorithm="MAML"),
    rhs=taylor_bound,
    rests_on=("fallah2020/lemma_4_10_taylor",),
    cases=(
        case("odd ramp, all noise where it is straight, K = 1", parabola, predicted=share(200)),
        case("the same at K = 4", parabola, 200, 2, predicted=share(200, 2)),
        case("odd ramp, ρ = 10⁶, K = 1", one_shot),
        case("kinked bowl, d = 1/10, K = 256", kinked_bowl, 256, 0.1),
        case("two noisy ramps, K = 16", noisy_ramps, 16, "MAML"),
    ),
    spared={
        "α ≤ 1/L": "true: the proof does not use it",
        "L/2": "open: L enters as 1 + αL alone, and the sharp instances have a small αL",
        "f_i is L-smooth": "open: L enters as 1 + αL alone, and the sharp instances have a small αL",
    },
    mutants=(
        mutant("K squared", parabola, 200, 2, rhs=partial(taylor_bound, power=2)),
        mutant("lowered by 1 %", parabola, rhs=lambda setting: taylor_bound(setting) * Q(99, 100)),
        mutant("ρ dropped", one_shot, rhs=lambda s: taylor_bound(s) / s.constants.rho),
    ),
)
