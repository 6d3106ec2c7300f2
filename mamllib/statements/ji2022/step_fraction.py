"""An inner step of c/(NL) with c ≤ (ln 2)/2 is small enough at every N, and no larger c is.

    α = c/(NL), c ≤ (ln 2)/2  ⇒  x^{2N} = (1 + c/N)^{2N} < 2 for every N ≥ 1;   x^{2N} → e^{2c}       (derived here)

Proof. N log(1 + c/N) is c times the slope of the logarithm's chord from 1 to 1 + c/N, which increases in N to c, since
log is concave. So x^{2N} increases strictly to e^{2c} and stays below it: c = (ln 2)/2 is allowed, for 2 is never
reached. For c > (ln 2)/2 it is passed at some N. ∎ 2 − x^{2N} is bounded away from 0 in N for c < (ln 2)/2 alone; at
c = 1/8 it is more than 2 − e^{1/4} > .7159, and C_L < .1710ρ/L.

What is measured: x^{2N} at every N ≤ 10⁴ (64 in fractions). A scan to N = 16 would let c = .35 pass, which first fails
at N = 18.
"""

import math

from mamllib.precision import gamma
from mamllib.statements.kit import (
    OfNumbers,
    Parameters,
    Q,
    Source,
    Statement,
    Verdict,
    case,
    is_exact,
    margin,
    mutant,
    np,
    question,
)

NUMBERS = np.arange(1, 10_001)
BELOW_HALF_OF_LN_2 = Q("0.3465735902799726")  # of .34657359027997265…
FEW = range(1, 65)  # in fractions
OPERATIONS = 8


@question
class StepFraction(OfNumbers):
    """c, of an inner step α = c/(NL) whose N may be any."""

    c: Parameters


def powers(asked: StepFraction):
    """(1 + c/N)^{2N} for each N."""
    if is_exact(asked.c):
        return np.array([(1 + asked.c / N) ** (2 * N) for N in FEW])
    return np.exp(2 * NUMBERS * np.log1p(asked.c / NUMBERS))


def two(asked: StepFraction):
    """2 for each N."""
    return np.array([Q(2)] * len(FEW)) if is_exact(asked.c) else np.full(NUMBERS.shape, 2.0)


def small(asked: StepFraction) -> dict:
    """c ≤ (ln 2)/2."""
    half = BELOW_HALF_OF_LN_2 if is_exact(asked.c) else math.log(2) / 2
    return {"c ≤ (ln 2)/2": margin(half, asked.c)}


def roundoff(asked: StepFraction):
    """γ of x^{2N}: the exponent is at most 2c."""
    return gamma(OPERATIONS) * (1 + 2 * asked.c) * powers(asked)


STEP_FRACTION = Statement(
    id="ji2022/step_fraction",
    title="N inner steps of c/(NL) (J11)",
    source=Source("ji2022", "inner steps of order 1/N (J11)", "D"),
    claim=r"\alpha=\tfrac c{NL},\ c\le\tfrac{\ln2}2\ \Rightarrow\ x^{2N}=\big(1+\tfrac cN\big)^{2N}<2"
    r"\ \text{for every }N",
    takes=StepFraction,
    hypotheses=small,
    lhs=powers,
    rhs=two,
    roundoff=roundoff,
    cases=(
        case("c = (ln 2)/2", StepFraction.of, math.log(2) / 2),
        case("c = .34657 in fractions, N ≤ 64", StepFraction.of, Q("0.34657")),
        case("c = 1/8", StepFraction.of, 0.125),
        case("c = .35", StepFraction.of, 0.35, expected=Verdict.SILENT),
    ),
    mutants=(
        mutant("c ≤ .347", StepFraction.of, 0.347, drops="c ≤ (ln 2)/2"),
        mutant("c ≤ .35, as a scan to N = 16 has it", StepFraction.of, 0.35, drops="c ≤ (ln 2)/2"),
        mutant("x^{2N} ≤ 1.999", StepFraction.of, math.log(2) / 2, rhs=lambda p: 1.999 * np.ones(NUMBERS.shape)),
    ),
)
