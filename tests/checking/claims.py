"""A toy statement, x ≤ bound with room to fail: what a statement is, without any meta-learning."""

from collections.abc import Callable
from typing import Any, NamedTuple

import mamllib as ml


class Toy(NamedTuple):
    """lhs, rhs and the margin of the one hypothesis."""

    lhs: Any
    rhs: Any
    margin: Any = 1


def toy_statement(error: Any = 0.0, **changes: Callable) -> ml.Statement:
    """``Toy.lhs ≤ Toy.rhs`` with a given error budget; ``changes`` replace its parts."""
    parts = dict(
        id="toys/toy",
        title="Toy",
        source=ml.Source("toys", "Toy", "D"),
        claim="l \\le r",
        takes=Toy,
        hypotheses=lambda toy: {"room": toy.margin},
        lhs=lambda toy: toy.lhs,
        rhs=lambda toy: toy.rhs,
        roundoff=lambda toy: error,
    )
    return ml.Statement(**(parts | changes))
