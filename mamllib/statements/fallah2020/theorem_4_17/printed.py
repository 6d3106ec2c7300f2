"""Theorem 4.17 as printed, in the limit of large task batches: a run should come near a stationary point of F."""

import math
from fractions import Fraction as Q

from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.statements.fallah2020.theorem_4_17 import instances
from mamllib.statements.fallah2020.theorem_4_17.large_batch_run import LargeBatchRun, hypotheses, large_batch_run
from mamllib.statements.instance import relative_roundoff

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
    hypotheses=hypotheses,
    lhs=lambda run: run.gradient_norms.min(),
    rhs=lambda run: run.setting.epsilon,
    roundoff=roundoff,
    cases=(
        Case(
            "Instance A from 0",
            lambda seed: large_batch_run(instances.instance_a()),
            Verdict.VIOLATED,
            predicted=Q(23, 192) * 40,
        ),
        Case(
            "Instance A from 3",
            lambda seed: large_batch_run(instances.instance_a_floats(3.0), BUDGET),
            Verdict.VIOLATED,
        ),
        Case(
            "Instance A from −3, which passes F's zero",
            lambda seed: large_batch_run(instances.instance_a_floats(-3.0), BUDGET),
        ),
        Case("Instance B, equal Hessians", lambda seed: large_batch_run(instances.instance_b()), Verdict.VIOLATED),
        Case(
            "Instance B, τ = 10⁻⁴",
            lambda seed: large_batch_run(instances.instance_b_floats(1e-4)),
            Verdict.VIOLATED,
            predicted=SMALL_FLOOR / 0.05,
        ),
        Case("two parabolas", lambda seed: large_batch_run(instances.quadratics()), predicted=Q(0)),
        Case("equal gradients", lambda seed: large_batch_run(instances.equal_gradients()), predicted=Q(0)),
        Case(
            "Instance A, δ a thousandth",
            lambda seed: large_batch_run(instances.with_displacement(instances.SHORTER)),
            Verdict.SILENT,
        ),
        Case(
            "Instance A at α = 1/5", lambda seed: large_batch_run(instances.instance_a(alpha=Q(1, 5))), Verdict.SILENT
        ),
    ),
    mutants=(
        Mutant("α up to 1/(5L)", lambda seed: large_batch_run(instances.instance_a(alpha=Q(1, 5))), drops=(LONG_STEP,)),
        Mutant(
            "δ ten times larger",
            lambda seed: large_batch_run(instances.with_displacement(instances.LONGER)),
            drops=("δ = 1/(6ρα‖g‖)",),
        ),
    ),
)
