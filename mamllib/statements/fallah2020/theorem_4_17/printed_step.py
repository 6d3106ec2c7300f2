"""What the printed δ does give: the guarantee of first-order MAML, with a floor that no batch can lower.

    α ≤ 1/(6L), B ≥ 20, D_h ≥ 2α²σ_H², β_k = β̃/25, δ ≤ 1/(6ρα‖g‖)  ⇒  for some k < N
    E‖∇F(w_k)‖ ≤ max{√(2(1 + x)E), 2(ρα/L)E, ε},   E = σ²(1/B + m²) + (σ̃²/D_o)(1/B + m²) + σ̃²/D_in,  m = min(1, 24αL)
    N = 63 Δ (4L + 3.14ρα(σ + T))/T²                                                          (derived here)

Proof in ``convergence/rate.py``: a probe of length 1/(6ρα) errs by at most min{‖g‖/12, 2αL‖g‖} = m‖g‖/12 per task.
"""

from functools import partial

from mamllib.statements.fallah2020.convergence import slopes
from mamllib.statements.fallah2020.convergence.hypotheses import hypotheses
from mamllib.statements.fallah2020.convergence.rate import HF_MAML_PRINTED_PROBE, PREMISES
from mamllib.statements.fallah2020.convergence.run import Run
from mamllib.statements.fallah2020.convergence.setting import printed_displacement
from mamllib.statements.fallah2020.convergence.sides import TENTH, convergence_statement, misread, sides
from mamllib.statements.fallah2020.two_ramps import from_stationarity
from mamllib.statements.kit import Q, Source, case, margin, mutant, replace

ON_SLOPES = slopes.tilted_slopes, "HF-MAML", 0.78, 2800


def all_hypotheses(run: Run, longest) -> dict:
    """Those of Theorem 4.17, and that δ is at most ``longest(setting)``/‖g‖."""
    name, displacement = longest(run.setting)
    return hypotheses(run, HF_MAML_PRINTED_PROBE) | {name: margin(displacement, run.setting.displacement)}


def printed(setting):
    """The printed δ, as a hypothesis."""
    return "δ ≤ 1/(6ρα‖g‖)", printed_displacement(setting.alpha, setting.constants.rho)


def at_floor(seed: int, B: int, epsilon: float, iterations: int, alpha: float = 1 / 6) -> Run:
    """HF-MAML with the printed δ on the two ramps, from where its expected direction vanishes."""
    return from_stationarity(seed, "HF-MAML", alpha, B, epsilon, iterations, printed_displacement(alpha, 1.0))


PRINTED_STEP = convergence_statement(
    "what the printed δ guarantees",
    HF_MAML_PRINTED_PROBE,
    source=Source("fallah2020", "Theorem 4.17, what its δ guarantees", "D"),
    id="fallah2020/theorem_4_17_printed_step",
    title="Theorem 4.17, what its δ guarantees",
    claim=r"\min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le"
    r"\max\Big\{\sqrt{2(1+x)E},\,2\tfrac{\rho\alpha}{L}E,\,\epsilon\Big\},"
    r"\quad E\ni\sigma^2\big(\tfrac1B+\min(1,24\alpha L)^2\big)",
    hypotheses=partial(all_hypotheses, longest=printed),
    rests_on=(*PREMISES, "fallah2020/equation_9_halved"),
    spared={"δ ≤ 1/(6ρα‖g‖)": TENTH},
    cases=(
        case("one slope, no noise", slopes.one_slope, "HF-MAML", Q(11, 5), 680, printed_probe=True),
        case("two slopes with tilts ±1, B = 20", *ON_SLOPES, printed_probe=True, sampled=1),
        case("Instance A from its floor, B = 10⁵", at_floor, *(10**5, 1e-3, 400), sampled=1),
        case("Instance A at αL = 1/100, B = 10⁵", at_floor, *(10**5, 1e-3, 100, 0.01), sampled=1),
    ),
    mutants=(
        mutant(
            "min(1, 24αL)² dropped",
            at_floor,
            *(10**5, 1e-3, 7600),
            **sides(
                replace(HF_MAML_PRINTED_PROBE, task_floor=lambda step: 0 * step, sample_floor=lambda step: 0 * step)
            ),
        ),
        mutant(
            "min(1, 24αL)² in the tasks' term alone dropped",
            *ON_SLOPES,
            printed_probe=True,
            **misread(replace(HF_MAML_PRINTED_PROBE, task_floor=lambda step: 0 * step)),
        ),
    ),
)
