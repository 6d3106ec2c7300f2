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

from dataclasses import replace
from fractions import Fraction as Q

from mamllib import tree
from mamllib.arithmetic import is_exact, jit_unless_exact, sqrt
from mamllib.batches import expectation
from mamllib.checking.margins import margin
from mamllib.checking.statement import Case, Mutant, Source, Statement
from mamllib.checking.verdict import Verdict
from mamllib.estimators import BatchSizes, adapted_gradient
from mamllib.objectives import meta_gradient
from mamllib.statements.fallah2020.convergence.hypotheses import curvature_constants, task_deviation
from mamllib.statements.fallah2020.convergence.large_batch import large_batch_direction, stationary_point
from mamllib.statements.fallah2020.convergence.setting import Setting, repaired_displacement
from mamllib.statements.fallah2020.theorem_4_17.instances import SHORTER, instance_a, with_displacement
from mamllib.statements.fallah2020.two_ramps import two_ramps, two_ramps_constants, two_ramps_setting
from mamllib.statements.instance import relative_roundoff
from mamllib.tasks import Noisy, OddRamp, RademacherNoise, SmoothedAbsolute, TaskFamily

STATIONARY = 1e-10


@jit_unless_exact
def accuracy(setting: Setting):
    """‖∇F(w)‖."""
    return tree.norm(meta_gradient(setting.family, setting.alpha, setting.w))


def inner_bias(setting: Setting, power: int = 1):
    """αLσ̃/√K^power, K = D_in; in fractions K must be a perfect square."""
    c, K = setting.constants, setting.sizes.D_in**power
    return setting.alpha * c.L * c.sigma_tilde / sqrt(Q(K) if is_exact(setting.w) else 1.0 * K)


def maml_bound(setting: Setting):
    """(1 + αL)αLσ̃/√K."""
    return (1 + setting.alpha * setting.constants.L) * inner_bias(setting)


def fo_maml_bound(setting: Setting):
    """(αLσ̃/√K + θσ)/(1 − θ)."""
    theta = heterogeneity(setting)
    return (inner_bias(setting) + theta * setting.sigma) / (1 - theta)


def heterogeneity(setting: Setting):
    """θ = αL(1 + αL)/(1 − 2αL − α²L²)."""
    step = setting.alpha * setting.constants.L
    return step * (1 + step) / (1 - 2 * step - step * step)


def hf_maml_bound(setting: Setting):
    """(1 + αL)αLσ̃/√K + (αρr/2)E‖g‖."""
    hidden = setting.alpha * setting.constants.rho * setting.displacement / 2
    return maml_bound(setting) + hidden * mean_gradient_size(setting)


@jit_unless_exact
def mean_gradient_size(setting: Setting):
    """E‖g‖ over tasks and both batches."""

    def of_task(task):
        sizes = setting.sizes.D_in, setting.sizes.D_o
        return expectation(
            task, sizes, lambda *batches: tree.norm(adapted_gradient(task, setting.alpha, setting.w, *batches))
        )

    return setting.family.expect(of_task)


def hypotheses(setting: Setting, algorithm: str) -> dict:
    """The algorithm, that its expected direction vanishes at w, and L, ρ, σ there."""
    direction = tree.norm(large_batch_direction(setting))
    size = mean_gradient_size(setting)
    return {
        f"the algorithm is {algorithm}": 1 if setting.algorithm == algorithm else -1,
        "α ≤ 1/L": margin(1, setting.alpha * setting.constants.L),
        "E G(w) = 0": margin(0 if is_exact(direction) else STATIONARY * float(size), direction),
        "task deviation ≤ σ": margin(setting.sigma**2, task_deviation(setting.family, setting.w)),
    } | curvature_constants(setting, [setting.w], [(setting.w, setting.w)])


def roundoff(setting: Setting):
    """γ of E‖g‖, and the direction that is not quite zero."""
    return (relative_roundoff(setting) + STATIONARY) * 4 * float(mean_gradient_size(setting))


def first_order_balance(alpha=Q(1, 10)) -> Setting:
    """Two ramps centred so that FO-MAML's expected direction vanishes at w = 0: c = (3 − (3α)²/2)/(1 − α)."""
    centre = (3 - (3 * alpha) ** 2 / 2) / (1 - alpha)
    constants = two_ramps_constants(centre)
    return Setting.of(
        "FO-MAML", two_ramps(centre), alpha, Q(0), 20, BatchSizes(1, 1, 1), Q(10), Q(1), constants=constants
    )


def one_shot(algorithm: str = "MAML", s=Q(1), rho=Q(1000)) -> Setting:
    """f'' = clip(ρw, −1, 1), noise ±s, K = 1, α = 1/6, with the tilt that makes E g = 0 at w = 0: t = 1/(2ρ) − αs."""
    alpha = Q(1, 6)
    family = TaskFamily.of([Noisy(OddRamp(Q(1), rho, 1 / (2 * rho) - alpha * s), RademacherNoise(s))], sigma=Q(0))
    return Setting.of(algorithm, family, alpha, Q(0), 25, BatchSizes(1, 1, 1), Q(1), Q(1))


def kinked_bowl(K: int, d: float = 1e-3, algorithm: str = "MAML", alpha: float = 1 / 6, s: float = 1.0) -> Setting:
    """f' = ½√(w² + d²) − d/2 + w with noise ±s, from where the expected direction vanishes; F is bounded below."""
    family = TaskFamily.of([Noisy(SmoothedAbsolute(0.5, d, d / 2, 1.0), RademacherNoise(s))], sigma=0.0)
    setting = Setting.of(algorithm, family, alpha, 0.0, 25, BatchSizes(K, 1, 1), 1.0, 1.0)
    short = repaired_displacement(alpha, setting.constants.rho, 10**6)
    setting = replace(setting, displacement=short)
    return replace(setting, w=stationary_point(setting, -1.0, 1.0))


def noisy_ramps(K: int, algorithm: str, alpha: float = 0.1, s: float = 1.0, B: int = 10**6) -> Setting:
    """The two ramps with noise ±s on both, from where the expected direction of ``algorithm`` vanishes."""
    plain = two_ramps_setting(algorithm, alpha, B, 1.0)
    tasks = [Noisy(task, RademacherNoise(s)) for task in plain.family]
    constants = plain.constants._replace(sigma_tilde=s)
    sizes = BatchSizes(K, 1, 1)
    setting = replace(plain, family=TaskFamily.of(tasks, sigma=plain.sigma), constants=constants, sizes=sizes)
    return replace(setting, w=stationary_point(setting, -1.0, 1.0))


def _row(algorithm: str, name: str, claim: str, rhs, **fields) -> Statement:
    return Statement(
        id=f"fallah2020/table_1_{name}",
        title=f"Table 1, K-shot accuracy of {algorithm}",
        source=Source("fallah2020", "Table 1, K-shot column, with explicit constants", "D"),
        claim=claim,
        takes=Setting,
        hypotheses=lambda setting: hypotheses(setting, algorithm),
        lhs=accuracy,
        rhs=rhs,
        roundoff=roundoff,
        **fields,
    )


TABLE_1_MAML = _row(
    "MAML",
    "maml",
    r"\|\nabla F(w)\|\le(1+\alpha L)\,\alpha L\,\tilde\sigma/\sqrt K",
    maml_bound,
    rests_on=("fallah2020/lemma_4_10_bias",),
    cases=(
        Case("odd ramp, ρ = 1000, K = 1", lambda seed: one_shot()),
        Case("kinked bowl, K = 1", lambda seed: kinked_bowl(1)),
        Case("kinked bowl, K = 256", lambda seed: kinked_bowl(256)),
        Case("two noisy ramps, K = 16", lambda seed: noisy_ramps(16, "MAML")),
        Case("Instance A where HF-MAML stops", lambda seed: replace(instance_a(), algorithm="MAML"), Verdict.SILENT),
    ),
    mutants=(
        Mutant(
            "√K replaced by K",
            lambda seed: kinked_bowl(256),
            rhs=lambda s: (1 + s.alpha * s.constants.L) * inner_bias(s, 2),
        ),
        Mutant("halved", lambda seed: one_shot(), rhs=lambda setting: maml_bound(setting) / 2),
    ),
)

TABLE_1_FO_MAML = _row(
    "FO-MAML",
    "fo_maml",
    r"\|\nabla F(w)\|\le\frac{\alpha L\tilde\sigma/\sqrt K+\theta\sigma}{1-\theta},"
    r"\quad\theta=\frac{\alpha L(1+\alpha L)}{1-2\alpha L-\alpha^2L^2}",
    fo_maml_bound,
    rests_on=("fallah2020/lemma_4_10_bias", "fallah2020/auxiliary_inequality"),
    cases=(
        Case("two ramps balanced for FO-MAML", lambda seed: first_order_balance()),
        Case("two noisy ramps, K = 16", lambda seed: noisy_ramps(16, "FO-MAML")),
        Case("kinked bowl, K = 256", lambda seed: kinked_bowl(256, algorithm="FO-MAML", alpha=0.1)),
    ),
    mutants=(
        Mutant("σ dropped", lambda seed: first_order_balance(), rhs=inner_bias),
        Mutant(
            "σ̃ dropped",
            lambda seed: kinked_bowl(1, algorithm="FO-MAML", alpha=0.1),
            rhs=lambda s: fo_maml_bound(replace(s, constants=s.constants._replace(sigma_tilde=0.0))),
        ),
    ),
)

TABLE_1_HF_MAML = _row(
    "HF-MAML",
    "hf_maml",
    r"\|\nabla F(w)\|\le(1+\alpha L)\,\alpha L\,\tilde\sigma/\sqrt K+\tfrac{\alpha\rho r}{2}\mathbb{E}\|g\|,"
    r"\quad r=\delta\|g\|",
    hf_maml_bound,
    rests_on=("fallah2020/lemma_4_10_bias", "fallah2020/equation_9_halved"),
    cases=(
        Case("Instance A, r = 1/1000", lambda seed: with_displacement(SHORTER)),
        Case("Instance A, δ as printed", lambda seed: instance_a()),
        Case("two noisy ramps, K = 16", lambda seed: noisy_ramps(16, "HF-MAML")),
        Case("kinked bowl, K = 256", lambda seed: kinked_bowl(256, algorithm="HF-MAML")),
    ),
    mutants=(
        Mutant("O(σ̃/√K) alone, δ as printed", lambda seed: instance_a(), rhs=maml_bound),
        Mutant("√K replaced by K", lambda seed: kinked_bowl(256, algorithm="HF-MAML"), rhs=lambda s: inner_bias(s, 2)),
    ),
)

STATEMENTS = (TABLE_1_MAML, TABLE_1_FO_MAML, TABLE_1_HF_MAML)
