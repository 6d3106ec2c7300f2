"""A ratio measured again is outside only where both intervals do not meet."""

import pandas as pd
import pytest

from benchmarks.within import outside


def table(ratio: float, error: float) -> pd.DataFrame:
    return pd.DataFrame({"work": ["sin1"], "peer": ["a loop"], "ratio": ratio, "ratio_standard_error": error})


@pytest.mark.parametrize(("again", "error", "found"), [(2.3, 0.1, 0), (2.5, 0.1, 1), (1.5, 0.1, 1), (2.5, 0.2, 0)])
def test_a_ratio_is_outside_where_the_intervals_do_not_meet(again, error, found):
    assert len(outside(table(2.0, 0.1), table(again, error), ["work", "peer"])) == found


def test_rows_of_one_table_alone_are_left_out():
    assert outside(table(2.0, 0.1), table(9.0, 0.1).assign(peer="another"), ["work", "peer"]).empty
