"""HF-MAML's floor: how large ∇F can be where Hessian-free MAML with probes of a given length stands still.

    E_i G_i = 0, κ = 2αL + α²L² < 1, exact gradients, r = δ‖g‖  ⇒  ‖∇F(w)‖ ≤ h αLσ/√(1 − κ)       (derived here)
    Lh = ρr/2 where ρr ≤ 2L, and 2L − 2L²/(ρr) beyond

With the δ that Theorem 4.17 prints, r = 1/(6ρα): h = 1/(12αL) for αL ≥ 1/12 and 2 − 12αL below, whatever the
batches. ``opposite_probes`` come near it, so that for αL < 1/12, where h > 1, this δ does worse in the worst case than
first-order MAML, whose floor is at most (1 + αL)αLσ: twice as badly as αL → 0. The best constant is known for αL → 0
alone: the instances use (1 + a)√(1 − κ)/√(1 − a²(1 − h)²) of the bound.

Proof. Write a = αL, x_i = ∇f_i(w), g_i = ∇f_i(w⁺), H_i = ∇²f_i(w), m = ‖E x_i‖. A central difference along g_i is
H̄_ig_i with H̄_i the mean Hessian between the probes, where ‖H − H_i‖ ≤ min(ρ · distance, 2L): the mean over
distances up to r is Lh. Let y_i = (I − αH̄_i)g_i, so E y = 0 and ∇F = E(I − αH_i)g_i = αE(H̄_i − H_i)g_i is at most
ahE‖g_i‖. The secant to w⁺ has ‖g_i‖ ≤ (1 + a)‖x_i‖ and ‖y_i − x_i‖ ≤ a‖x_i‖ + a‖g_i‖ ≤ κ‖x_i‖. So
m = ‖E(y − x)‖ ≤ κ√(m² + σ²), hence m² + σ² ≤ σ²/(1 − κ²), and E‖g_i‖ ≤ (1 + a)σ/√(1 − κ²) = σ/√(1 − κ), as
1 + κ = (1 + a)².
"""

from mamllib.statements.fallah2020.convergence.setting import Setting, knee, printed_displacement
from mamllib.statements.fallah2020.first_order_floor import at_zero, moving_parabola
from mamllib.statements.fallah2020.rest import accuracy, hypotheses, relative_step, roundoff
from mamllib.statements.fallah2020.table_1 import kinked_bowl, opposite_ramps
from mamllib.statements.fallah2020.theorem_4_17 import instances
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SAMPLE_HESSIAN,
    SMOOTH,
    TASK_DEVIATION,
    UNBIASED,
    Q,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    build,
    case,
    holds_if,
    is_exact,
    margin,
    mutant,
    replace,
    root_above,
    sqrt,
    strictly,
)
from mamllib.tasks import BrokenLine

FAR = Q(10**6)


def hidden_curvature(setting: Setting):
    """Lh, the most by which the Hessian that a probe of length r sees can differ from the one in the middle."""
    c, r, near = setting.constants, setting.displacement, knee(setting)
    return (c.rho * near * near / 2 + 2 * c.L * (r - near)) / r


def bound(setting: Setting):
    """hαLσ/√(1 − κ), in fractions never rounded up."""
    room = 2 - (1 + relative_step(setting)) ** 2
    root = root_above(room) if is_exact(room) else sqrt(room)
    return setting.alpha * hidden_curvature(setting) * setting.sigma / root


def longer(setting: Setting):
    """(1 + αL)σ."""
    return (1 + relative_step(setting)) * setting.sigma


def all_hypotheses(setting: Setting) -> dict:
    """HF-MAML at rest, κ < 1, and no sample noise."""
    c, step = setting.constants, relative_step(setting)
    named = hypotheses(setting, "HF-MAML")
    return {name: room for name, room in named.items() if name != "α ≤ 1/L"} | {
        "κ < 1": strictly(margin(1, 2 * step + step * step)),
        "σ̃ = σ_H = 0": holds_if(c.sigma_tilde == c.sigma_H == 0),
    }


def opposite_probes(alpha=Q(1, 6), far=FAR, shorter=Q(1), rho=Q(1)) -> Setting:
    """Curvatures −1 and +1 at w = 0, seen as −1 + h and 1 − h by the probes, tilts ±t, t = ``far`` · r, L = 1.

    The probes are the printed ones times ``shorter``. Both inner steps lead far beyond them, through curvature −1, so
    |g| → (1 + α)t as t → ∞. With the probabilities that make E G = 0, F' → αh(1 + α)t and σ → t√(1 − α²(1 − h)²).
    From w⁺ on both curvatures are +1: F is bounded below, σ is finite, and for t large runs settle there.
    """
    r, change = shorter * printed_displacement(alpha, rho), 2 / rho
    tilt, plateau = far * r, max(r, change) + change
    end = max(alpha * tilt, plateau + 3 * change)
    outside = (end - change, -1), (end, 1)
    first = even(tilt, (0, -1), (change, 1), (plateau, 1), (plateau + change, -1), *outside)
    second = even(-tilt, (0, 1), (change, -1), *outside)
    sizes = [abs(direction(task, alpha, r)) for task in (first, second)]
    family = TaskFamily.of([first, second], [sizes[1] / sum(sizes), sizes[0] / sum(sizes)])
    return at_zero("HF-MAML", family, alpha, displacement=r)


def even(tilt, *half) -> BrokenLine:
    """A broken line for f'' that is its own mirror image, from its corners at x ≥ 0."""
    half = [(Q(x), Q(curvature)) for x, curvature in half]
    mirrored = [(-x, curvature) for x, curvature in reversed(half[1:])]
    return BrokenLine(*zip(*mirrored, *half, strict=True), tilt)


def direction(task: BrokenLine, alpha, r):
    """HF-MAML's (1 − αH̄)g at w = 0, in one dimension with probes of length r."""
    seen = (task.gradient(r) - task.gradient(-r)) / (2 * r)
    return (1 - alpha * seen) * task.gradient(-alpha * task.gradient(0 * r))


def share(step: float, shorter: float = 1.0) -> float:
    """What ``opposite_probes`` uses of the bound as t → ∞: (1 + a)√(1 − 2a − a²)/√(1 − a²(1 − h)²)."""
    reach = shorter / (6 * step)
    h = reach / 2 if reach <= 2 else 2 - 2 / reach
    return (1 + step) * ((1 - 2 * step - step**2) / (1 - (step * (1 - h)) ** 2)) ** 0.5


def at_step(inverse: int):
    """``opposite_probes`` with the printed δ at αL = 1/``inverse``, as a case."""
    name = f"opposite curvatures, δ as printed, αL = 1/{inverse}"
    return case(name, opposite_probes, Q(1, inverse), predicted=share(1 / inverse))


HESSIAN_FREE_FLOOR = Statement(
    id="fallah2020/hessian_free_floor",
    title="HF-MAML's floor",
    source=Source("fallah2020", "Theorem 4.17, where HF-MAML comes to rest", "D"),
    claim=r"\mathbb{E}_iG_i=0\ \Rightarrow\ "
    r"\|\nabla F(w)\|\le\frac{h\,\alpha L\,\sigma}{\sqrt{1-2\alpha L-\alpha^2L^2}},\quad"
    r"\ Lh=\begin{cases}\rho r/2&\rho r\le2L\\2L-2L^2/(\rho r)&\rho r>2L\end{cases},\quad r=\delta\|g\|",
    takes=Setting,
    assumes=(SMOOTH, HESSIAN_LIPSCHITZ, TASK_DEVIATION, SAMPLE_DEVIATION, SAMPLE_HESSIAN, UNBIASED),
    hypotheses=all_hypotheses,
    lhs=accuracy,
    rhs=bound,
    roundoff=roundoff,
    cases=(
        *map(at_step, (6, 10, 12, 24, 100, 1000)),
        replace(at_step(1000), name="the same, ρ = 10¹⁰", build=build(opposite_probes, Q(1, 1000), rho=Q(10**10))),
        case("the same, ρ = 1 and ρασ/L = 0.7", opposite_probes, Q(1, 1000), Q(16, 5)),
        case(
            "opposite curvatures, δ with √B, B = 10⁴, αL = 1/24",
            *(opposite_probes, Q(1, 24), FAR, Q(1, 100)),
            predicted=share(1 / 24, 1 / 100),
        ),
        case("two tasks whose probes hide all they can", opposite_ramps),
        case("Instance A, δ as printed", instances.instance_a),
        case("Instance B, equal Hessians", instances.instance_b),
        case("opposite curvatures, αL = 5/12", opposite_probes, Q(5, 12), expected=Verdict.SILENT),
    ),
    spared={
        "sample deviation ≤ σ̃": "σ̃ = 0 here, and a tenth of it is 0",
        "sample Hessian deviation ≤ σ_H": "σ_H = 0 here, and a tenth of it is 0",
        "κ < 1": "beyond it the right side is a root of a negative number",
    },
    mutants=(
        mutant("FO-MAML's floor, αL(1 + αL)σ", opposite_probes, Q(1, 1000), rhs=lambda s: relative_step(s) * longer(s)),
        mutant("h at most 1", opposite_probes, Q(1, 24), rhs=lambda s: bound(s) * min(1, 1 / hidden_curvature(s))),
        mutant("h(1 + αL)αLσ", opposite_probes, rhs=lambda s: s.alpha * hidden_curvature(s) * longer(s)),
        mutant("lowered by a thousandth", opposite_probes, Q(1, 1000), rhs=lambda s: bound(s) * Q(999, 1000)),
        mutant("anywhere", moving_parabola, "HF-MAML", drops="E G(w) = 0"),
        mutant("sampled gradients", kinked_bowl, 1, algorithm="HF-MAML", drops="σ̃ = σ_H = 0"),
    ),
)
