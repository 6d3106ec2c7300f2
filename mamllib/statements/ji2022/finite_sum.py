"""N-step MAML on split data converges, to an accuracy that the task batch sets.

    x^{2N} < 2, κ > 0, β_k = 1/(C L_{w_k})  ⇒  (1/K)Σ_{k<K}E‖∇𝓛(w_k)‖ ≤ (B̄q + √(B̄²q² + 4Aq))/2,
    κ = 1 − (1 + V₁/B)/(2C),  q = (C/κ)(Δ/K + V₂/(2C²x^{2N}LB)),  V₁ = (1 + 1/φ)C_l²/den²,
    V₂ = (1 + φ)(x^{2N}σ + x^N(x^N − 1)b̃ + C_l(C_lσ + x^N(x^N − 1)b)/den)²,  C_l = x^{2N} − 1,  den = 2 − x^{2N},
    A = x^{2N}L + C_b b + C_L(σ + x^N(x^N − 1)b)/den,  B̄ = C_L/den,  any φ > 0                        (derived here)

with b ≥ E b_i, b̃² ≥ E b_i², ‖∇l_S − ∇l_T‖ ≤ b_i at every w, σ of ∇l_T, tasks drawn independently at every k, and
C_b, C_L of ``split_smoothness``. The L_{w_k} of the step is exact.

Proof. ‖∇𝓛_i − ∇l_T‖ ≤ C_l‖∇l_T‖ + x^N(x^N − 1)b_i. Average and solve as for ``task_gradient``:
‖E∇l_T‖ ≤ (‖g‖ + C_lσ + x^N(x^N − 1)b)/den with g = ∇𝓛. The variance of ∇𝓛_i is at most E‖∇𝓛_i − E∇l_T‖², whose root is
at most σ + C_l(σ + ‖E∇l_T‖) + x^N(x^N − 1)b̃: a multiple C_l/den of ‖g‖ and √(V₂/(1 + φ)). Square with weight φ:
Var ≤ V₁‖g‖² + V₂. Only tasks are drawn, so G is unbiased, and
    E𝓛(w_{k+1}) ≤ 𝓛(w_k) − β‖g‖² + (β/2C)(‖g‖² + (V₁‖g‖² + V₂)/B).
Sum and solve as for ``convergence``. ∎
"""

from mamllib.inner_loop import walk
from mamllib.statements.ji2022 import outer_loop
from mamllib.statements.ji2022.convergence import mean_gradient
from mamllib.statements.ji2022.outer_loop import OuterLoop, accuracy
from mamllib.statements.ji2022.resampled_runs import bend, beside, flattest, stray
from mamllib.statements.ji2022.split_pairs import largest_shift, meta_gradient, require_split, task_meta_gradient
from mamllib.statements.ji2022.split_smoothness import split_digits
from mamllib.statements.ji2022.stretch import departure, remainder, stretch
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
    deviations,
    holds_if,
    jnp,
    join_segments,
    margin,
    mutant,
    np,
    question,
    replace,
    strictly,
    tree,
)
from mamllib.task_batches import task_batch_mean
from mamllib.tasks import Quadratic, Split


@question
class FiniteSumRuns(OuterLoop):
    """N-step MAML on ``Split`` tasks from ``w``, B tasks a step; ``shift`` is b and ``shift_rms`` b̃."""

    family: TaskFamily
    alpha: Parameters
    w: Parameters
    B: int
    gap: Parameters
    iterations: int
    shift: Parameters
    shift_rms: Parameters
    divisor: Parameters
    steps: int
    runs: int
    phi: Parameters
    sigma: Parameters
    constants: Constants
    key: Parameters

    def require(self) -> None:
        """Raise ``TypeError`` where a task has no inner and outer loss."""
        super().require()
        require_split(self.family)

    def objective(self, w):
        """(𝓛(w), ∇𝓛(w))."""
        loss = self.family.expect(lambda task: task.outer.loss(walk(task.inner, self.alpha, w, self.steps).end))
        return loss, meta_gradient(self.family, self.alpha, w, self.steps)

    def smoothness(self, w):
        """L_w = x^{2N}L + C_b b + C_L E_i‖∇l_T(w)‖."""
        mean_size = self.family.expect(lambda task: tree.norm(task.gradient(w)))
        return least_smoothness(self) + bend(self) * mean_size

    def direction(self, w, key):
        """(1/B)Σ ∇𝓛_i over B drawn tasks."""

        def of_task(task, w):
            return task_meta_gradient(task, self.alpha, w, self.steps)

        return task_batch_mean(of_task, self.family, w, key, self.B, ())

    def places_between(self, task, w, w_next, key):
        """The inner loss along both paths and between them; the outer one between their ends and along the first."""
        across, along = beside(task.inner, self.alpha, w, w_next, self.steps)
        inner = Places(points=across[0], chords=join_segments(across, along), bends=across)
        return (task.inner, inner), (task.outer, Places(chords=join_segments(across, along)))

    def more_between(self, w) -> dict:
        """σ at w, and E b_i and E b_i² along the inner paths from w."""

        def shift(task):
            largest = largest_shift(task, beside(task.inner, self.alpha, w, w, self.steps)[0][0])
            return largest, largest**2

        mean, square = self.family.expect(shift)
        return {"sigma": deviations.task_deviation(self.family, w), "shift": mean, "shift_rms": jnp.sqrt(square)}


def least_smoothness(asked):
    """x^{2N}L + C_b b, C_b = C_L (x^N − 1)/x^N."""
    bent = bend(asked) * departure(asked, asked.steps) / stretch(asked) ** asked.steps
    return flattest(asked) + bent * asked.shift


def strayed(asked):
    """x^N(x^N − 1), what a difference of gradients grows to."""
    return stretch(asked) ** asked.steps * departure(asked, asked.steps)


def variance(asked) -> tuple:
    """(V₁, V₂)."""
    at_rest = (stray(asked) * asked.sigma + strayed(asked) * asked.shift) / remainder(asked)
    spread = (1 + stray(asked)) * asked.sigma + strayed(asked) * asked.shift_rms + stray(asked) * at_rest
    return (1 + 1 / asked.phi) * (stray(asked) / remainder(asked)) ** 2, (1 + asked.phi) * spread**2


def descent(asked):
    """κ."""
    return 1 - (1 + variance(asked)[0] / asked.B) / (2 * asked.divisor)


def noise(asked):
    """V₂/(2C²x^{2N}LB)."""
    return variance(asked)[1] / (2 * asked.divisor**2 * flattest(asked) * asked.B)


def quotient(asked):
    """q."""
    return asked.divisor / descent(asked) * (asked.gap / asked.iterations + noise(asked))


def largest_smoothness(asked) -> tuple:
    """(A, B̄)."""
    slope = bend(asked) / remainder(asked)
    return least_smoothness(asked) + slope * (asked.sigma + strayed(asked) * asked.shift), slope


def bound(asked):
    """(B̄q + √(B̄²q² + 4Aq))/2."""
    return accuracy(quotient(asked), *largest_smoothness(asked))


def hypotheses(asked) -> dict:
    """N ≥ 1, x^{2N} < 2, κ > 0, Δ, b and b̃."""
    seen = asked.answer.parts.largest
    return {
        "N ≥ 1": holds_if(asked.steps >= 1),
        "x^{2N} < 2": strictly(margin(2, stretch(asked) ** (2 * asked.steps))),
        "κ > 0": strictly(descent(asked)),
        outer_loop.FALL: asked.fall(),
        "E_i b_i ≤ b": margin(asked.shift, seen["shift"]),
        "E_i b_i² ≤ b̃²": margin(asked.shift_rms, seen["shift_rms"]),
    }


def two_centres(
    N: int = 5, step=0.002, centre=1.0, B: int = 1, divisor=1.0, phi=0.03, iterations: int = 200
) -> FiniteSumRuns:
    """(w ∓ c)²/2 from their middle, inner and outer loss the same: all that moves w is which task is drawn."""
    tasks = [Split(*2 * (Quadratic(1.0, c),)) for c in (centre, -centre)]
    family = TaskFamily.of(tasks).with_certified_sigma()
    return FiniteSumRuns.of(family, step, 0.0, B, 0.0, iterations, 0.0, 0.0, divisor, N, phi=phi)


def two_shifts(iterations: int = 100) -> FiniteSumRuns:
    """w²/2 with inner losses tilted by ±1: the outer losses are one, and b̃ is all the noise there is."""
    tasks = [Split(Quadratic(1.0, c), Quadratic(1.0, 0.0)) for c in (-1.0, 1.0)]
    family = TaskFamily.of(tasks, sigma=0.0)
    return FiniteSumRuns.of(family, 1 / 32, 0.0, 1, 0.0, iterations, 1.0, 1.0, 3.0, 1, phi=0.3)


def digits(seed: int, shift: float = 0.6) -> FiniteSumRuns:
    """3 or 8, 4 or 9: inner steps on every other image, the loss on the rest; αL = 1/50, two steps, 10 outer steps."""
    family = split_digits(((3, 8), (4, 9))).with_certified_sigma()
    w = 0.1 * np.random.default_rng(seed).normal(size=65)
    alpha = 0.02 / family.constants.L
    return FiniteSumRuns.of(family, alpha, w, 8, 3.0, 10, shift, shift, 2.0, 2, 8, seed=seed)


def with_outer_variance_dropped(asked):
    """x^{2N}σ dropped from V₂."""
    at_rest = (stray(asked) * asked.sigma + strayed(asked) * asked.shift) / remainder(asked)
    spread = strayed(asked) * asked.shift_rms + stray(asked) * at_rest
    left = noise(asked) * (1 + asked.phi) * spread**2 / variance(asked)[1]
    q = asked.divisor / descent(asked) * (asked.gap / asked.iterations + left)
    return accuracy(q, *largest_smoothness(asked))


SHARE = "open: of what it changes no recorded run uses as large a share as it leaves"
TENTH = "open: no recorded run comes within a tenth of T(q)"
ASSUMES = (SMOOTH, HESSIAN_LIPSCHITZ, TASK_DEVIATION)
ASSUMED = [assumption.name for assumption in ASSUMES]

FINITE_SUM = Statement(
    id="ji2022/finite_sum",
    title="N inner steps on other data, convergence (J10)",
    source=Source("ji2022", "convergence in the finite-sum case (J10)", "D"),
    claim=r"x^{2N}<2,\ \kappa>0,\ \beta_k=\tfrac1{CL_{w_k}}\ \Rightarrow\ "
    r"\frac1K\sum_{k<K}\mathbb E\|\nabla\mathcal L(w_k)\|\le\tfrac12\Big(\bar Bq+\sqrt{\bar B^2q^2+4Aq}\Big),\quad "
    r"q=\frac C\kappa\Big(\frac\Delta K+\frac{V_2}{2C^2x^{2N}LB}\Big)",
    takes=FiniteSumRuns,
    assumes=ASSUMES,
    hypotheses=hypotheses,
    lhs=mean_gradient,
    rhs=bound,
    roundoff=outer_loop.roundoff,
    rests_on=("ji2022/split_smoothness",),
    cases=(
        case("(w ∓ 1)²/2, αL = 1/500, N = 5, C = B = 1", two_centres, sampled=1),
        case("the same, C = 2, B = 8", two_centres, B=8, divisor=2.0, sampled=1),
        case("the same, αL = 1/8, N = 1", two_centres, 1, 0.125, B=2, divisor=2.0, phi=0.1, sampled=1),
        case("inner losses ±1 apart, one outer loss", two_shifts, sampled=1),
        case("3 or 8, 4 or 9: halves of the images, N = 2", digits, sampled=1),
        case("the same, b too small", digits, shift=0.01, expected=Verdict.SILENT, sampled=1),
    ),
    mutants=(
        mutant("x^{2N}σ dropped from V₂", two_centres, rhs=with_outer_variance_dropped),
        mutant("1/B² for 1/B", two_centres, B=8, divisor=2.0, rhs=lambda p: bound(replace(p, B=p.B**2))),
        mutant("b̃ dropped", two_shifts, rhs=lambda p: bound(replace(p, shift_rms=0.0))),
        mutant("C²", two_centres, B=8, divisor=2.0, rhs=lambda p: bound(replace(p, divisor=p.divisor**2))),
        mutant("lowered by a fifth", two_centres, rhs=lambda p: 0.8 * bound(p)),
    ),
    spared=outer_loop.open_where(SHARE, "α", "L", "ρ", "σ", "b", "b̃", "Δ", "K", "B", "C", "φ")
    | outer_loop.open_where(TENTH, "x^{2N} < 2", "κ > 0", "E_i b_i ≤ b", "E_i b_i² ≤ b̃²", outer_loop.FALL, *ASSUMED),
)
