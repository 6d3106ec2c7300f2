"""The situation of a reader on Colab: a chapter alone in a folder, and a Python that has mamllib and a kernel only.

A second virtual environment stands in for it, so that a chapter that leans on the repository, on a test dependency
or on a file beside it fails here and not in front of the reader.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .places import FIGURES_VARIABLE, ROOT

ENVIRONMENT = ROOT / ".venv-alone"
KERNEL = ("ipykernel", "nbclient")


def make_environment(folder: Path = ENVIRONMENT) -> Path:
    """The environment's Python, with mamllib as it is now; what it depends on is installed only when that changes."""
    python = folder / "bin" / "python"
    stamp = folder / ".made-from"
    wanted = _fingerprint()
    with tempfile.TemporaryDirectory() as scratch:
        wheel = _build_wheel(Path(scratch))
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            _pip(python, "install", "--force-reinstall", "--no-deps", str(wheel))
        else:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            _pip(python, "install", "--constraint", str(_constraints(Path(scratch))), str(wheel), *KERNEL)
            stamp.write_text(wanted, encoding="utf-8")
    return python


def run(python: Path, chapter: Path, folder: Path) -> NotebookNode:
    """Execute an unchanged copy of the chapter in `folder`, where nothing else is."""
    folder.mkdir(parents=True)
    copy = shutil.copy2(chapter, folder)
    process = subprocess.run(
        [str(python.with_name("jupyter-execute")), "--inplace", "--timeout=600", copy],
        cwd=folder,
        env=_outside_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        raise RuntimeError(f"{chapter.stem} does not run alone:\n{process.stdout}")
    return nbformat.read(copy, as_version=4)


def _build_wheel(folder: Path) -> Path:
    _pip(Path(sys.executable), "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    return next(folder.glob("mamllib-*.whl"))


def _constraints(folder: Path) -> Path:
    """The locked versions without their hashes, which pip takes for requirements only."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    path = folder / "constraints.txt"
    path.write_text("\n".join(line.rstrip(" \\") for line in lines if "==" in line), encoding="utf-8")
    return path


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _outside_environment() -> dict[str, str]:
    inside = ("PYTEST", "PYTHON", "VIRTUAL_ENV", FIGURES_VARIABLE)
    return {name: value for name, value in os.environ.items() if not name.startswith(inside)}


def _pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", arguments[0], "--quiet", "--disable-pip-version-check", *arguments[1:]]
    subprocess.run(command, check=True)
