"""The situation of a reader on Colab: a chapter in an empty folder, and a Python that has mamllib and a kernel only.

A second virtual environment stands in for it, so that a chapter that leans on the repository, on a test dependency
or on a file beside it fails here and not in front of the reader. Papermill, in the environment of the tests, drives
the second one's kernel.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .execute import ChapterFailed, execute
from .places import FIGURES_VARIABLE, ROOT

ENVIRONMENT = ROOT / ".venv-alone"
KERNEL = "ipykernel"


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
            _pip(python, "install", "--constraint", str(_constraints(Path(scratch))), str(wheel), KERNEL)
            stamp.write_text(wanted, encoding="utf-8")
    return python


def run(python: Path, chapter: Path, folder: Path, parameters: Mapping[str, object]) -> NotebookNode:
    """Execute a chapter with these parameters by a kernel of `python`, and give it as it came out.

    Raises:
        ChapterFailed: as in `execute`.
    """
    executed = folder / chapter.name
    _write_kernel(python, folder / "kernels")
    process = subprocess.run(
        [sys.executable, "-m", __spec__.name, str(chapter), str(executed), json.dumps(parameters)],
        cwd=ROOT,
        env=_outside_environment() | {"JUPYTER_PATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        raise ChapterFailed(f"{chapter.stem} does not run alone:\n{process.stdout}")
    return nbformat.read(executed, as_version=4)


def _write_kernel(python: Path, kernels: Path) -> None:
    """Let Jupyter take `python` for the kernel that all chapters name; figures go where a reader's would."""
    command = ["env", "-u", FIGURES_VARIABLE, str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Alone", "language": "python"}
    (kernels / "python3").mkdir(parents=True)
    (kernels / "python3" / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


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
    for path in (ROOT / "requirements.lock", ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _outside_environment() -> dict[str, str]:
    inside = ("PYTEST", "PYTHON", "VIRTUAL_ENV", FIGURES_VARIABLE)
    return {name: value for name, value in os.environ.items() if not name.startswith(inside)}


def _pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", arguments[0], "--quiet", "--disable-pip-version-check", *arguments[1:]]
    subprocess.run(command, check=True)


def main() -> None:
    """Execute one chapter in this process: what `run` starts, for the environment variables to be the process's own."""
    chapter, executed, parameters = sys.argv[1:]
    try:
        execute(Path(chapter), Path(executed), Path(executed).parent / "figures", json.loads(parameters))
    except ChapterFailed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
