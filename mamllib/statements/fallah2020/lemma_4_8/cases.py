"""The cases that both statements of Lemma 4.8 share, and what their wrong versions compare with."""

from fractions import Fraction as Q

from mamllib import tree
from mamllib.arithmetic import each
from mamllib.checking.statement import Case
from mamllib.checking.verdict import Verdict
from mamllib.statements.fallah2020.lemma_4_8 import instances


def times_distance(constant):
    """constant·‖w − u‖ at each pair."""
    return lambda pairs: each(lambda w, u: constant * tree.norm(tree.subtract(w, u)), pairs.w, pairs.u)


FAR = [10, 100, 1000, 10_000]
CASES = (
    Case("triangular wave, b = 1/1000, n = 10⁶", lambda seed: instances.wave_pair(), predicted=0.9995),
    Case(
        "triangular wave, b = 1/100, n = 10⁴",
        lambda seed: instances.wave_pair(Q(1, 100), Q(1, 25), 10**4),
        predicted=0.994978,
    ),
    Case("f = −Lw²/2 at αL = 1", lambda seed: instances.concave_quadratic(), predicted=Q(1)),
    Case("three tasks, 40 random rational pairs", instances.random_waves),
    Case(
        "trigonometric, a = −1, b = 0.01, κ = 300, αL = 1",
        lambda seed: instances.trigonometric_pairs(-1.0, 0.01, 300.0, 1.0, [10**4]),
        predicted=201 / 202,
    ),
    Case(
        "trigonometric, a = 1, b = ½, κ = 4, αL = 0.9",
        lambda seed: instances.trigonometric_pairs(1.0, 0.5, 4.0, 0.9, FAR),
        predicted=0.2,
    ),
    Case("eight tasks in 5-D, 64 random pairs", instances.random_tasks),
    Case("45 digit pairs, 24 random pairs of points", instances.digits),
)
BEYOND = Case("f = −Lw²/2 at αL = 2", lambda seed: instances.concave_quadratic(Q(2)), Verdict.SILENT)
