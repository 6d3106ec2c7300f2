"""The bias again, with the Lipschitz constant of the Hessian: of order 1/D_in."""

from mamllib.checking.statement import nothing
from mamllib.statements.fallah2020.lemma_4_10 import instances
from mamllib.statements.fallah2020.lemma_4_10.bias import BIAS
from mamllib.statements.fallah2020.lemma_4_10.question import Adaptation
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    UNBIASED,
    Adversary,
    Q,
    Source,
    case,
    mutant,
)


def taylor_bound(problem: Adaptation):
    """ρα²σ̃²/(2D_in)."""
    c = problem.constants
    return c.rho * problem.alpha**2 * c.sigma_tilde**2 / (2 * problem.D_in)


TAYLOR = BIAS.variant(
    id="fallah2020/lemma_4_10_taylor",
    title="Lemma 4.10, Taylor bound",
    source=Source("fallah2020", "Lemma 4.10, with Assumption 4.4", "D"),
    claim=r"\left\|\mathbb{E}\,\tilde\nabla f_i(\tilde w,\mathcal D_o)-\nabla f_i(w^+)\right\|"
    r"\le\frac{\rho\alpha^2\tilde\sigma^2}{2D_{in}}",
    assumes=(HESSIAN_LIPSCHITZ, SAMPLE_DEVIATION, UNBIASED),
    hypotheses=nothing,
    rests_on=(),
    rhs=taylor_bound,
    cases=(
        case("ramp with ρ = 1, D_in = 1", instances.odd_ramp, predicted=Q(1)),
        case("ramp with ρ = 1, D_in = 7", instances.odd_ramp, D_in=7, predicted=Q(1)),
        case("√(w² + d²), t ≈ 0.01, D_in = 1", instances.smoothed_absolute),
        case("six trigonometric tasks in 3-D", instances.trigonometric),
        case("45 digit pairs, D_in = 1", instances.digits_enumerated),
        case("three digit pairs, D_in = 10", instances.digits_sampled, sampled=3),
    ),
    mutants=(
        mutant("the ½ lowered to 0.49", instances.odd_ramp, D_in=7, rhs=lambda p: taylor_bound(p) * Q(98, 100)),
        mutant("1/D_in raised to 1/D_in²", instances.odd_ramp, D_in=7, rhs=lambda p: taylor_bound(p) / p.D_in),
    ),
    adversaries=(
        Adversary("ramps: ρ, w, α", instances.adversarial_ramp, ((-1.0, 2.0), (-1.0, 1.0), (0.05, 1.0)), 1.0),
    ),
)
