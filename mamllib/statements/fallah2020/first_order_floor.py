"""FO-MAML's floor with its best constant: how large ∇F can be where first-order MAML stands still.

    E_i ∇f_i(w⁺) = 0, α ≤ 1/L, exact gradients  ⇒  ‖∇F(w)‖ ≤ αL(1 + αL)σ                        (derived here)

Only the deviation of the tasks at this w is used, and neither ρ nor a dimension.

Proof. Write a = αL, x_i = ∇f_i(w), g_i = ∇f_i(w⁺), H_i = ∇²f_i(w), m = ‖E x_i‖, ‖·‖₂ = (E_i‖·‖²)^½. Since E g_i = 0,
    ‖g‖₂ ≤ ‖x − E x‖₂ + ‖g − x − E(g − x)‖₂ ≤ σ + √(‖g − x‖₂² − ‖E(g − x)‖²).
The secant from w to w⁺ has ‖g_i − x_i‖ ≤ a‖x_i‖, so ‖g − x‖₂² ≤ a²(σ² + m²), and E(g − x) = −E x. The root is at most
√(a²σ² − (1 − a²)m²) ≤ aσ, as a ≤ 1. So ‖g‖₂ ≤ (1 + a)σ, and ∇F = E(I − αH_i)g_i = −αE H_ig_i is at most aE‖g_i‖.

Sharp for every a ≤ 1: ``opposite_curvatures`` comes as near as one likes, within Assumptions 4.2 to 4.5 on all of R.
"""

from mamllib.statements.fallah2020.convergence.instances import NO_SAMPLES
from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.statements.fallah2020.rest import accuracy, exact_gradients, hypotheses, relative_step, roundoff
from mamllib.statements.fallah2020.two_ramps import two_ramps, two_ramps_constants
from mamllib.statements.kit import (
    SAMPLE_DEVIATION,
    SMOOTH,
    TASK_DEVIATION,
    UNBIASED,
    Q,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    deviations,
    mutant,
    np,
)
from mamllib.tasks import BrokenLine, Noisy, Quadratic, RademacherNoise


def bound(setting: Setting):
    """αL(1 + αL)σ."""
    step = relative_step(setting)
    return step * (1 + step) * setting.sigma


def all_hypotheses(setting: Setting) -> dict:
    """FO-MAML at rest, α ≤ 1/L, and no sample noise."""
    return hypotheses(setting, "FO-MAML") | exact_gradients(setting)


def opposite_curvatures(alpha=Q(1, 10), eta=Q(1, 10**4)) -> Setting:
    """Two equally likely tasks, α ≤ 1, at w = 0: f'' = −1 between w and w⁺, and +1 from w⁺ on; the second's is +1 at w.

    With f_1'(0) = 1 and f_2'(0) = −y both secants are those of curvature −1, up to the width η of a rise. So
    g_1 = 1 + α − η, g_2 = −(1 + α)y + 2η, and y = (1 + α + η)/(1 + α) puts FO-MAML to rest: F' = αg_1. The gradients
    differ most at w = −η, so 2σ = 1 + y + η → 2. Runs settle there: the expected direction rises at the rate 1.
    """
    y = (1 + alpha + eta) / (1 + alpha)
    second = valley(-y, alpha * y, eta, ((-eta, Q(-1)), (0 * eta, Q(1)), (eta, Q(-1))))
    return at_zero("FO-MAML", TaskFamily.of([valley(Q(1), alpha, eta), second]), alpha)


def valley(tilt, edge, eta, dent=()) -> BrokenLine:
    """f'' = −1 but for a ``dent``, and +1 from ±``edge`` on, with rises of width η."""
    ends = (-edge, Q(1)), (-edge + eta, Q(-1)), (edge - eta, Q(-1)), (edge, Q(1))
    return BrokenLine(*zip(*ends[:2], *dent, *ends[2:], strict=True), tilt)


def at_zero(algorithm: str, family: TaskFamily, alpha, **options) -> Setting:
    """``algorithm`` at w = 0 with exact gradients, in fractions, and the σ that is proved for the tasks."""
    family = family.with_certified_sigma()
    return Setting.of(algorithm, family, alpha, Q(0), 20, NO_SAMPLES, Q(1), Q(1), **options)


def balanced_ramps(alpha=Q(1, 10)) -> Setting:
    """Two ramps centred so that FO-MAML's expected direction vanishes at w = 0: c = (3 − (3α)²/2)/(1 − α)."""
    centre = (3 - (3 * alpha) ** 2 / 2) / (1 - alpha)
    constants = two_ramps_constants(centre)
    return Setting.of("FO-MAML", two_ramps(centre), alpha, Q(0), 20, NO_SAMPLES, Q(10), Q(1), constants=constants)


def space_parabolas(seed: int, alpha: float = 0.9, tasks: int = 4) -> Setting:
    """Random quadratics in 3-D, A_i of norm 1, where Σ(I − αA_i)A_i(w − c_i) = 0; σ is their deviation there."""
    rng = np.random.default_rng(seed)
    squares = rng.normal(size=(tasks, 3, 3))
    squares = squares + squares.transpose(0, 2, 1)
    matrices = squares / np.linalg.norm(squares, 2, axis=(1, 2))[:, None, None]
    centres = rng.normal(size=(tasks, 3))
    adapted = matrices - alpha * matrices @ matrices
    w = np.linalg.solve(adapted.sum(axis=0), np.einsum("kij,kj->i", adapted, centres))
    family = TaskFamily.of([Quadratic(*pair) for pair in zip(matrices, centres, strict=True)])
    sigma = float(deviations.task_deviation(family, w)) ** 0.5
    return Setting.of("FO-MAML", family, alpha, w, 20, NO_SAMPLES, 1.0, 1.0, sigma=sigma)


def equal_gradients_long_step(alpha=Q(11, 10)) -> Setting:
    """α > 1 and two tasks of one gradient at w = 0, so σ = 0 there: curvatures 1, and 1 but for a dent to −1 at 0.

    g_1 = 1 − α, and with a dent of half-width 2(α − 1) g_2 = −g_1: FO-MAML is at rest, and F' = α(α − 1).
    """
    width = 2 * (alpha - 1)
    second = BrokenLine((-width, Q(0), width), (Q(1), Q(-1), Q(1)), Q(1))
    family = TaskFamily.of([Quadratic(Q(1), Q(-1)), second], sigma=Q(0))
    return Setting.of("FO-MAML", family, alpha, Q(0), 20, NO_SAMPLES, Q(1), Q(1))


def moving_parabola(algorithm: str = "FO-MAML") -> Setting:
    """f = w²/2 at w = 1, where nothing is at rest."""
    family = TaskFamily.of([Quadratic(Q(1), Q(0))], sigma=Q(0))
    return Setting.of(algorithm, family, Q(1, 10), Q(1), 20, NO_SAMPLES, Q(1), Q(1))


def noisy_corner(s=Q(1), alpha=Q(1, 10)) -> Setting:
    """One task, f'' rising from −1 to 1 about 0, and samples ±s that make E g = 0 where f' is not: σ = 0, σ̃ = s."""
    kink = BrokenLine((Q(-1, 100), Q(1, 100)), (Q(-1), Q(1)), Q(1, 200) - alpha * s)
    family = TaskFamily.of([Noisy(kink, RademacherNoise(s))], sigma=Q(0))
    w = -(alpha**2) * s / (1 + alpha)
    return Setting.of("FO-MAML", family, alpha, w, 20, NO_SAMPLES, Q(1), Q(1))


def share(alpha, eta):
    """What ``opposite_curvatures`` uses of the bound: (1 − η/(1 + α))/σ."""
    return 2 * (1 - eta / (1 + alpha)) / (2 + eta + eta / (1 + alpha))


def sharp(alpha, eta):
    """``opposite_curvatures`` as a case."""
    exponent = len(str(eta.denominator)) - 1
    name = f"opposite curvatures, αL = {alpha}, η = 10^−{exponent}"
    return case(name, opposite_curvatures, alpha, eta, predicted=share(alpha, eta))


FIRST_ORDER_FLOOR = Statement(
    id="fallah2020/first_order_floor",
    title="FO-MAML's floor",
    source=Source("fallah2020", "Theorem 4.15, where FO-MAML comes to rest", "D"),
    claim=r"\mathbb{E}_i\nabla f_i(w^+)=0\ \Rightarrow\ \|\nabla F(w)\|\le\alpha L(1+\alpha L)\,\sigma",
    takes=Setting,
    assumes=(SMOOTH, TASK_DEVIATION, SAMPLE_DEVIATION, UNBIASED),
    hypotheses=all_hypotheses,
    lhs=accuracy,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        sharp(Q(1, 1000), Q(1, 10**6)),
        sharp(Q(1, 10), Q(1, 10**8)),
        sharp(Q(1, 4), Q(1, 10**4)),
        sharp(Q(1, 2), Q(1, 10**8)),
        sharp(Q(9, 10), Q(1, 10**4)),
        sharp(Q(1), Q(1, 10**8)),
        case("two ramps balanced for FO-MAML", balanced_ramps),
        case("four quadratics in 3-D, σ at rest", space_parabolas),
        case("αL = 11/10, equal gradients", equal_gradients_long_step, expected=Verdict.SILENT),
    ),
    spared={"sample deviation ≤ σ̃": "σ̃ = 0 here, and a tenth of it is 0"},
    mutants=(
        mutant("αLσ: the factor 1 + αL dropped", opposite_curvatures, rhs=lambda s: relative_step(s) * s.sigma),
        mutant("lowered by a thousandth", opposite_curvatures, rhs=lambda setting: bound(setting) * Q(999, 1000)),
        mutant("any step", equal_gradients_long_step, drops="α ≤ 1/L"),
        mutant("anywhere", moving_parabola, drops="E G(w) = 0"),
        mutant("sampled gradients", noisy_corner, drops="σ̃ = 0"),
    ),
)
