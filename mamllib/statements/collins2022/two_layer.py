"""Where MAML ends, the gradient of the hard task is small, by a factor that is the square of how they contract.

    ‖∇f_H(w)‖ ≤ (p_E(1 − αβ_E)^{2N}‖∇f_E(w)‖ + ‖∇F(w)‖)/(p_H(1 − αL_H)^{2N})                       (derived here)

for twice differentiable losses with β_E ≤ ∇²f_E ≤ L_E and ∇²f_H ≤ L_H at w and along the inner paths, α(L_E + β_E) ≤ 2
and αL_H < 1. At a stationary point of F = p_Ef_E(w̃) + p_Hf_H(w̃) the last term is 0; standard training ends where
p_H‖∇f_H‖ = p_E‖∇f_E‖. β_E may be negative, and nothing bounds the Hessian of f_H from below.

Proof. ∇F_i = P_iM_i∇f_i with N factors I − αH each (Ji et al., J1 and J3): H at the points of the path in P_i, its mean
along the steps in M_i. Factors of H have eigenvalues ≥ 1 − αL_H > 0, so ‖∇F_H‖ ≥ (1 − αL_H)^{2N}‖∇f_H‖; those of E lie
in [1 − αL_E, 1 − αβ_E], and are at most 1 − αβ_E in absolute value, since α(L_E + β_E) ≤ 2 (else αL_E − 1 takes its
place). And p_H∇F_H = ∇F − p_E∇F_E. ∎

What is measured: the eigenvalues at w, along every step of both paths at equally spaced points, and of the mean over
each step by ‖∇f(w̃_j) − ∇f(w̃_{j+1})‖. A network is given no constants: it has none that hold everywhere.
"""

from mamllib.checking.hypothesis import PROVED
from mamllib.statements.collins2022.ring import at_rest, ring, task_gradients_balance
from mamllib.statements.collins2022.two_tasks import EASY, HARD, POINTS_A_STEP, TwoTasks
from mamllib.statements.kit import (
    Hypothesis,
    Q,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    is_exact,
    margin,
    mutant,
    np,
    relative_roundoff,
    strictly,
)
from mamllib.tasks import LinearRegression, Quadratic


def hard_gradient(asked: TwoTasks):
    """‖∇f_H(w)‖."""
    return asked.answer.parts.sizes[HARD]


def factor(asked: TwoTasks, curvature=None):
    """((1 − αβ_E)/(1 − αL_H))^{2N}, or with another curvature of the easy task in it."""
    curvature = asked.beta_E if curvature is None else curvature
    return ((1 - asked.alpha * curvature) / (1 - asked.alpha * asked.L_H)) ** (2 * asked.steps)


def bound(asked: TwoTasks, factor=factor):
    """(p_E(1 − αβ_E)^{2N}‖∇f_E‖ + ‖∇F‖)/(p_H(1 − αL_H)^{2N})."""
    return without_residual(asked, factor) + residual(asked)


def without_residual(asked: TwoTasks, factor=factor):
    """The bound at a stationary point."""
    p_E, p_H = chances(asked)
    return p_E / p_H * factor(asked) * asked.answer.parts.sizes[EASY]


def residual(asked: TwoTasks):
    """‖∇F‖/(p_H(1 − αL_H)^{2N})."""
    return asked.answer.parts.meta_gradient / (
        chances(asked)[HARD] * (1 - asked.alpha * asked.L_H) ** (2 * asked.steps)
    )


def chances(asked: TwoTasks) -> tuple:
    """p_E and p_H."""
    probabilities = asked.family.probabilities
    return probabilities if is_exact(probabilities) else tuple(np.asarray(probabilities))


def hypotheses(asked: TwoTasks) -> dict:
    """The spectra along both paths, α(L_E + β_E) ≤ 2 and αL_H < 1."""
    found, step = asked.answer.parts, asked.alpha
    shrinks = (
        {} if _is_constant(asked) else {"‖∇f_E‖ shrinks accordingly": margin(largest_factor(asked), found.kept[EASY])}
    )
    return shrinks | {
        "β_E ≤ ∇²f_E": _seen(asked, found.least[EASY] - asked.beta_E),
        "∇²f_E ≤ L_E": _seen(asked, asked.L_E - found.largest[EASY]),
        "∇²f_H ≤ L_H": _seen(asked, asked.L_H - found.largest[HARD]),
        "α(L_E + β_E) ≤ 2": margin(2, step * (asked.L_E + asked.beta_E)),
        "αL_H < 1": strictly(margin(1, step * asked.L_H)),
    }


def largest_factor(asked: TwoTasks):
    """max{1 − αβ_E, αL_E − 1}, the most that a step can leave of ∇f_E."""
    return max(1 - asked.alpha * asked.beta_E, asked.alpha * asked.L_E - 1)


def _seen(asked: TwoTasks, room) -> Hypothesis:
    """Proved where the Hessian is the same everywhere, else not refuted along the paths."""
    room = room * asked.alpha  # in the units of αL
    if not is_exact(room) and abs(room) <= relative_roundoff(asked):
        room = 0.0
    places = PROVED if _is_constant(asked) else 2 * (1 + asked.steps * (POINTS_A_STEP + 1))
    return Hypothesis(room, places=places)


def _is_constant(asked: TwoTasks) -> bool:
    """Whether the Hessians are proved to be the same everywhere."""
    return asked.certificate.get("rho") == 0


def roundoff(asked: TwoTasks):
    """γ of both gradients, of what rounding w does to them, and of the meta-gradient's factors."""
    found = asked.answer.parts
    size = float(sum(found.sizes) + sum(found.rounded))
    stretched = (1 + abs(asked.alpha) * max(abs(asked.L_E), abs(asked.L_H), abs(asked.beta_E))) ** (2 * asked.steps)
    return relative_roundoff(asked) * size * float(stretched * factor(asked) + stretched) / float(chances(asked)[HARD])


def parabolas(alpha=Q(1, 2), N: int = 1, beta_E=Q(1), L_H=Q(1, 2), curvature=Q(1, 2)) -> TwoTasks:
    """w²/2 and (w − 1)²/4 where N steps of MAML end: at α = ½, N = 1 at 9/17, with gradients 9/17 and −4/17."""
    family = TaskFamily.of([Quadratic(Q(1), Q(0)), Quadratic(curvature, Q(1))])
    easy, hard = (rho * (1 - alpha * rho) ** (2 * N) for rho in (Q(1), curvature))
    return TwoTasks.of(family, alpha, hard / (easy + hard), beta_E, Q(1), L_H, N)


def concave(N: int = 1) -> TwoTasks:
    """w²/4 and −(w − 1)²/4 at α = ½, chances ¼ and ¾: the hard task has no lower bound to offer."""
    family = TaskFamily.of([Quadratic(Q(1, 2), Q(0)), Quadratic(Q(-1, 2), Q(1))], [Q(1, 4), Q(3, 4)])
    return TwoTasks.of(family, Q(1, 2), Q(1, 3), Q(1, 2), Q(1, 2), Q(-1, 2), N)


def overshooting(L_E=Q(36, 25)) -> TwoTasks:
    """αL_E = 36/25 along the axis on which the optima differ, β_E = 16/25 along the other: their sum is more than 2."""
    easy = LinearRegression(np.array([[Q(4, 5), Q(0)], [Q(0), Q(6, 5)]]), np.array([Q(0), Q(0)]))
    hard = LinearRegression(np.array([[Q(1, 2), Q(0)], [Q(0), Q(1, 2)]]), np.array([Q(0), Q(1)]))
    a_E, a_H = (rho * (1 - rho) ** 2 for rho in (Q(36, 25), Q(1, 4)))
    end = np.array([Q(0), a_H / (a_E + a_H)])
    return TwoTasks.of(TaskFamily.of([easy, hard]), Q(1), end, Q(16, 25), L_E, Q(1, 4), 1)


def network(teacher=((2.0, 0.0), (-2.0, 0.0)), end=at_rest, N: int = 1) -> TwoTasks:
    """Two softplus units on a ring of inputs, each task's teacher on its own ring, at α = 2; bounds as met."""
    family = ring(teacher)
    w = end(family, 2.0, N)
    return TwoTasks.of(family, 2.0, w, 0.0, 0.0, 0.0, N).as_met()


def exchanged(asked: TwoTasks):
    """The bound of the easy gradient by the hard one, with the same constant."""
    return factor(asked) * asked.answer.parts.sizes[HARD]


TILTED = ((1.2, 0.2), (-1.2, 0.2))

TWO_LAYER = Statement(
    id="collins2022/two_layer",
    title="where MAML ends, the hard task's gradient (C9)",
    source=Source("collins2022", "the gradients of easy and hard tasks where MAML ends (C9)", "D"),
    claim=r"\|\nabla f_H(w)\|\le\frac{p_E(1-\alpha\beta_E)^{2N}\|\nabla f_E(w)\|+\|\nabla F(w)\|}"
    r"{p_H(1-\alpha L_H)^{2N}}",
    takes=TwoTasks,
    hypotheses=hypotheses,
    lhs=hard_gradient,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        case("w²/2 and (w − 1)²/4 at α = ½: 4/9", parabolas, predicted=Q(1)),
        case("the same, N = 3", parabolas, N=3, predicted=Q(1)),
        case("the same at α = ¼", parabolas, Q(1, 4), predicted=Q(1)),
        case("w²/4 and −(w − 1)²/4, chances ¼ and ¾", concave),
        case("two softplus units, teachers ±(1, 0) and ±(2, 0)", network),
        case("the same, N = 2", network, N=2),
        case("teachers ±(1, 0) and (±1.2, 0.2)", network, TILTED),
        case("where standard training ends", network, end=task_gradients_balance),
        case("α(L_E + β_E) = 2.08", overshooting, expected=Verdict.SILENT),
        case("the same with L_E declared 2/25 too small", overshooting, Q(34, 25), expected=Verdict.SILENT),
        case("β_E declared a tenth too large", parabolas, beta_E=Q(11, 10), expected=Verdict.SILENT),
        case("L_H declared a tenth too small", parabolas, L_H=Q(2, 5), expected=Verdict.SILENT),
        case(
            "αL_H = 1.05, while (w − 1)² has αρ_H = 1",
            parabolas,
            L_H=Q(21, 10),
            curvature=Q(2),
            expected=Verdict.SILENT,
        ),
    ),
    mutants=(
        mutant("norms exchanged", parabolas, lhs=lambda p: p.answer.parts.sizes[EASY], rhs=exchanged),
        mutant("norms exchanged, for the network", network, lhs=lambda p: p.answer.parts.sizes[EASY], rhs=exchanged),
        mutant("factor squared", parabolas, rhs=lambda p: bound(p, lambda q: factor(q) ** 2)),
        mutant("factor squared, for the network", network, rhs=lambda p: bound(p, lambda q: factor(q) ** 2)),
        mutant("L_E for β_E", network, rhs=lambda p: bound(p, lambda q: factor(q, q.L_E))),
        mutant("at every point, without ‖∇F‖", network, end=task_gradients_balance, rhs=without_residual),
        mutant("α(L_E + β_E) ≤ 2 dropped", overshooting, drops="α(L_E + β_E) ≤ 2"),
        mutant("lowered by a thousandth", parabolas, rhs=lambda p: bound(p) * Q(999, 1000)),
    ),
    spared={
        "‖∇f_E‖ shrinks accordingly": "follows from the bounds of the curvature; it sees a kink between two points"
    },
)
