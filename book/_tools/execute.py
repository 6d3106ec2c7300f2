"""Run chapters with papermill: the only way the book is executed.

A chapter fails when a cell raises, when a parameter is given that it does not have (papermill itself only warns),
and when one of its verdicts is not the expected one.
"""

import argparse
import ast
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
import papermill
from nbformat import NotebookNode
from tqdm import tqdm
from traitlets.config import Config

from . import execution, verdicts
from .chapters import chapters, numbered_cells
from .places import EXECUTED, FIGURES_VARIABLE, ROOT

# A kernel warns on the terminal that its port of this machine is not encrypted; what it says of errors stays.
_KERNEL = Config(NotebookClient={"extra_arguments": ["--IPKernelApp.log_level=ERROR"]})


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
    chapter: Path, executed: Path, figures: Path, parameters: Mapping[str, object] | None = None
) -> NotebookNode:
    """Run one chapter in an empty folder, write it to `executed`, its figures to `figures`, and judge its verdicts."""
    parameters = dict(parameters or {})
    check_parameters(chapter, parameters)
    executed.parent.mkdir(parents=True, exist_ok=True)
    with _environment(FIGURES_VARIABLE, str(figures.resolve())), tempfile.TemporaryDirectory() as empty:
        try:
            papermill.execute_notebook(
                str(chapter),
                str(executed),
                parameters,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                cwd=empty,
                config=_KERNEL,
            )
        except papermill.PapermillExecutionError as error:
            raise ChapterFailed(_explain(chapter, executed)) from error
    notebook = nbformat.read(executed, as_version=4)
    if wrong := verdicts.unexpected(notebook):
        raise ChapterFailed(_lines(chapter, wrong))
    return notebook


def execute_all(notebooks: list[Path], to: Path, parameters: Mapping[str, object]) -> None:
    """Run chapters one after the other into the tree `to`, telling and recording each one's time as it ends."""
    environment = execution.environment()
    with tqdm(notebooks, desc="chapters", unit="chapter", disable=None) as bar:
        for number, chapter in enumerate(bar, start=1):
            bar.set_postfix_str(chapter.stem)
            start = time.perf_counter()
            executed = execute(chapter, to / chapter.relative_to(ROOT), to / "book" / "figures", parameters)
            seconds = time.perf_counter() - start
            execution.record(
                to,
                chapter.relative_to(ROOT).with_suffix("").as_posix(),
                seconds=round(seconds, 1),
                parameters=stored_parameters(chapter) | dict(parameters),
                environment=environment,
            )
            counted = verdicts.summary(verdicts.read(executed))
            tqdm.write(f"{number}/{len(notebooks)} {chapter.stem}: {seconds:.1f} s, {counted}, all as the book says")


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
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _parameter(text: str) -> tuple[str, object]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, int(value) if value.lstrip("-").isdigit() else value


def main() -> int:
    """Run the chapters given, or every chapter of the table of contents."""
    parser = argparse.ArgumentParser(prog="python -m book._tools.execute", description=main.__doc__)
    parser.add_argument("chapters", nargs="*", type=Path, help="notebooks (default: all)")
    parser.add_argument("-p", "--parameter", action="append", type=_parameter, default=[], metavar="NAME=VALUE")
    parser.add_argument("--to", type=Path, default=EXECUTED, help="tree for executed notebooks and figures")
    arguments = parser.parse_args()
    notebooks = [path.resolve() for path in arguments.chapters] or chapters()
    try:
        execute_all(notebooks, arguments.to, dict(arguments.parameter))
    except ChapterFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"Executed notebooks and figures are in {os.path.relpath(arguments.to)}/book")
    return 0


if __name__ == "__main__":
    sys.exit(main())
