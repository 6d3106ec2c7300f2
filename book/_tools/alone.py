"""The situation of a reader on Colab: a chapter in an empty folder, and a Python that has what Colab has.

A second virtual environment stands in for it: Colab's Python where this machine has it, Colab's versions from
`colab.txt`, and on top what a chapter's first cell installs, mamllib's wheel without its dependencies. So a chapter
that leans on the repository, on a test dependency, on a file beside it or on a newer library fails here and not in
front of the reader. Papermill, in the environment of the tests, drives the second one's kernel.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode

from . import colab
from .chapters import chapters
from .execute import ChapterFailed, apart
from .places import FIGURES_VARIABLE, ROOT
from .processes import CHAPTER_MINUTES, ENVIRONMENT_MINUTES, Group

ENVIRONMENT = ROOT / ".venv-alone"
COLAB_PYTHON = "3.13"


class EnvironmentFailed(Exception):
    """The environment could not be made; the message has what was asked, and the answer."""


def make_environment(folder: Path = ENVIRONMENT) -> Path:
    """The environment's Python, with mamllib as it is now; what Colab has is installed only when that changes."""
    python = folder / "bin" / "python"
    made_from = folder / ".made-from"
    interpreter = find_interpreter()
    named = colab.named(chapters()[0])
    wanted = _fingerprint(interpreter, named)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = _build_wheel(Path(scratch))
        if not made_from.is_file() or made_from.read_text(encoding="utf-8") != wanted:
            _make([interpreter, "-m", "venv", "--clear", str(folder)])
            _pip(python, "install", "--no-deps", "--only-binary=:all:", f"--requirement={colab.BROUGHT}")
            _pip(python, "install", "--no-deps", f"--constraint={_constraints(Path(scratch))}", *named)
            made_from.write_text(wanted, encoding="utf-8")
        _pip(python, "install", "--force-reinstall", "--no-deps", str(wheel))
    return python


def find_interpreter(wanted: str = COLAB_PYTHON) -> str:
    """Colab's Python where the search path has one that starts, else the Python that runs this."""
    name = f"python{wanted}"
    ask = [name, "-c", "import ensurepip, sys, venv; print(sys.executable)"]
    # pyenv puts a python3.13 on the path that refuses to start unless this chooses it; no other Python reads it.
    chosen = os.environ | {"PYENV_VERSION": wanted}
    try:
        answer = subprocess.run(ask, env=chosen, capture_output=True, text=True, check=False)
    except OSError:
        return sys.executable
    return answer.stdout.strip() if answer.returncode == 0 else sys.executable


def run(
    python: Path, chapter: Path, folder: Path, parameters: Mapping[str, object], group: Group | None = None
) -> NotebookNode:
    """Execute a chapter with these parameters by a kernel of `python`, and give it as it came out.

    Raises:
        ChapterFailed: as in `execute`.
        TookTooLong: it did not end in time.
    """
    executed = folder / chapter.name
    _write_kernel(python, folder / "kernels")
    own = _outside_environment() | {"JUPYTER_PATH": str(folder)}
    try:
        return apart(chapter, executed, folder / "figures", parameters, group, minutes=CHAPTER_MINUTES, env=own)
    except ChapterFailed as failure:
        raise ChapterFailed(f"{chapter.stem} does not run alone:\n{failure}") from failure


def _write_kernel(python: Path, kernels: Path) -> None:
    """Let Jupyter take `python` for the kernel that all chapters name; figures go where a reader's would."""
    launch = [str(python), "-X", "frozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    command = ["env", "-u", FIGURES_VARIABLE, *launch]
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


def _fingerprint(interpreter: str, named: list[str]) -> str:
    version = subprocess.run([interpreter, "-VV"], stdout=subprocess.PIPE, check=True).stdout
    digest = hashlib.sha256(version + interpreter.encode() + repr(named).encode())
    for path in (colab.BROUGHT, ROOT / "requirements.lock", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _outside_environment() -> dict[str, str]:
    inside = ("PYTEST", "PYTHON", "VIRTUAL_ENV", FIGURES_VARIABLE)
    return {name: value for name, value in os.environ.items() if not name.startswith(inside)}


def _pip(python: Path, *arguments: str) -> None:
    options = ["--quiet", "--disable-pip-version-check"]
    _make([str(python), "-m", "pip", arguments[0], *options, *arguments[1:]])


def _make(command: list[str]) -> None:
    done = Group().run(f"making Colab's environment ({' '.join(command)})", ENVIRONMENT_MINUTES, command)
    if done.returncode:
        raise EnvironmentFailed(f"{' '.join(command)}\n{done.stdout}")
