"""The Proposition: Theorem 4.17 as printed fails for every choice of the constants that its two O(·) leave open.

    For all c₁, c₂ > 0 let ε = 1/40 and B ≥ B₀(c₁, c₂). Instance A from w₀ = 0 meets every hypothesis, and every random
    w selected from the convex hull of w₀, …, w_N, N = ⌈1 + c₂ΔL/ε²⌉, has  E|F'(w)| > c₁σ/√B + ε.

Proof. One step is w − β(m(w) + (p̂ − ½)(h₁ − h₂)), p̂ the share of task 1 in the batch and 0 < β ≤ 1/(25 · 4L) = 1/100.
While every |p̂ − ½| ≤ 1/530, the facts of ``trap.py`` keep |w_k| ≤ 1/50 by induction: m(w)/w lies in [0.56, 0.59], so
|w_{k+1}| ≤ |w_k|(1 − 0.56β) + 5.3β/530 ≤ (1 − 0.56β)/50 + 0.01β ≤ 1/50. There F' ≥ 1/10, on the convex hull as well.
By Hoeffding one share errs by more with probability at most 2exp(−2B/530²) = 2exp(−B/140450), so
E|F'(w)| ≥ (1 − 2N exp(−B/140450))/10. Let B₀ make 4N exp(−B₀/140450) ≤ 1 and c₁σ/√B₀ < 1/80: then the two sides
are at least 1/20 and less than 3/80. N may be any function of B that grows slower than exp(B/140450)/4.

In fractions exp(−x) ≤ 2^{−⌊1.44x⌋}, since e ≥ 2^{1.44}, and 1/√B ≤ 1/⌊√B⌋.
"""

import math
from dataclasses import dataclass
from functools import cached_property

from mamllib.statements.fallah2020.convergence.hypotheses import ASSUMES
from mamllib.statements.fallah2020.convergence.setting import Setting
from mamllib.statements.fallah2020.theorem_4_17 import trap
from mamllib.statements.fallah2020.theorem_4_17.instances import instance_a
from mamllib.statements.fallah2020.theorem_4_17.large_batch_run import LargeBatchRun, iterations_of
from mamllib.statements.fallah2020.theorem_4_17.large_batch_run import hypotheses as printed_hypotheses
from mamllib.statements.kit import Q, Question, Source, Statement, Verdict, case, holds_if, margin, mutant, validation

HOEFFDING = Q(140450)
FACTS = (
    "m(0) = 0",
    "0.56 ≤ m(w)/w",
    "m(w)/w ≤ 0.59",
    "|h₁ − h₂| ≤ 5.3",
    "F' ≥ 1/10",
    "the trap holds",
    "no step overshoots",
)
CHOSEN = ("α ≤ 1/(6L)", "β_k = β̃/25", "β_k ≤ 1/100", "B ≥ 20", "δ = 1/(6ρα‖g‖)", *(each.name for each in ASSUMES))
MOST_HALVINGS = 256


@dataclass(frozen=True)
class Quantifiers(Question):
    """c₁ and c₂ of the printed theorem's two O(·), and Instance A with a task batch size B."""

    c_1: Q
    c_2: Q
    setting: Setting

    recipe = "Quantifiers.of(c_1, c_2, B=None)"

    @classmethod
    def of(cls, c_1, c_2, B: int | None = None) -> "Quantifiers":
        """For rational c₁, c₂ ≥ 0; B is B₀(c₁, c₂) where none is given.

        Raises:
            ValueError: a negative constant, or B not an integer ≥ 1.
        """
        validation.require_nonnegative("c_1", c_1)
        validation.require_nonnegative("c_2", c_2)
        B = least_batch(Q(c_1), Q(c_2)) if B is None else B
        validation.require_batch_size("B", B)
        return cls(Q(c_1), Q(c_2), instance_a(B=B))

    @property
    def B(self) -> int:
        """The task batch size."""
        return self.setting.B

    @property
    def iterations(self) -> int:
        """N."""
        return iterations_of(self.setting, self.c_2)

    @cached_property
    def at_start(self) -> LargeBatchRun:
        """Instance A at w₀ = 0, where its hypotheses are measured."""
        return LargeBatchRun(self.setting, self.iterations)

    @property
    def assumed(self):
        """What was measured there."""
        return self.at_start.assumed

    @property
    def constants(self):
        """Those of Instance A."""
        return self.setting.constants

    @property
    def sigma(self):
        """That of Instance A."""
        return self.setting.sigma

    @property
    def certificate(self):
        """What is proved of the tasks of Instance A."""
        return self.setting.certificate

    @property
    def trials(self):
        """No function of a user is involved."""
        return {}


def least_batch(c_1, c_2) -> int:
    """A B₀: c₁σ/⌊√B⌋ < 1/80, 4N 2^{−⌊1.44B/140450⌋} ≤ 1, and B ≥ 20."""
    setting = instance_a()
    root = math.floor(80 * c_1 * setting.sigma) + 1
    halvings = (4 * iterations_of(setting, c_2) - 1).bit_length()
    return max(root**2, math.ceil(halvings * HOEFFDING / Q(144, 100)), 20)


def promised(quantifiers: Quantifiers):
    """c₁σ/√B + ε, from above."""
    return quantifiers.c_1 * quantifiers.setting.sigma / math.isqrt(quantifiers.B) + quantifiers.setting.epsilon


def attained(quantifiers: Quantifiers):
    """(1 − 2N exp(−B/140450))/10 ≤ E|F'(w)|, from below."""
    halvings = min(MOST_HALVINGS, math.floor(Q(144, 100) * quantifiers.B / HOEFFDING))
    escape = min(Q(1), 2 * quantifiers.iterations * Q(1, 2**halvings))
    return trap.FLOOR * (1 - escape)


def hypotheses(quantifiers: Quantifiers) -> dict:
    """Those of the printed theorem on Instance A, the facts of the trap, and B ≥ B₀."""
    setting, needed = quantifiers.setting, least_batch(quantifiers.c_1, quantifiers.c_2)
    return (
        {"the setting is Instance A": holds_if(setting == instance_a(B=setting.B))}
        | printed_hypotheses(quantifiers.at_start)
        | trap.facts()
        | {
            "β_k ≤ 1/100": margin(trap.LARGEST_STEP * 4 * setting.constants.L, setting.fraction),
            "B ≥ B₀": margin(setting.B, needed),
        }
    )


PROPOSITION = Statement(
    id="fallah2020/theorem_4_17_proposition",
    title="Theorem 4.17, the Proposition against it",
    source=Source("fallah2020", "a counterexample with the printed quantifiers", "D"),
    claim=r"\forall c_1,c_2\ \exists\epsilon,B_0\ \forall B\ge B_0:\quad"
    r"\tfrac{c_1\sigma}{\sqrt B}+\epsilon<\tfrac1{10}\big(1-2Ne^{-B/140450}\big)\le\mathbb{E}|F'(w)|",
    takes=Quantifiers,
    assumes=ASSUMES,
    hypotheses=hypotheses,
    lhs=promised,
    rhs=attained,
    roundoff=lambda quantifiers: 0.0,
    spared=dict.fromkeys(FACTS, "a fact about Instance A, which has no instance where it fails")
    | dict.fromkeys(CHOSEN, "of Instance A alone this is claimed, and there it is met")
    | {"B ≥ B₀": "true: B₀ is enough and not claimed to be the least"},
    cases=(
        case("c₁ = c₂ = 1", Quantifiers.of, 1, 1),
        case("c₁ = 10, c₂ = 10³", Quantifiers.of, 10, 1000),
        case("c₁ = c₂ = 10⁶", Quantifiers.of, 10**6, 10**6),
        case("c₁ = c₂ = 1, B = 100", Quantifiers.of, 1, 1, 100, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("B ≥ B₀ deleted", Quantifiers.of, 1, 1, 100, drops="B ≥ B₀"),
        mutant("ε = 1/8 with N for 1/40", Quantifiers.of, 1, 1, lhs=lambda asked: promised(asked) + Q(1, 10)),
    ),
)
