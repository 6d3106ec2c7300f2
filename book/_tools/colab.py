"""What a chapter's first cell does on Colab: install mamllib and what Colab lacks, by name, and touch nothing else."""

import importlib.metadata
import re
import shlex
import tomllib
from collections.abc import Iterable
from pathlib import Path

import nbformat
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .places import ROOT

BROUGHT = Path(__file__).with_name("colab.txt")

# What every chapter has, each with the address that the repository is stamped with.
INSTALL = """\
if "google.colab" in sys.modules and importlib.util.find_spec("mamllib") is None:
    address = "{address}"
    if address.endswith(".invalid"):
        raise RuntimeError(
            "This copy does not know its repository, so mamllib cannot be installed from there. "
            "Open the chapter from a published copy, or install mamllib yourself and run this cell again."
        )
    %pip install --quiet --no-deps {names} "mamllib @ git+{{address}}"
"""


def brought() -> dict[str, str]:
    """The version of each package that Colab brings."""
    lines = BROUGHT.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def missing(root: Path = ROOT) -> list[str]:
    """What mamllib depends on, directly or through something missing, that Colab lacks or has too old."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[str] = []
    asked = _lacking(pyproject["project"]["dependencies"])
    while asked:
        name = asked.pop()
        if name not in found:
            found.append(name)
            asked += _lacking(importlib.metadata.requires(name) or [])
    return sorted(found)


def install(address: str) -> str:
    """The part of a first cell that installs, as every chapter has it."""
    return INSTALL.format(address=address, names=" ".join(missing()))


def installation(chapter: Path) -> str:
    """The part of a chapter's first code cell that installs.

    Raises:
        ValueError: the cell has no such part.
    """
    notebook = nbformat.read(chapter, as_version=4)
    source = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    found = re.search(r'^if "google.colab" in sys.modules.*?\n(?=\n)', source, re.MULTILINE | re.DOTALL)
    if not found:
        raise ValueError(f"{chapter.stem}: its first code cell does not install on Colab")
    return found[0]


def named(chapter: Path) -> list[str]:
    """The packages that a chapter's first cell installs by name, without mamllib itself."""
    (line,) = re.findall(r"%pip install (.*)", installation(chapter))
    return [word for word in shlex.split(line) if not word.startswith("-") and " @ " not in word]


def _lacking(requirements: Iterable[str]) -> list[str]:
    there = brought()
    asked = [requirement for requirement in map(Requirement, requirements) if _applies(requirement)]
    names = {canonicalize_name(requirement.name): requirement.specifier for requirement in asked}
    return [name for name, wanted in names.items() if name not in there or not wanted.contains(there[name])]


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
