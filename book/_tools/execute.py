"""Run a chapter with papermill: the only way the book is executed.

A chapter fails when a cell raises, when a parameter is given that it does not have (papermill itself only warns),
and when one of its verdicts is not the expected one.
"""

import ast
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
import papermill
from nbformat import NotebookNode
from traitlets.config import Config

from . import tracing, verdicts
from .chapters import numbered_cells
from .places import FIGURES_VARIABLE, ROOT
from .processes import Group

PATIENCE = 300  # seconds that a kernel on a busy machine may take to start, or to hand over what a cell printed

# A kernel warns on the terminal that its port of this machine is not encrypted; what it says of errors stays.
_QUIET = "--IPKernelApp.log_level=ERROR"
_TRACED = f"--IPKernelApp.extra_extensions={tracing.__name__}"


class ChapterFailed(Exception):
    """A chapter did not run, or did not come out as the book says; the message names chapter, cell and statement."""


def check_parameters(chapter: Path, given: Mapping[str, object]) -> None:
    """Refuse a parameter that the chapter's `parameters` cell does not define."""
    known = papermill.inspect_notebook(str(chapter))
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ChapterFailed(
            f"{chapter.stem}: no parameter named {', '.join(unknown)}; it has {', '.join(sorted(known)) or 'none'}"
        )


def stored_parameters(chapter: Path) -> dict[str, object]:
    """What a chapter's `parameters` cell gives."""
    inspected = papermill.inspect_notebook(str(chapter))
    return {name: ast.literal_eval(parameter["default"]) for name, parameter in inspected.items()}


def stored_parameter(chapter: Path, name: str) -> object:
    """The value a chapter's `parameters` cell gives."""
    return stored_parameters(chapter)[name]


def execute(
    chapter: Path,
    executed: Path,
    figures: Path,
    parameters: Mapping[str, object] | None = None,
    trace: Path | None = None,
) -> NotebookNode:
    """Run one chapter in an empty folder, write it to `executed`, its figures to `figures`, and judge its verdicts.

    What the kernel ran of the library, and read of the repository, goes to the file `trace`, where one is given.
    """
    parameters = dict(parameters or {})
    check_parameters(chapter, parameters)
    executed.parent.mkdir(parents=True, exist_ok=True)
    variables = {FIGURES_VARIABLE: figures} | ({tracing.RECORD_VARIABLE: trace} if trace else {})
    arguments = [_QUIET, *([_TRACED] if trace else [])]
    with _environment(variables), tempfile.TemporaryDirectory() as empty:
        try:
            papermill.execute_notebook(
                str(chapter),
                str(executed),
                parameters,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                cwd=empty,
                config=Config(NotebookClient={"extra_arguments": arguments}),
                start_timeout=PATIENCE,
                iopub_timeout=PATIENCE,
            )
        except papermill.PapermillExecutionError as error:
            raise ChapterFailed(_explain(chapter, executed)) from error
    notebook = nbformat.read(executed, as_version=4)
    if wrong := verdicts.unexpected(notebook):
        raise ChapterFailed(_lines(chapter, wrong))
    return notebook


def apart(
    chapter: Path,
    executed: Path,
    figures: Path,
    parameters: Mapping[str, object],
    group: Group | None = None,
    minutes: float | None = None,
    trace: Path | None = None,
    **options: object,
) -> NotebookNode:
    """As `execute`, in a process of its own: papermill changes the folder and the variables of the whole process.

    Args:
        chapter, executed, figures, parameters, trace: as `execute` takes them.
        group: that the process belongs to.
        minutes: it may take; None where it may take any time.
        options: of the process, as ``subprocess.Popen`` takes them.
    """
    paths = [str(path.resolve()) for path in (chapter, executed, figures, *([trace] if trace else []))]
    command = [sys.executable, "-m", __name__, json.dumps(dict(parameters)), *paths]
    done = (group or Group()).run(chapter.stem, minutes, command, cwd=ROOT, **options)
    if done.returncode:
        said = done.stdout.strip()
        raise ChapterFailed(said if said.startswith(chapter.stem) else f"{chapter.stem} did not end well:\n{said}")
    return nbformat.read(executed, as_version=4)


def _explain(chapter: Path, executed: Path) -> str:
    notebook = nbformat.read(executed, as_version=4)
    raised = [
        f"cell {number}: {output.ename}: {output.evalue}"
        for number, cell in numbered_cells(notebook)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    return _lines(chapter, verdicts.unexpected(notebook) + raised)


def _lines(chapter: Path, problems: list[str]) -> str:
    return "\n".join(f"{chapter.stem}, {problem}" for problem in problems)


@contextlib.contextmanager
def _environment(variables: Mapping[str, Path]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update({name: str(path.resolve()) for name, path in variables.items()})
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]
        os.environ.update(before)


def main() -> None:
    """Execute the chapter that `apart` names."""
    parameters, chapter, executed, figures, *trace = sys.argv[1:]
    try:
        execute(Path(chapter), Path(executed), Path(figures), json.loads(parameters), *map(Path, trace))
    except ChapterFailed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
