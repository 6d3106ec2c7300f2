"""What probes of a given length hide from HF-MAML: the floor under its accuracy, from above.

    ‖∇F(w) − E G(w)‖ ≤ (αρr/2) E_i‖g_i‖,   r = δ‖g‖, no sample noise                            (derived here)

Proof. E G(w) − ∇F(w) = −αE_i[d_i − ∇²f_i(w)g_i], and each bracket is at most ρδ‖g_i‖²/2 = ρr‖g_i‖/2 by equation (9)
halved. With the printed δ, r = 1/(6ρα) and the right side is E_i‖g_i‖/12, whatever the batches; where E G = 0 it
bounds ‖∇F‖. The repair makes r, and with it the floor, √B times smaller.
"""

from fractions import Fraction as Q

from mamllib import tree
from mamllib.arithmetic import jit_unless_exact
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.objectives import inner_step, meta_gradient
from mamllib.statements.fallah2020.convergence.hypotheses import curvature_constants
from mamllib.statements.fallah2020.convergence.large_batch import large_batch_direction
from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.statements.fallah2020.theorem_4_17 import instances
from mamllib.statements.instance import relative_roundoff


def hidden(setting: Setting):
    """‖∇F(w) − E G(w)‖."""
    return tree.norm(tree.subtract(_meta_gradient(setting), large_batch_direction(setting)))


def mean_adapted_gradient(setting: Setting):
    """E_i‖g_i‖ = E_i‖∇f_i(w⁺)‖."""
    return setting.family.expect(lambda task: tree.norm(task.gradient(inner_step(task, setting.alpha, setting.w))))


def bound(setting: Setting):
    """(αρr/2) E_i‖g_i‖."""
    return setting.alpha * setting.constants.rho * setting.displacement * mean_adapted_gradient(setting) / 2


def hypotheses(setting: Setting) -> dict:
    """HF-MAML without sample noise, and L and ρ as measured between w and where its probes reach."""
    c, w = setting.constants, setting.w
    ends = _probe_ends(setting)
    return {
        "the algorithm is HF-MAML": 1 if setting.algorithm == "HF-MAML" else -1,
        "σ̃ = σ_H = 0": 1 if c.sigma_tilde == c.sigma_H == 0 else -1,
    } | curvature_constants(setting, [w, *ends], [(w, end) for end in ends or [w]])


def roundoff(setting: Setting):
    """A difference of gradients divided by 2δ, and a meta-gradient, wrong by γ of their sizes."""
    reach = float(tree.norm(setting.w)) + setting.displacement
    size = float(mean_adapted_gradient(setting)) + reach * setting.constants.L
    return relative_roundoff(setting) * size * (1 + 1 / setting.displacement)


@jit_unless_exact
def _meta_gradient(setting: Setting):
    return meta_gradient(setting.family, setting.alpha, setting.w)


def _probe_ends(setting: Setting) -> list:
    """w ± δg_i for every task with g_i ≠ 0."""
    gradients = [task.gradient(inner_step(task, setting.alpha, setting.w)) for task in setting.family]
    moving = [tree.scale(setting.displacement / tree.norm(g), g) for g in gradients if tree.norm_squared(g) != 0]
    return [tree.step(setting.w, side, reach) for reach in moving for side in (-1, 1)]


FLOOR = Statement(
    id="fallah2020/theorem_4_17_floor",
    title="Theorem 4.17, what a probe hides",
    source=Source("fallah2020", "the large-batch error of (10)–(11)", "D"),
    claim=r"\|\nabla F(w)-\mathbb{E}G(w)\|\le\tfrac{\alpha\rho r}{2}\,\mathbb{E}_i\|g_i\|,\quad r=\delta\|g\|",
    takes=Setting,
    hypotheses=hypotheses,
    lhs=hidden,
    rhs=bound,
    roundoff=roundoff,
    rests_on=("fallah2020/equation_9_halved",),
    cases=(
        Case("one ramp at its corner", lambda seed: instances.one_ramp(), predicted=Q(1)),
        Case("Instance A, δ as printed", lambda seed: instances.instance_a()),
        Case("Instance A, δ a thousandth", lambda seed: instances.with_displacement(instances.SHORTER)),
        Case("Instance B, equal Hessians", lambda seed: instances.instance_b()),
        Case("two parabolas", lambda seed: instances.quadratics(), predicted=Q(0)),
        Case("equal gradients", lambda seed: instances.equal_gradients()),
        Case("Instance A from 3, in floats", lambda seed: instances.instance_a_floats(3.0)),
    ),
    mutants=(
        Mutant("½ lowered to 0.49", lambda seed: instances.one_ramp(), rhs=lambda s: Q(98, 100) * bound(s)),
        Mutant("no floor at all", lambda seed: instances.instance_a(), rhs=lambda s: 0 * bound(s)),
        Mutant("r squared", lambda seed: instances.one_ramp(Q(1, 2)), rhs=lambda s: s.displacement * bound(s)),
    ),
)
