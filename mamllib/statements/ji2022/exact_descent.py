"""Without noise N-step MAML needs O(1/ε²) outer steps of 1/L_{w_k}.

    x^{2N} < 2, β_k = 1/L_{w_k}  ⇒  min_{k<K}‖∇𝓛(w_k)‖ ≤ B̄Δ/K + √((B̄Δ/K)² + 2AΔ/K),
    A = x^{2N}L + C_Lσ/(2 − x^{2N}),  B̄ = C_L/(2 − x^{2N}),  C_L = (ρ/L)x^{2N−1}(x^N − 1)            (derived here)

Proof. L_{w_k} bounds the smoothness from w_k on, so 𝓛(w_{k+1}) ≤ 𝓛(w_k) − ‖∇𝓛(w_k)‖²/(2L_{w_k}). L_w ≤ A + B̄‖∇𝓛(w)‖ by
``task_gradient``, and t²/(A + B̄t) increases: sum, put the smallest gradient t in place of each, and solve
t²/(A + B̄t) ≤ 2Δ/K. ∎ By Jensen the mean of ‖∇𝓛(w_k)‖ obeys the same bound. One step on Lw²/2 uses the share
((1 − αL)/x)^N of it, which tends to 1 as NαL → 0; K steps on a gradient that hardly changes use nearly 1/√2.
"""

from mamllib import objectives
from mamllib.statements.ji2022 import outer_loop
from mamllib.statements.ji2022.outer_loop import accuracy
from mamllib.statements.ji2022.resampled_runs import OneLossATask, beside, largest_smoothness
from mamllib.statements.ji2022.stretch import stretch
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SMOOTH,
    TASK_DEVIATION,
    Constants,
    Parameters,
    Places,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    holds_if,
    jax,
    join_segments,
    margin,
    mutant,
    np,
    question,
    replace,
    strictly,
)
from mamllib.tasks import BrokenLine, Quadratic, Trigonometric


@question
class ExactDescent(OneLossATask):
    """A task family, α, w, Δ ≥ 𝓛(w) − inf 𝓛, the numbers of outer and inner steps, σ and the constants."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    gap: Parameters
    iterations: int
    steps: int
    sigma: Parameters
    constants: Constants

    divisor, runs = 1.0, 1

    @property
    def key(self):
        """Of nothing: no step is random."""
        return jax.random.key(0)

    def direction(self, w, key):
        """∇𝓛(w)."""
        return self.objective(w)[1]

    def places_between(self, task, w, w_next, key):
        """Both inner paths and what lies between them."""
        across, along = beside(task, self.alpha, w, w_next, self.steps)
        return ((task, Places(points=across[0], chords=join_segments(across, along), bends=across)),)


def smallest_gradient(asked: ExactDescent):
    """min_{k<K}‖∇𝓛(w_k)‖."""
    return asked.answer.parts.norms.min()


def quotient(asked: ExactDescent):
    """2Δ/K."""
    return 2 * asked.gap / asked.iterations


def bound(asked: ExactDescent):
    """B̄Δ/K + √((B̄Δ/K)² + 2AΔ/K)."""
    return accuracy(quotient(asked), *largest_smoothness(asked))


def hypotheses(asked: ExactDescent) -> dict:
    """N ≥ 1, x^{2N} < 2, and Δ."""
    return {
        "N ≥ 1": holds_if(asked.steps >= 1),
        "x^{2N} < 2": strictly(margin(2, stretch(asked) ** (2 * asked.steps))),
        outer_loop.FALL: asked.fall(),
    }


def parabola(N: int = 1, step=0.01) -> ExactDescent:
    """w²/2 from 1, one outer step: 𝓛 = (1 − α)^{2N}w²/2."""
    family = TaskFamily.of([Quadratic(1.0, 0.0)], sigma=0.0)
    return ExactDescent.of(family, step, 1.0, (1 - step) ** (2 * N) / 2, 1, N)


def parabola_share(N: int, step) -> float:
    """((1 − α)/(1 + α))^N."""
    return float(((1 - step) / (1 + step)) ** N)


def fading(N: int = 1, iterations: int = 10, w: float = 11.0) -> ExactDescent:
    """l'' = 1 − |w|/2 up to |w| = 2 and 0 beyond, from where K steps hardly leave the flat part; αL = 1/(50N)."""
    family = TaskFamily.of([BrokenLine((-2.0, 0.0, 2.0), (0.0, 1.0, 0.0), 0.0)], sigma=0.0)
    alpha = 0.02 / N
    gap = float(objectives.meta_loss(family, alpha, w, N))
    return ExactDescent.of(family, alpha, w, gap, iterations, N)


def far_out(N: int = 1) -> ExactDescent:
    """cos w and a flat bowl, from 10⁴: there the task gradient sets the step."""
    family = TaskFamily.of([Trigonometric(0.05, 1.0, 1.0, 0.0)], sigma=0.0)
    return ExactDescent.of(family, 1 / (8 * N), 10.0**4, 2.6e6, 400, N)


def rippled(seed: int) -> ExactDescent:
    """Four tilted rippled parabolas in three dimensions, five inner steps."""
    rng = np.random.default_rng(seed)
    tasks = [Trigonometric(0.6, 0.4, 2.0, tilt) for tilt in rng.normal(size=(4, 3))]
    return ExactDescent.of(TaskFamily.of(tasks).with_certified_sigma(), 0.02, rng.normal(size=3), 20.0, 5, 5)


SMALL = "open: where αL is so small that a run uses most of the bound, this moves it by less than what is left"

EXACT_DESCENT = Statement(
    id="ji2022/exact_descent",
    title="N inner steps, convergence without noise (J8)",
    source=Source("ji2022", "convergence without noise (J8)", "D"),
    claim=r"x^{2N}<2,\ \beta_k=\tfrac1{L_{w_k}}\ \Rightarrow\ \min_{k<K}\|\nabla\mathcal L(w_k)\|\le"
    r"\frac{\bar B\Delta}K+\sqrt{\Big(\frac{\bar B\Delta}K\Big)^2+\frac{2A\Delta}K}",
    takes=ExactDescent,
    assumes=(SMOOTH, HESSIAN_LIPSCHITZ, TASK_DEVIATION),
    hypotheses=hypotheses,
    lhs=smallest_gradient,
    rhs=bound,
    roundoff=outer_loop.roundoff,
    rests_on=("ji2022/smoothness", "ji2022/task_gradient"),
    cases=(
        case("w²/2, αL = 1/100, N = 1, K = 1", parabola, predicted=parabola_share(1, 0.01)),
        case("the same, αL = 1/8", parabola, 1, 0.125, predicted=parabola_share(1, 0.125)),
        case("the same, αL = 1/64, N = 8", parabola, 8, 1 / 64, predicted=parabola_share(8, 1 / 64)),
        case("a curvature that fades, N = 1, K = 10", fading),
        case("the same, N = 4, K = 10", fading, 4),
        case("cos w from 10⁴, N = 4, K = 400", far_out, 4),
        case("four rippled parabolas in 3-D, N = 5, K = 5", rippled),
        case("w²/2 at αL = 1/2", parabola, 1, 0.5, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant(
            "A for 2A",
            parabola,
            rhs=lambda p: accuracy(quotient(p), largest_smoothness(p)[0] / 2, largest_smoothness(p)[1]),
        ),
        mutant("B̄ dropped", far_out, 4, rhs=lambda p: accuracy(quotient(p), largest_smoothness(p)[0], 0.0)),
        mutant("Δ/K²", fading, rhs=lambda p: bound(replace(p, gap=p.gap / p.iterations))),
        mutant("lowered by 3 %", parabola, rhs=lambda p: bound(p) * 0.97),
    ),
    spared=outer_loop.open_where(SMALL, "α", "ρ", "σ", HESSIAN_LIPSCHITZ.name, TASK_DEVIATION.name)
    | {
        "x^{2N} < 2": "beyond it B̄ is negative, and the right side with it",
        outer_loop.FALL: "open: the bound of one step has 2 % to spare, and Δ enters by its root",
    },
)
