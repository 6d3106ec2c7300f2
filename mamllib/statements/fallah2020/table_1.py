"""Table 1, K-shot column: how accurate MAML and HF-MAML can be when a task has K samples for its inner step.

Where the expected direction of B → ∞ vanishes,
    MAML      ‖∇F‖ ≤ (1 + αL)αLσ̃/√K                          O(σ̃/√K)
    HF-MAML   ‖∇F‖ ≤ (1 + αL)αLσ̃/√K + (αρr/2)E‖g‖,  r = δ‖g‖   O(σ̃/√K) if r = O(1/√K)
(the printed orders, with the constants derived here; FO-MAML's entry is in ``table_1_first_order.py``)

Proof. E G = 0, so ∇F = ∇F − E G. MAML: E G = E_i(I − αH_i)E g_i and ‖E g_i − ∇f_i(w⁺)‖ ≤ αLσ̃/√K by Lemma 4.10.
HF-MAML: add what its probes hide. Both hold for every α ≥ 0. The rate 1/√K is a worst case:
under Assumption 4.4 MAML's bias is also at most (1 + αL)ρα²σ̃²/(2K) (``table_1_taylor.py``).
"""

import math
from functools import partial

from mamllib.statements.fallah2020.convergence.instances import NO_SAMPLES
from mamllib.statements.fallah2020.convergence.setting import Setting, repaired_displacement
from mamllib.statements.fallah2020.first_order_floor import at_zero
from mamllib.statements.fallah2020.lemma_4_10.instances import tilted_saddle
from mamllib.statements.fallah2020.rest import accuracy, at_rest, hypotheses, inner_bias, relative_step, roundoff
from mamllib.statements.fallah2020.theorem_4_17.instances import SHORTER, instance_a, with_displacement
from mamllib.statements.fallah2020.two_ramps import two_ramps_setting
from mamllib.statements.kit import (
    HESSIAN_LIPSCHITZ,
    SAMPLE_DEVIATION,
    SMOOTH,
    UNBIASED,
    Q,
    Source,
    Statement,
    TaskFamily,
    Verdict,
    case,
    mutant,
    np,
    replace,
    total,
)
from mamllib.tasks import BrokenLine, Noisy, OddRamp, RademacherNoise, SmoothedAbsolute


def maml_bound(setting: Setting):
    """(1 + αL)αLσ̃/√K."""
    return (1 + relative_step(setting)) * inner_bias(setting)


def hidden_by_probes(setting: Setting):
    """(αρr/2)E‖g‖."""
    return setting.alpha * setting.constants.rho * setting.displacement / 2 * setting.answer.parts.sampled


hf_maml_bound = total(maml_bound, hidden_by_probes)


def one_shot(algorithm: str = "MAML", alpha=Q(1, 6), K: int = 1, rho=Q(10**6), displacement=None) -> Setting:
    """f'' = clip(ρw, −1, 1), noise ±1, and the tilt with which E g = 0 where f'' = −1 and w⁺ = 0.

    At w⁺ = 0 the K coins make E g = f'(0) + αE|mean| − P(mean ≠ 0)/(2ρ), and F' is (1 + α)f'(0): at K = 1 all of MAML's
    bound but the share 1/(2ρα).
    """
    one = alpha / alpha
    chances = {Q(abs(K - 2 * heads), K): Q(math.comb(K, heads), 2 ** (K - 1)) for heads in range((K + 1) // 2)}
    tilt = sum(p * (1 / (2 * rho) - alpha * size) for size, p in chances.items())
    family = TaskFamily.of([Noisy(OddRamp(one, rho * one, tilt), RademacherNoise(one))], sigma=0 * one)
    w, sizes = alpha * (tilt - 1 / (2 * rho)) / (1 + alpha), NO_SAMPLES._replace(D_in=K)
    return Setting.of(algorithm, family, alpha, w, 25, sizes, one, one, displacement=displacement)


def saddle_at_rest(alpha: float, K: int, algorithm: str = "MAML", directions: int = 12, epsilon=1e-9) -> Setting:
    """``tilted_saddle`` where E g = 0 and w⁺ = 0: at t = −τ the gradient is (0, τ − c), with c = (1 + 1/α)τ.

    E g = 0 asks that c be α times the mean size of the sampled noise. ∇F = −(1 + α)c e_t up to ε: √K E‖mean of K atoms‖
    of MAML's bound, which is 1 at K = 1, 1 − (1 − √½)/m at K = 2, and tends to 1 at every K as m → ∞.
    """
    origin, sizes = np.zeros(directions + 1), NO_SAMPLES._replace(D_in=K)

    def tilted(algorithm, slope, w):
        family = TaskFamily.of([tilted_saddle(slope, directions, epsilon)], sigma=0.0)
        return Setting.of(algorithm, family, alpha, w, 25, sizes, 1.0, 1.0)

    size = float(tilted("FO-MAML", 0.0, origin).answer.parts.direction)  # at t = 0 the gradient is (0, r)
    return tilted(algorithm, -size, origin - size / (1 + 1 / alpha) * np.eye(directions + 1)[-1])


def opposite_ramps(r=Q(1), alpha=Q(1, 6)) -> Setting:
    """f'' = ±min(|w|, 1) on [−1, 1], +1 far out, tilts ±2: what a probe of length r ≤ 1 hides adds up at w = 0.

    g = ±2 − (2α)²/2, and the probes see curvatures ±r/2 where there is none: with probabilities that make E G = 0,
    F' = (αr/2)E|g|, all of the bound.
    """
    one, tilt, alpha = alpha / alpha, 2, Q(alpha)
    up = BrokenLine((-one, 0 * one, one), (one, 0 * one, one), tilt * one)
    down = BrokenLine((-3 * one, -one, 0 * one, one, 3 * one), (one, -one, 0 * one, -one, one), -tilt * one)
    seen = [(tilt - 2 * alpha**2) * (1 - alpha * r / 2), (tilt + 2 * alpha**2) * (1 + alpha * r / 2)]
    family = TaskFamily.of([up, down], [seen[1] / sum(seen), seen[0] / sum(seen)])
    return at_zero("HF-MAML", family, alpha, displacement=r)


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


PAIRS = 1 - (1 - 0.5**0.5) / 12

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
        case("odd ramp, ρ = 10⁶, K = 1", one_shot, predicted=1 - Q(3, 10**6)),
        case("odd ramp at αL = 1, ρ = 10⁶, K = 1", one_shot, alpha=Q(1), predicted=1 - Q(1, 2 * 10**6)),
        case("tilted saddle at αL = 1, K = 1", saddle_at_rest, 1.0, 1, predicted=1.0),
        case("tilted saddle at αL = ½, K = 2, 12 directions", saddle_at_rest, 0.5, 2, predicted=PAIRS),
        case("kinked bowl, K = 1", kinked_bowl, 1),
        case("kinked bowl, K = 256", kinked_bowl, 256),
        case("two noisy ramps, K = 16", noisy_ramps, 16, "MAML"),
        case("Instance A where HF-MAML stops", instance_a, algorithm="MAML", expected=Verdict.SILENT),
    ),
    spared={"α ≤ 1/L": "true: the proof does not use it"},
    mutants=(
        mutant(
            "√K replaced by K",
            kinked_bowl,
            256,
            rhs=lambda setting: (1 + relative_step(setting)) * inner_bias(setting, 2),
        ),
        mutant("lowered by a thousandth", one_shot, rhs=lambda setting: maml_bound(setting) * Q(999, 1000)),
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
        case("ramps of opposite curvature, r = 1", opposite_ramps, predicted=Q(1)),
        case("ramps of opposite curvature, r = ¼", opposite_ramps, Q(1, 4), predicted=Q(1)),
        case("odd ramp, ρ = 10⁶, r = 10⁻⁹, K = 1", one_shot, "HF-MAML", displacement=Q(1, 10**9)),
        case("the same in floats", one_shot, "HF-MAML", 1 / 6, displacement=1e-9),
        case("odd ramp, ρ = 10⁶, r = 10⁻⁹, K = 4", one_shot, "HF-MAML", K=4, displacement=Q(1, 10**9)),
        case("Instance A, r = 1/1000", with_displacement, SHORTER),
        case("Instance A, δ as printed", instance_a),
        case("two noisy ramps, K = 16", noisy_ramps, 16, "HF-MAML"),
        case("kinked bowl, K = 256", kinked_bowl, 256, algorithm="HF-MAML"),
    ),
    spared={"α ≤ 1/L": "true: the proof does not use it"},
    mutants=(
        mutant("O(σ̃/√K) alone, δ as printed", instance_a, rhs=maml_bound),
        mutant("lowered by a thousandth", opposite_ramps, rhs=lambda s: hf_maml_bound(s) * Q(999, 1000)),
        mutant("√K replaced by K", kinked_bowl, 256, algorithm="HF-MAML", rhs=lambda s: inner_bias(s, 2)),
    ),
)
