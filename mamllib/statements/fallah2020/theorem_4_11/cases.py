"""The cases that the statements of Theorem 4.11 share."""

from fractions import Fraction as Q

from mamllib.checking.statement import Case
from mamllib.checking.verdict import Verdict
from mamllib.statements.fallah2020.theorem_4_11 import instances

SMOOTHED = Case(
    "√(w² + d²), d = 0.002, s ≈ 1", lambda seed: instances.smoothed_absolute(), predicted=Q(999000000, 1001001001)
)
BUMPS = (
    Case("bump noise, s = 1000, D_test = 1", lambda seed: instances.bump(), predicted=Q(10**6, 1002501)),
    Case(
        "bump noise, s = 2000, D_test = 4", lambda seed: instances.bump(Q(2000), D_test=4), predicted=Q(10**6, 1002501)
    ),
)
QUADRATICS = Case("three quadratics, additive noise, D_test = 4", lambda seed: instances.quadratics(), predicted=Q(0))
CENTRE = Case("curvature noise about a common centre", lambda seed: instances.common_centre(), predicted=Q(1, 9))
TRIGONOMETRIC = Case("six trigonometric tasks in 3-D, D_test = 4", lambda seed: instances.trigonometric(4, seed))
DIGITS = (
    Case("45 digit pairs, D_test = 1", lambda seed: instances.digits(1, seed=seed)),
    Case("45 digit pairs, D_test = 10", lambda seed: instances.digits(10, 40_000, seed), sampled=1),
)
SKEWED = Case("ramp and lopsided bump noise, T₁ : T₂ = 4 : 3", lambda seed: instances.skewed_bump())
DIFFERENCE = Case(
    "√(w² + d²), d = 10⁻³, s = 0.3, float64", lambda seed: instances.smoothed_absolute_float(1e-3), predicted=0.99667
)
SHARPNESS = (1 - Q(4, 10**6)) / (1 + Q(1, 2 * 10**6))
LONG_STEP = Case("three quadratics at α = 2/L", instances.too_long_step, Verdict.SILENT)
