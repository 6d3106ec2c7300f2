"""One-sided confidence bounds for the smallest of many means: min_k E X_k from independent rows (X_0, …, X_{K−1})."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from mamllib.checking.quantity import Quantity
from mamllib.checking.statistics import mean_bounds
from mamllib.checking.verdict import Grade

FEWEST_ROWS = 4


@dataclass(frozen=True)
class SmallestMean:
    """min_k E X_k ≥ 0 from independent ``rows`` (m, K) of non-negative numbers.

    The smallest sample mean is biased downward, so the upper bound selects k on the first half of the rows and
    measures it on the other half. The lower bound holds for all K means at once, and only where the columns are
    ``complete``: the smallest of the first few of them says nothing about the rest. ``range`` is (lowest, highest)
    where it is known that all entries lie between.

    Raises:
        ValueError: fewer than four rows.
    """

    rows: Float[np.ndarray, "m K"]
    complete: bool
    range: tuple[float, float] | None = None

    def __post_init__(self):
        if len(self.rows) < FEWEST_ROWS:
            raise ValueError(
                f"{len(self.rows)} rows are too few: half select, half measure, so {FEWEST_ROWS} are needed"
            )

    def quantity(self, risk: float) -> Quantity:
        """The mean selected, with one-sided bounds, each wrong with probability at most ``risk``: for every law where
        the range is known, else under approximate normality."""
        half = len(self.rows) // 2
        selected = int(self.rows[:half].mean(axis=0).argmin())
        held_out = self.rows[half:, selected]
        upper = mean_bounds(held_out, risk, self.range)[1]
        lowest = mean_bounds(self.rows.T, risk / self.rows.shape[1], self.range)[0]
        lower = max(lowest.min(), 0.0) if self.complete else 0.0
        return Quantity(held_out.mean(), np.minimum(lower, held_out.mean()), upper, Grade.STATISTICAL)
