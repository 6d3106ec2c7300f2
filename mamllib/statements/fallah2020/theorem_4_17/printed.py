"""Theorem 4.17 as printed, in the limit of large task batches: a run should come near a stationary point of F."""

import math

from mamllib.statements.fallah2020.convergence.hypotheses import ASSUMES
from mamllib.statements.fallah2020.theorem_4_17 import instances
from mamllib.statements.fallah2020.theorem_4_17.large_batch_run import LargeBatchRun, followed, hypotheses
from mamllib.statements.kit import Q, Source, Statement, Verdict, case, mutant, relative_roundoff

BUDGET = 20
# (3τ/55)/(ασ) at α = 1/6 as τ → 0, where the tilts are the gradients and s_y = 24τ/5
SMALL_FLOOR = (3 / 55) * 6 / math.sqrt(((171 / 55) ** 2 + 9 + 4.8**2) / 2)
LONG_STEP = "α ≤ 1/(6L)"


def roundoff(run: LargeBatchRun):
    """γ times the largest gradient norm met."""
    return relative_roundoff(run) * float(run.gradient_norms.max())


PRINTED = Statement(
    id="fallah2020/theorem_4_17",
    title="Theorem 4.17, as printed (B → ∞)",
    source=Source("fallah2020", "Theorem 4.17, at σ̃ = 0 and B → ∞", "V"),
    claim=r"\tilde\sigma=0,\ \delta=\tfrac{1}{6\rho\alpha\|g\|}\ \Rightarrow\ "
    r"\lim_{B\to\infty}\min_{k<N}\mathbb{E}\|\nabla F(w_k)\|\le\epsilon",
    takes=LargeBatchRun,
    assumes=ASSUMES,
    hypotheses=hypotheses,
    lhs=lambda run: run.gradient_norms.min(),
    rhs=lambda run: run.setting.epsilon,
    roundoff=roundoff,
    cases=(
        case("Instance A from 0", followed, instances.instance_a, expected=Verdict.VIOLATED, predicted=Q(23, 192) * 40),
        case("Instance A from 3", followed, instances.instance_a_floats, 3.0, c_2=BUDGET, expected=Verdict.VIOLATED),
        case("Instance A from −3, which passes F's zero", followed, instances.instance_a_floats, -3.0, c_2=BUDGET),
        case("Instance B, equal Hessians", followed, instances.instance_b, expected=Verdict.VIOLATED),
        case(
            "Instance B, τ = 10⁻⁴",
            followed,
            *(instances.instance_b_floats, 1e-4),
            expected=Verdict.VIOLATED,
            predicted=SMALL_FLOOR / 0.05,
        ),
        case("two parabolas", followed, instances.quadratics, predicted=Q(0)),
        case("equal gradients", followed, instances.equal_gradients, predicted=Q(0)),
        case(
            "Instance A, δ a thousandth",
            followed,
            *(instances.with_displacement, instances.SHORTER),
            expected=Verdict.SILENT,
        ),
        case("Instance A at α = 1/5", followed, instances.instance_a, alpha=Q(1, 5), expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("α up to 1/(5L)", followed, instances.instance_a, alpha=Q(1, 5), drops=LONG_STEP),
        mutant(
            "δ ten times larger",
            followed,
            *(instances.with_displacement, instances.LONGER),
            drops="δ = 1/(6ρα‖g‖)",
        ),
    ),
)
