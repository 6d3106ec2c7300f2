"""Table 1, K-shot column: how accurate each algorithm can be when a task has K samples for its inner step.

Where the expected direction of B → ∞ vanishes,
    MAML      ‖∇F‖ ≤ (1 + αL)αLσ̃/√K                                                   O(σ̃/√K)
    FO-MAML   ‖∇F‖ ≤ (αLσ̃/√K + θσ)/(1 − θ),  θ = αL(1 + αL)/(1 − 2αL − α²L²) < 1       O(σ + σ̃/√K)
    HF-MAML   ‖∇F‖ ≤ (1 + αL)αLσ̃/√K + (αρr/2)E‖g‖,  r = δ‖g‖                          O(σ̃/√K) if r = O(1/√K)
(the printed orders, with the constants derived here)

Proof. E G = 0, so ∇F = ∇F − E G. MAML: E G = E_i(I − αH_i)E g_i and ‖E g_i − ∇f_i(w⁺)‖ ≤ αLσ̃/√K by Lemma 4.10.
FO-MAML: ∇F − E G = E_i(∇f_i(w⁺) − E g_i) − αE_iH_i∇f_i(w⁺), and E_i‖∇f_i(w⁺)‖ ≤ (1 + αL)(‖∇f‖ + σ) ≤
(1 + αL)(‖∇F‖ + σ)/(1 − κ) by the auxiliary inequality; solve for ‖∇F‖. HF-MAML: add what its probes hide.
The rate 1/√K is a worst case: under Assumption 4.4 the bias of MAML is also at most (1 + αL)ρα²σ̃²/(2K).
"""

from functools import partial

from mamllib.statements.fallah2020.convergence.instances import NO_SAMPLES
from mamllib.statements.fallah2020.convergence.large_batch import stationary_point
from mamllib.statements.fallah2020.convergence.setting import Setting, repaired_displacement
from mamllib.statements.fallah2020.theorem_4_17.instances import SHORTER, instance_a, with_displacement
from mamllib.statements.fallah2020.two_ramps import two_ramps, two_ramps_constants, two_ramps_setting
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SMOOTH,
    TASK_DEVIATION,
    UNBIASED,
    Q,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    holds_if,
    is_exact,
    margin,
    mutant,
    relative_roundoff,
    replace,
    sqrt,
    strictly,
)
from mamllib.tasks import Noisy, OddRamp, RademacherNoise, SmoothedAbsolute

STATIONARY = 1e-10


def accuracy(setting: Setting):
    """‖∇F(w)‖."""
    return setting.answer.parts.accuracy


def relative_step(setting: Setting):
    """αL."""
    return setting.alpha * setting.constants.L


def inner_bias(setting: Setting, power: int = 1):
    """αLσ̃/√K^power, K = D_in; in fractions K must be a perfect square."""
    K = setting.sizes.D_in**power
    return relative_step(setting) * setting.constants.sigma_tilde / sqrt(Q(K) if is_exact(setting.w) else 1.0 * K)


def maml_bound(setting: Setting):
    """(1 + αL)αLσ̃/√K."""
    return (1 + relative_step(setting)) * inner_bias(setting)


def fo_maml_bound(setting: Setting):
    """(αLσ̃/√K + θσ)/(1 − θ)."""
    theta = heterogeneity(setting)
    return (inner_bias(setting) + theta * setting.sigma) / (1 - theta)


def heterogeneity(setting: Setting):
    """θ = αL(1 + αL)/(1 − 2αL − α²L²)."""
    step = relative_step(setting)
    return step * (1 + step) / (1 - 2 * step - step * step)


def hf_maml_bound(setting: Setting):
    """(1 + αL)αLσ̃/√K + (αρr/2)E‖g‖."""
    hidden = setting.alpha * setting.constants.rho * setting.displacement / 2
    return maml_bound(setting) + hidden * setting.answer.parts.sampled


def hypotheses(setting: Setting, algorithm: str) -> dict:
    """The algorithm, a short step, and that the expected direction vanishes at w."""
    parts = setting.answer.parts
    return {
        f"the algorithm is {algorithm}": holds_if(setting.algorithm == algorithm),
        "α ≤ 1/L": margin(1, relative_step(setting)),
        "E G(w) = 0": margin(0 if is_exact(parts.direction) else STATIONARY * parts.sampled, parts.direction),
    }


def fo_maml_hypotheses(setting: Setting) -> dict:
    """Those, and θ < 1 with its denominator 1 − κ > 0, free of the quotient."""
    step = relative_step(setting)
    return hypotheses(setting, "FO-MAML") | {"θ < 1": strictly(margin(1, 3 * step + 2 * step * step))}


def roundoff(setting: Setting):
    """γ of E‖g‖, and the direction that is not quite zero."""
    return (relative_roundoff(setting) + STATIONARY) * 4 * setting.answer.parts.sampled


def fo_maml_roundoff(setting: Setting):
    """The same, solved for ‖∇F‖."""
    return roundoff(setting) / abs(1 - heterogeneity(setting))


def first_order_balance(alpha=Q(1, 10)) -> Setting:
    """Two ramps centred so that FO-MAML's expected direction vanishes at w = 0: c = (3 − (3α)²/2)/(1 − α)."""
    centre = (3 - (3 * alpha) ** 2 / 2) / (1 - alpha)
    constants = two_ramps_constants(centre)
    return Setting.of("FO-MAML", two_ramps(centre), alpha, Q(0), 20, NO_SAMPLES, Q(10), Q(1), constants=constants)


def one_shot(s=Q(1), rho=Q(1000)) -> Setting:
    """f'' = clip(ρw, −1, 1), noise ±s, K = 1, α = 1/6, with the tilt that makes E g = 0 at w = 0: t = 1/(2ρ) − αs."""
    alpha = Q(1, 6)
    family = TaskFamily.of([Noisy(OddRamp(Q(1), rho, 1 / (2 * rho) - alpha * s), RademacherNoise(s))], sigma=Q(0))
    return Setting.of("MAML", family, alpha, Q(0), 25, NO_SAMPLES, Q(1), Q(1))


def kinked_bowl(K: int, d: float = 1e-3, algorithm: str = "MAML", alpha: float = 1 / 6, s: float = 1.0) -> Setting:
    """f' = ½√(w² + d²) − d/2 + w with noise ±s, from where the expected direction vanishes; F is bounded below."""
    family = TaskFamily.of([Noisy(SmoothedAbsolute(0.5, d, d / 2, 1.0), RademacherNoise(s))], sigma=0.0)
    short = repaired_displacement(alpha, family.constants.rho, 10**6)
    sizes = NO_SAMPLES._replace(D_in=K)
    return at_rest(Setting.of(algorithm, family, alpha, 0.0, 25, sizes, 1.0, 1.0, displacement=short))


def noisy_ramps(K: int, algorithm: str, alpha: float = 0.1, s: float = 1.0, B: int = 10**6) -> Setting:
    """The two ramps with noise ±s on both, from where the expected direction of ``algorithm`` vanishes."""
    plain = two_ramps_setting(algorithm, alpha, B, 1.0)
    family = TaskFamily.of([Noisy(task, RademacherNoise(s)) for task in plain.family], sigma=plain.sigma)
    constants = plain.constants._replace(sigma_tilde=s)
    return at_rest(replace(plain, family=family, constants=constants, sizes=NO_SAMPLES._replace(D_in=K)))


def at_rest(setting: Setting) -> Setting:
    """The setting where its expected direction vanishes."""
    return replace(setting, w=stationary_point(setting, -1.0, 1.0))


TABLE_1_MAML = Statement(
    id="fallah2020/table_1_maml",
    title="Table 1, K-shot accuracy of MAML",
    source=Source("fallah2020", "Table 1, K-shot column, with explicit constants", "D"),
    claim=r"\|\nabla F(w)\|\le(1+\alpha L)\,\alpha L\,\tilde\sigma/\sqrt K",
    takes=Setting,
    assumes=(SMOOTH, SAMPLE_DEVIATION, UNBIASED),
    hypotheses=partial(hypotheses, algorithm="MAML"),
    lhs=accuracy,
    rhs=maml_bound,
    roundoff=roundoff,
    rests_on=("fallah2020/lemma_4_10_bias",),
    cases=(
        case("odd ramp, ρ = 1000, K = 1", one_shot),
        case("kinked bowl, K = 1", kinked_bowl, 1),
        case("kinked bowl, K = 256", kinked_bowl, 256),
        case("two noisy ramps, K = 16", noisy_ramps, 16, "MAML"),
        case("Instance A where HF-MAML stops", instance_a, algorithm="MAML", expected=Verdict.SILENT),
    ),
    mutants=(
        mutant(
            "√K replaced by K",
            kinked_bowl,
            256,
            rhs=lambda setting: (1 + relative_step(setting)) * inner_bias(setting, 2),
        ),
        mutant("halved", one_shot, rhs=lambda setting: maml_bound(setting) / 2),
    ),
)

TABLE_1_FO_MAML = TABLE_1_MAML.variant(
    id="fallah2020/table_1_fo_maml",
    title="Table 1, K-shot accuracy of FO-MAML",
    source=TABLE_1_MAML.source,
    claim=r"\|\nabla F(w)\|\le\frac{\alpha L\tilde\sigma/\sqrt K+\theta\sigma}{1-\theta},"
    r"\quad\theta=\frac{\alpha L(1+\alpha L)}{1-2\alpha L-\alpha^2L^2}",
    assumes=(*TABLE_1_MAML.assumes, TASK_DEVIATION),
    hypotheses=fo_maml_hypotheses,
    rhs=fo_maml_bound,
    roundoff=fo_maml_roundoff,
    rests_on=("fallah2020/lemma_4_10_bias", "fallah2020/auxiliary_inequality"),
    cases=(
        case("two ramps balanced for FO-MAML", first_order_balance),
        case("two noisy ramps, K = 16", noisy_ramps, 16, "FO-MAML"),
        case("kinked bowl, K = 256", kinked_bowl, 256, algorithm="FO-MAML", alpha=0.1),
    ),
    mutants=(
        mutant("σ dropped", first_order_balance, rhs=inner_bias),
        mutant(
            "σ̃ dropped",
            kinked_bowl,
            1,
            algorithm="FO-MAML",
            alpha=0.1,
            rhs=lambda s: fo_maml_bound(replace(s, constants=s.constants._replace(sigma_tilde=0.0))),
        ),
    ),
)

TABLE_1_HF_MAML = TABLE_1_MAML.variant(
    id="fallah2020/table_1_hf_maml",
    title="Table 1, K-shot accuracy of HF-MAML",
    source=TABLE_1_MAML.source,
    claim=r"\|\nabla F(w)\|\le(1+\alpha L)\,\alpha L\,\tilde\sigma/\sqrt K+\tfrac{\alpha\rho r}{2}\mathbb{E}\|g\|,"
    r"\quad r=\delta\|g\|",
    assumes=(*TABLE_1_MAML.assumes, HESSIAN_LIPSCHITZ),
    hypotheses=partial(hypotheses, algorithm="HF-MAML"),
    rhs=hf_maml_bound,
    rests_on=("fallah2020/lemma_4_10_bias", "fallah2020/equation_9_halved"),
    cases=(
        case("Instance A, r = 1/1000", with_displacement, SHORTER),
        case("Instance A, δ as printed", instance_a),
        case("two noisy ramps, K = 16", noisy_ramps, 16, "HF-MAML"),
        case("kinked bowl, K = 256", kinked_bowl, 256, algorithm="HF-MAML"),
    ),
    mutants=(
        mutant("O(σ̃/√K) alone, δ as printed", instance_a, rhs=maml_bound),
        mutant("√K replaced by K", kinked_bowl, 256, algorithm="HF-MAML", rhs=lambda s: inner_bias(s, 2)),
    ),
)
