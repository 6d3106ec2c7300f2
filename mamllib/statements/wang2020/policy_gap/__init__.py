"""R3: how far from any other family of policies a stationary point of a meta-policy can be.

    (1/n) Σ_i J_i(π_i*) − 𝓛(ω) ≤ Rε + inf_{‖v‖≤R, b_i} (1/n) Σ_i (1 − γ_i)⁻¹ ‖A_i‖ ‖dσ_i*/dσ_i − b_i − ψ_iᵀv‖
                                                                                                  (derived here)

in the norms of L²(σ_i), with ε = ‖∇𝓛(ω)‖, b_i any functions of the state, and any comparators that visit only what
π_{i,ω} visits, which has full support wherever it goes. Nothing is convex. Without b_i (``policy_gap_uncentred``) the
bound is weaker.

Proof. By R2 J_i(π_i*) − J_i = (1 − γ_i)⁻¹E_{σ_i}[A_i dσ_i*/dσ_i], and E_{σ_i}[A_ib_i] = 0. Subtract and add vᵀ∇𝓛, which
is (1/n)Σ(1 − γ_i)⁻¹E_{σ_i}[A_iψ_iᵀv] by R1 and at most Rε; Cauchy and Schwarz. ∎ The best b_i is the mean of the rest
over π_{i,ω} in each state, so everything is centred. Equality for n = 1, |S| = |A| = 2, d = 1 at every stationary
point at which both states are visited, ψ less its mean is not 0, R is large enough and the comparator is not worse:
centred functions form a plane there, and both A and the residual are perpendicular to ψ. (A φ that is not constant is
not enough for η > 0: η∇Q can cancel it.)

So a stationary point need not be optimal, and the bound can be exact: at the smallest spurious maxima it is, in
fractions.
"""

from mamllib.statements.kit import Q, Source, Statement, case, mutant
from mamllib.statements.wang2020.policy_gap.instances import (
    BEST,
    against_the_best,
    climbed,
    nearly_decided,
    one_state,
    one_state_law,
    random_gap,
    spurious_a,
    spurious_b,
    spurious_c,
)
from mamllib.statements.wang2020.policy_gap.question import (
    PolicyGap,
    bound,
    density,
    directions,
    gap,
    hypotheses,
    mean_over_actions,
    representation,
    roundoff,
    sizes,
    stationarity,
)

POLICY_GAP = Statement(
    id="wang2020/policy_gap",
    title="the optimality gap of a meta-policy (R3)",
    source=Source("wang2020", "the optimality gap in reinforcement learning (R3)", "D"),
    claim=r"\tfrac1n\sum_iJ_i(\pi_i^*)-\mathcal L(\omega)\le R\epsilon+\inf_{\|v\|\le R,\,b_i}\tfrac1n\sum_i"
    r"\tfrac{\|A_i\|_{\sigma_i}}{1-\gamma_i}\Big\|\frac{d\sigma_i^*}{d\sigma_i}-b_i-\psi_i^\top v\Big\|_{\sigma_i}",
    takes=PolicyGap,
    hypotheses=hypotheses,
    lhs=gap,
    rhs=bound,
    roundoff=roundoff,
    rests_on=("wang2020/meta_policy_gradient", "wang2020/performance_difference"),
    cases=(
        case("spurious maximum A: ¼", spurious_a, predicted=Q(1)),
        case("the same against the best policy: 19/27", spurious_a, comparator=BEST, predicted=Q(1)),
        case("spurious maximum B, e^η = 5/4: 725/4041", spurious_b, predicted=Q(1)),
        case("spurious maximum C, η = ln 2: 21/241", spurious_c, predicted=Q(1)),
        case("one state, two actions, θ = 0", one_state),
        case("two random MDPs, random θ", random_gap),
        case("one random MDP where ascent ends, η = 3", climbed),
        case("another, η = 3", climbed, 13),
        case("a random MDP where ascent from far out ends", nearly_decided),
    ),
    mutants=(
        mutant("(1 − γ)⁻¹ dropped", spurious_a, rhs=lambda p: bound(p, horizon=False)),
        mutant("stationary, so optimal", spurious_a, rhs=lambda p: p.radius * stationarity(p)),
        mutant("Rε dropped", one_state, rhs=lambda p: bound(p, stationary=False)),
        mutant("η∇Q dropped from ψ", climbed, rhs=lambda p: bound(p, moved=False)),
    ),
    spared={"radius": "true: the proof holds for every R ≥ 0"},
)

UNCENTRED = POLICY_GAP.variant(
    id="wang2020/policy_gap_uncentred",
    title="the optimality gap of a meta-policy, without b (R3)",
    source=Source("wang2020", "the same, not centred (R3)", "D"),
    claim=r"\tfrac1n\sum_iJ_i(\pi_i^*)-\mathcal L(\omega)\le R\epsilon+\inf_{\|v\|\le R}\tfrac1n\sum_i"
    r"\tfrac{\|A_i\|_{\sigma_i}}{1-\gamma_i}\Big\|\frac{d\sigma_i^*}{d\sigma_i}-\psi_i^\top v\Big\|_{\sigma_i}",
    rhs=lambda asked: bound(asked, centred=False),
    rests_on=("wang2020/policy_gap",),
    cases=(
        case("spurious maximum A: ¼ under √(1865/18576)", spurious_a),
        case("spurious maximum C: 21/241 under √1260/241", spurious_c),
        case("two random MDPs, random θ", random_gap),
    ),
    mutants=(
        mutant("(1 − γ)⁻¹ dropped", spurious_a, rhs=lambda p: bound(p, centred=False, horizon=False)),
        mutant("stationary, so optimal", spurious_a, rhs=lambda p: p.radius * stationarity(p)),
    ),
    spared={"radius": "true: the proof holds for every R ≥ 0"},
)
