"""A reader's own tasks: what of the papers holds on them, what first order costs, and which steps are allowed."""

from mamllib.yours.allowed import AllowedSteps, step_sizes_allowed
from mamllib.yours.ask import Asked, ask
from mamllib.yours.first_order import FirstOrderCost, first_order_cost
from mamllib.yours.measure import UNDECLARED, Met, measure

__all__ = [
    "UNDECLARED",
    "AllowedSteps",
    "Asked",
    "FirstOrderCost",
    "Met",
    "ask",
    "first_order_cost",
    "measure",
    "step_sizes_allowed",
]
