"""Does a sitting say what the tables that are kept say?

Times of two machines, or of two hours, differ; ratios within the same rounds differ less. By how much they do is
measured: every sitting's ratios are kept (``mamllib.measured.sittings``), and a ratio is *outside* where 95 of 100
sittings would have come closer to the one that is kept.
"""

import platform
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mamllib.measured.sittings import NAME, packages, with_intervals

CPUS = Path("/proc/cpuinfo")


def ratios(name: str, rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """What a sitting says of one table: (table, row, package, ratio)."""
    labels = rows[list(keys)].astype(str).agg(" | ".join, axis=1)
    return pd.DataFrame({"table": name, "row": labels, "package": packages(rows), "ratio": rows.ratio})


def outside(name: str, kept: pd.DataFrame, again: pd.DataFrame, keys: Sequence[str], sittings=None) -> pd.DataFrame:
    """The rows whose ratios lie outside the intervals of those that are kept; rows of one table alone are left out."""
    both = with_intervals(name, kept, sittings).merge(again, on=list(keys), suffixes=("", "_again"))
    inside = both.ratio_again.between(both.low, both.high)
    return both.loc[~inside, [*keys, "low", "ratio", "high", "ratio_again"]]


def note(found: list[pd.DataFrame], folder: Path) -> None:
    """Add a sitting to those that are kept in this folder."""
    kept = folder / f"{NAME}.csv"
    before = pd.read_csv(kept) if kept.exists() else pd.DataFrame({"sitting": pd.Series(dtype=int)})
    number = 1 + before.sitting.max() if len(before) else 1
    added = pd.concat(found).assign(sitting=number, processor=processor())
    columns = ["sitting", "processor", "table", "row", "package", "ratio"]
    rows = pd.concat([before, added[columns]]) if len(before) else added[columns]
    rows.to_csv(kept, index=False, float_format="%.4g", lineterminator="\n")


def processor() -> str:
    """The processor by its name."""
    named = re.search(r"model name\s*:\s*(.+)", CPUS.read_text()) if CPUS.exists() else None
    return named[1].strip() if named else platform.processor() or "unknown"
