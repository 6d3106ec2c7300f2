"""Re-run a stored chapter with nbval and report what came out differently.

`--nbval` alone: `--nbval-lax`, even beside it, passes outputs that were tampered with.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from .execute import PATIENCE
from .places import FIGURES_VARIABLE
from .processes import CHAPTER_MINUTES, Group


@dataclass(frozen=True)
class Report:
    """How many cells nbval compared, and the ones that differ."""

    cells: int
    differences: list[str]


def compare(chapter: Path, figures: Path, group: Group | None = None) -> Report:
    """Re-run a chapter that lies alone in its folder; its figures go to `figures`.

    Raises:
        TookTooLong: it did not end in time.
    """
    results = chapter.with_suffix(".xml")
    options = [
        "--nbval",
        "--nbval-current-env",
        f"--nbval-kernel-startup-timeout={PATIENCE}",
        "-p",
        "no:cacheprovider",
        "-q",
        f"--junitxml={results}",
    ]
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, f"--rootdir={chapter.parent}", *options, str(chapter)]
    own = _environment() | {FIGURES_VARIABLE: str(figures)}
    process = (group or Group()).run(chapter.stem, CHAPTER_MINUTES, command, cwd=chapter.parent, env=own)
    if not results.is_file():
        return Report(0, [process.stdout])
    cases = list(ElementTree.parse(results).iter("testcase"))
    differences = [_difference(case) for case in cases if len(case)]
    if process.returncode != 0 and not differences:
        differences = [process.stdout]
    return Report(len(cases), differences)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}


def _difference(case: ElementTree.Element) -> str:
    return f"{case.get('name')}: {case[0].text or case[0].get('message')}"
