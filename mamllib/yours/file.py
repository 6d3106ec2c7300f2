"""A reader's file: Python that says ``loss`` and ``data`` (or ``family``), ``alpha``, ``w``, and any other word."""

import difflib
import math
import runpy
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mamllib.checking.statement import Statement
from mamllib.statements.words import WORDS
from mamllib.tasks.empirical import Empirical
from mamllib.tasks.family import TaskFamily
from mamllib.yours.measure import UNDECLARED

TASKS = ("family", "loss", "data", "probabilities")
OF_DIAGNOSIS = ("estimator", "draws", "mean_draws")
KNOWN = {*TASKS, *OF_DIAGNOSIS, *WORDS}
NEAR = 0.8  # how alike two names are at which one is taken for a slip of the other


class FileError(ValueError):
    """A reader's file cannot be read, raises an error, or does not say what is needed."""


class Brought(NamedTuple):
    """What a file says: the tasks, α, w, the other words, whether it declares constants, and all names in it."""

    family: TaskFamily
    alpha: Any
    w: Any
    words: dict[str, Any]
    declares: bool
    names: Mapping[str, Any]

    def named(self, name: str, meaning: str):
        """What the file calls ``name``.

        Raises:
            FileError: nothing; the message says what is meant.
        """
        return _required(self.names, name, meaning)


def read(path: str | Path) -> Brought:
    """Run the file and take what it says.

    Raises:
        FileError: there is no such file, it raises an error (with the line), or a name is missing.
    """
    names = _run(Path(path))
    family, declares = _family(names)
    taken = {*TASKS, "alpha", "w"}
    _require_no_slip(names)
    words = {name: value for name, value in names.items() if name in WORDS and name not in taken}
    alpha, w = _required(names, "alpha", "the inner step size"), _required(names, "w", "the meta-parameters")
    return Brought(family, alpha, w, words, declares, names)


def _require_no_slip(names: Mapping[str, Any]) -> None:
    """Raise where a number has nearly the name of a word: it would be passed over, and the word's default taken."""
    for name, value in names.items():
        if name.startswith("_") or name in KNOWN or not isinstance(value, int | float | tuple):
            continue
        near = [word for word in difflib.get_close_matches(name, KNOWN, n=1, cutoff=NEAR) if word not in names]
        if near:
            raise FileError(f"the file says {name}, which nothing reads: {near[0]} is meant? (Else call it _{name}.)")


def statements_in(path: str | Path) -> tuple[Statement, ...]:
    """The statements that a file assigns to names.

    Raises:
        FileError: there is no such file, it raises an error, or it declares no statement.
    """
    found = [value for value in _run(Path(path), "statement").values() if isinstance(value, Statement)]
    if not found:
        raise FileError(f"{path} declares no statement: give one a name, MINE = Statement(…)")
    return tuple(dict.fromkeys(found))


def _run(path: Path, kind: str = "ask") -> dict[str, Any]:
    if not path.is_file():
        raise FileError(f"{path}: there is no such file; `mamllib new {kind} {path}` writes one to begin with")
    try:
        return runpy.run_path(str(path))
    except Exception as error:  # whatever it is, it is the reader's to know
        raise FileError(f"{path}, line {_line(error, path)}: {type(error).__name__}: {error}") from error


def line_of(error: BaseException, path: str | Path) -> int | None:
    """The last line of the file that an error, or what it was raised from, came through."""
    while error is not None:
        if (found := _line(error, path)) is not None:
            return found
        error = error.__cause__
    return None


def _line(error: BaseException, path: str | Path) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None)


def _family(names: Mapping[str, Any]) -> tuple[TaskFamily, bool]:
    """The tasks, and whether constants are declared for them."""
    if "family" in names:
        return names["family"], True
    loss = _required(names, "loss", "a function (w, row) → number, or `family`")
    data = _required(names, "data", "a list with the rows of each task")
    constants = names.get("constants", UNDECLARED)
    if not isinstance(data, list | tuple):
        raise FileError(f"data is of type {type(data).__name__}; give a list with the rows of each task")
    tasks = [Empirical(rows, constants, loss) for rows in data]
    sigma = names.get("sigma", math.inf)
    return TaskFamily.of(tasks, names.get("probabilities"), sigma), "constants" in names


def _required(names: Mapping[str, Any], name: str, meaning: str):
    if name not in names:
        raise FileError(f"the file does not say {name}: {meaning}")
    return names[name]
