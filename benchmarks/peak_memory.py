"""How far the memory of this process rises while something runs: Linux alone, and best in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
# What is freed goes back at once, so that an earlier run hides nothing of a later one.
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}


def rise(run: Callable[[], object]) -> float:
    """MiB between what is held before ``run()`` and the most that is held during it."""
    RESET.write_text("5")
    before = _kibibytes("VmRSS")
    run()
    return max(0, _kibibytes("VmHWM") - before) / 1024


def in_its_own_process(module: str, *arguments: str) -> float:
    """The number that ``python -m module …`` prints last."""
    command = [sys.executable, "-m", module, *arguments]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | GIVE_BACK).stdout
    return float(printed.split()[-1])


def _kibibytes(name: str) -> int:
    return int(STATUS.read_text().split(f"{name}:")[1].split()[0])
