"""What probes of a given length hide from HF-MAML: the floor under its accuracy, from above.

    ‖∇F(w) − E G(w)‖ ≤ (αρr/2) E_i‖g_i‖,   r = δ‖g‖, no sample noise                            (derived here)

Proof. E G(w) − ∇F(w) = −αE_i[d_i − ∇²f_i(w)g_i], and each bracket is at most ρδ‖g_i‖²/2 = ρr‖g_i‖/2 by equation (9)
halved. With the printed δ, r = 1/(6ρα) and the right side is E_i‖g_i‖/12, whatever the batches; where E G = 0 it
bounds ‖∇F‖. The repair makes r, and with it the floor, √B times smaller.
"""

from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.statements.fallah2020.theorem_4_17 import instances
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SAMPLE_HESSIAN,
    SMOOTH,
    UNBIASED,
    Q,
    Source,
    Statement,
    case,
    holds_if,
    mutant,
    relative_roundoff,
)


def hidden(setting: Setting):
    """‖∇F(w) − E G(w)‖."""
    return setting.answer.parts.hidden


def bound(setting: Setting):
    """(αρr/2) E_i‖g_i‖."""
    return setting.alpha * setting.constants.rho * setting.displacement * setting.answer.parts.adapted / 2


def hypotheses(setting: Setting) -> dict:
    """HF-MAML without sample noise."""
    return {
        "the algorithm is HF-MAML": holds_if(setting.algorithm == "HF-MAML"),
        "σ̃ = σ_H = 0": holds_if(setting.constants.sigma_tilde == setting.constants.sigma_H == 0),
    }


def roundoff(setting: Setting):
    """A difference of gradients divided by 2δ, and a meta-gradient, wrong by γ of their sizes."""
    parts = setting.answer.parts
    size = parts.adapted + (parts.norm + setting.displacement) * setting.constants.L
    return relative_roundoff(setting) * size * (1 + 1 / setting.displacement)


FLOOR = Statement(
    id="fallah2020/theorem_4_17_floor",
    title="Theorem 4.17, what a probe hides",
    source=Source("fallah2020", "Theorem 4.17, the large-batch error of (10)–(11)", "D"),
    claim=r"\|\nabla F(w)-\mathbb{E}G(w)\|\le\tfrac{\alpha\rho r}{2}\,\mathbb{E}_i\|g_i\|,\quad r=\delta\|g\|",
    takes=Setting,
    assumes=(SMOOTH, HESSIAN_LIPSCHITZ, SAMPLE_DEVIATION, SAMPLE_HESSIAN, UNBIASED),
    hypotheses=hypotheses,
    lhs=hidden,
    rhs=bound,
    roundoff=roundoff,
    rests_on=("fallah2020/equation_9_halved",),
    spared={
        "f_i is L-smooth": "true: the right side does not read L, which bounds round-off alone",
        "sample deviation ≤ σ̃": "σ̃ = 0 here, and a tenth of it is 0",
        "sample Hessian deviation ≤ σ_H": "σ_H = 0 here, and a tenth of it is 0",
    },
    cases=(
        case("one ramp at its corner", instances.one_ramp, predicted=Q(1)),
        case("Instance A, δ as printed", instances.instance_a),
        case("Instance A, δ a thousandth", instances.with_displacement, instances.SHORTER),
        case("Instance B, equal Hessians", instances.instance_b),
        case("two parabolas", instances.quadratics, predicted=Q(0)),
        case("equal gradients", instances.equal_gradients),
        case("Instance A from 3, in floats", instances.instance_a_floats, 3.0),
    ),
    mutants=(
        mutant("½ lowered to 0.49", instances.one_ramp, rhs=lambda setting: Q(98, 100) * bound(setting)),
        mutant("no floor at all", instances.instance_a, rhs=lambda setting: 0 * bound(setting)),
        mutant("r squared", instances.one_ramp, Q(1, 2), rhs=lambda setting: setting.displacement * bound(setting)),
    ),
)
