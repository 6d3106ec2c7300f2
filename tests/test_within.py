"""How far sittings lie apart is measured, and a ratio is outside where it lies farther."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.__main__ import keep
from benchmarks.within import note, outside, ratios
from mamllib.measured import load
from mamllib.measured.sittings import deviations, with_intervals

KEYS = ["work", "peer"]


def table(ratio: float, peer: str = "a loop") -> pd.DataFrame:
    rows = [("sin1", "ours", 1.0, "mamllib 0.1 jax 0.10"), ("sin1", peer, ratio, "torch 2.14")]
    return pd.DataFrame(rows, columns=[*KEYS, "ratio", "versions"])


def seen(*found: float) -> pd.DataFrame:
    """Sittings that found these ratios."""
    return pd.concat([ratios("peers", table(ratio), KEYS).assign(sitting=k) for k, ratio in enumerate(found)])


def test_the_deviation_between_sittings_is_that_of_the_logarithms():
    found = deviations(seen(2.0, 2.2, 2.6))
    assert found.index.tolist() == [("peers", "torch")], "the way that others are held against says nothing"
    assert found.item() == pytest.approx(np.std(np.log([2.0, 2.2, 2.6]), ddof=1))


@pytest.mark.parametrize(("again", "found"), [(2.0, 0), (2.5, 0), (1.6, 0), (2.7, 1), (1.4, 1)])
def test_a_ratio_is_outside_where_it_lies_farther_than_sittings_do(again, found):
    sittings = seen(2.0, 2.0 * np.exp(0.1 * 2**0.5))  # a deviation of 0.1: 95 of 100 lie between 1.52 and 2.64
    assert len(outside("peers", table(2.0), table(again), KEYS, sittings)) == found


def test_95_of_100_sittings_lie_within():
    """Of ratios that are lognormal, and a deviation that is known."""
    rng, inside = np.random.default_rng(0), 0
    sittings = seen(*np.exp(0.2 * rng.normal(size=400)))
    for kept, again in np.exp(0.2 * rng.normal(size=(300, 2))):
        inside += outside("peers", table(kept), table(again), KEYS, sittings).empty
    assert 270 <= inside <= 298, "binomial, 285 ± 4 standard deviations"


def test_rows_of_one_table_alone_are_left_out():
    assert outside("peers", table(2.0), table(9.0, "another"), KEYS, seen(2.0, 2.1)).empty


def test_one_sitting_alone_gives_no_interval():
    with pytest.raises(KeyError, match="torch"):
        with_intervals("peers", table(2.0), seen(2.0))


def test_sittings_are_numbered_and_none_is_lost(tmp_path):
    for ratio in (2.0, 2.5):
        note([ratios("peers", table(ratio), KEYS)], tmp_path)
    kept = pd.read_csv(tmp_path / "sittings.csv")
    assert kept.sitting.tolist() == [1, 1, 2, 2]
    assert kept.ratio.tolist() == [1, 2, 1, 2.5]
    assert kept.processor.notna().all()


def test_rows_from_other_devices_stay(tmp_path):
    folders = fresh, kept = tmp_path / "fresh", tmp_path / "kept"
    for folder, rows in zip(folders, ([("one", 3)], [("one", 1), ("two", 2)]), strict=True):
        folder.mkdir()
        pd.DataFrame(rows, columns=["device", "ratio"]).to_csv(folder / "peers.csv", index=False)
    keep(fresh, kept, ["peers"])
    assert pd.read_csv(kept / "peers.csv").to_numpy().tolist() == [["one", 3], ["two", 2]]


@pytest.mark.parametrize("name", ["peers", "growth", "bias", "many_steps", "unequal", "step_parts"])
def test_every_table_of_ratios_has_been_measured_in_two_sittings(name):
    found = with_intervals(name, load(name))
    assert (found.low <= found.ratio).all()
    assert (found.ratio <= found.high).all()
    assert (found.low < found.high)[found.ratio != 1].all()
