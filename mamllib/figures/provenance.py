"""What a figure was made with: versions, device, and the commit of the code."""

import functools
import importlib.metadata
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

import jax

PACKAGE = Path(__file__).resolve().parents[1]
BUILT_FROM = "commit.txt"  # what building a wheel writes into it


@dataclass(frozen=True)
class Commit:
    """A state of the code: the commit, the day it was made, and whether files differ from it."""

    id: str
    date: str
    changed: bool

    def __str__(self) -> str:
        """The commit, with a word on files that differ from it."""
        return f"{self.id} with changes" if self.changed else self.id


@functools.cache
def commit() -> Commit | None:
    """The commit of the checkout that the package lies in, else the one its wheel was built from, else nothing."""
    return read_commit(PACKAGE)


def read_commit(package: Path) -> Commit | None:
    """As ``commit``, for the package in this folder.

    Only a checkout whose root holds the package is asked: an environment may lie within somebody else's.
    """
    if (package.parent / ".git").exists():
        said = _git(package.parent, "show", "--no-patch", "--format=%H %cs")
        return said and Commit(*said.split(), bool(_git(package.parent, "status", "--porcelain")))
    built = package / BUILT_FROM
    return Commit(*built.read_text(encoding="utf-8").split(), False) if built.is_file() else None


def environment() -> dict[str, str | None]:
    """Versions, device and commit: what differs from one machine to another and says where numbers came from."""
    versions = {name: importlib.metadata.version(name) for name in ("mamllib", "jax", "numpy", "matplotlib")}
    known = commit()
    return versions | {
        "python": platform.python_version(),
        "device": jax.devices()[0].device_kind,
        "commit": known and str(known),
    }


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says, or nothing where it is not installed or will not speak of this folder."""
    try:
        process = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return process.stdout.strip()
