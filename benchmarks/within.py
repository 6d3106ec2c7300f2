"""Does a table that was measured again say what the one that is kept says?

Times of two machines, or of two hours, differ; ratios within the same rounds should not. A ratio is *outside* where the
95 % intervals of both measurements do not meet.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

INTERVAL = 1.96


def outside(kept: pd.DataFrame, again: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows whose ratios differ by more than their intervals allow, with both; rows of one table alone are left out.

    Args:
        kept, again: tables with columns ``ratio``, ``ratio_standard_error`` and ``keys``.
        keys: what tells the rows of a table apart.
    """
    both = kept.merge(again, on=list(keys), suffixes=("", "_again"))
    allowed = INTERVAL * (both.ratio_standard_error + both.ratio_standard_error_again)
    apart = np.abs(both.ratio - both.ratio_again)
    shown = [*keys, "ratio", "ratio_standard_error", "ratio_again", "ratio_standard_error_again"]
    return both.loc[apart > allowed, shown]
