"""Training beside plain JAX, then every chapter's full profile, on the accelerator at hand: one call that ends in time.

    python -m benchmarks.on_device FOLDER --minutes 9

Training comes first, in float32, and is kept in ``FOLDER/peers.csv`` with the accelerator's name. Chapters run one
after the other, for JAX takes most of a GPU's memory; their verdicts are float64. What each came to is kept in
``FOLDER/chapters.csv`` after every chapter, so nothing is lost where the call is ended; what did not begin in time is
listed too.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from benchmarks.side_by_side import FOLDER_VARIABLE
from book._tools import execution, verdicts
from book._tools.chapters import chapters
from book._tools.execute import ChapterFailed, apart
from book._tools.processes import TookTooLong

LEFT_OUT, ROUNDS = "not begun", 4


def run(chapter: Path, folder: Path, profile: str, minutes: float) -> dict:
    """Execute a chapter and say how it came out; a failure is an outcome, and the next chapter runs."""
    start = time.perf_counter()
    try:
        executed = apart(chapter, folder / chapter.name, folder / "figures", {"profile": profile}, minutes=minutes)
        outcome, counted = "as the book says", verdicts.summary(verdicts.read(executed))
    except ChapterFailed as failure:
        outcome, counted = str(failure).splitlines()[-1], ""
    except TookTooLong as failure:
        outcome, counted = str(failure), ""
    return {"seconds": time.perf_counter() - start, "outcome": outcome, "verdicts": counted}


def train(folder: Path) -> None:
    """Time the works of ``benchmarks.peers`` in a process of its own; where that fails, say so and go on."""
    command = [sys.executable, "-m", "benchmarks.peers", "--cores", "all", "--rounds", str(ROUNDS)]
    done = subprocess.run(command, env=os.environ | {FOLDER_VARIABLE: str(folder)}, check=False)
    print(f"training: ended with status {done.returncode}", flush=True)


def main() -> None:
    """Run all chapters, or those that are named, until the time is spent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=9.0)
    parser.add_argument("--profile", default="full")
    parser.add_argument("--chapter", nargs="+", default=[], help="names, as in 02_f_is_not_smooth (default: all)")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    around, end, rows = execution.environment(), time.monotonic() + 60 * asked.minutes, []
    train(asked.folder)
    for chapter in chapters():
        if asked.chapter and chapter.stem not in asked.chapter:
            continue
        left = (end - time.monotonic()) / 60
        found = run(chapter, asked.folder, asked.profile, left) if left > 0 else {"outcome": LEFT_OUT}
        rows.append({"chapter": chapter.stem, "profile": asked.profile, **found, **around})
        pd.DataFrame(rows).to_csv(asked.folder / "chapters.csv", index=False, float_format="%.4g")
        print(f"{chapter.stem}: {found['outcome']}, {found.get('seconds', 0):.1f} s", flush=True)


if __name__ == "__main__":
    main()
