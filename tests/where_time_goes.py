"""Where the time of a run of tests went: by folder, and the files that took longest."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

LONGEST = 10


def lines(reports: Iterable) -> Iterator[str]:
    """A line a folder of tests and one for the doctests, then one for each of the longest files, from all reports."""
    files: Counter[Path] = Counter()
    for report in reports:
        files[Path(report.nodeid.split("::")[0])] += report.duration
    folders: Counter[Path] = Counter()
    for file, seconds in files.items():
        folders[Path(*file.parts[: 2 if file.parts[0] == "tests" and len(file.parts) > 2 else 1])] += seconds
    yield from (f"{seconds:8.1f} s  {folder}" for folder, seconds in folders.most_common())
    yield f"{sum(folders.values()):8.1f} s  together; the longest files:"
    yield from (f"{seconds:8.1f} s  {file}" for file, seconds in files.most_common(LONGEST))
