"""``mamllib ask FILE``, ``diagnose FILE``, ``new``: the three questions that people come with, about code in a file."""

import argparse
import functools
import inspect
import json
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from tqdm import tqdm

from mamllib.diagnosis import diagnose
from mamllib.statements import template
from mamllib.yours.ask import Asked, ask
from mamllib.yours.file import Brought, FileError, line_of, read
from mamllib.yours.measure import Met, measure

REFUSED = (FileError, ArithmeticError, TypeError, ValueError)
KINDS = ("ask", "diagnose", "statement")


def add(commands) -> None:
    """Add the three commands to a parser's."""
    asking = commands.add_parser("ask", help="ask every statement about the tasks in a file, e.g. my_tasks.py")
    asking.add_argument(
        "file", help="Python that says loss and data (or family), alpha, w; `mamllib new ask` writes one"
    )
    asking.add_argument("statements", nargs="*", help="ids or their beginnings, as for verify; all by default")
    asking.set_defaults(run=_ask)
    diagnosing = commands.add_parser("diagnose", help="say which meta-gradient the estimator in a file computes")
    diagnosing.add_argument("file", help="as for ask, with estimator(w, batches) and sizes; `mamllib new diagnose`")
    diagnosing.set_defaults(run=_diagnose)
    for parser in (asking, diagnosing):
        parser.add_argument("--json", action="store_true", help="print records for machines")
    new = commands.add_parser("new", help="write a commented file to begin with")
    new.add_argument("kind", choices=KINDS, help="ask, diagnose, or a statement of your own")
    new.add_argument("file", nargs="?", help="where to; my_ask.py, … by default. What is there already is not touched")
    new.set_defaults(run=_new)


def _refusing(command: Callable) -> Callable:
    """What a file's words are refused for is said of the file, and ends with status 2."""

    @functools.wraps(command)
    def refusing(options: argparse.Namespace) -> int:
        try:
            return command(options)
        except FileError:
            raise
        except REFUSED as error:
            line = line_of(error, options.file)
            raise FileError(f"{options.file}{f', line {line}' if line else ''}: {error}") from error

    return refusing


@_refusing
def _ask(options: argparse.Namespace) -> int:
    brought = read(options.file)
    words, met = brought.words, None
    if not brought.declares:
        met = measure(brought.family, brought.alpha, brought.w, progress=_progress("measured"), **words)
        words = words | {"constants": met.constants} | ({} if "sigma" in words else {"sigma": met.sigma})
    asked = ask(
        brought.family,
        brought.alpha,
        brought.w,
        statements=options.statements,
        progress=_progress("question"),
        **words,
    )
    print(json.dumps(_record(asked, met), indent=1) if options.json else _text(asked, met))
    return 1 if asked.violated else 0


def _record(asked: Asked, met: Met | None) -> dict:
    return asked.record() | ({"measured": met.record()} if met else {})


def _text(asked: Asked, met: Met | None) -> str:
    declared = f"No constants are declared. These were met, and are what is tested:\n\n{met!r}\n\n" if met else ""
    return f"{declared}{asked!r}"


@_refusing
def _diagnose(options: argparse.Namespace) -> int:
    brought = read(options.file)
    needed, more = _needed(brought), _more(brought)
    found = diagnose(*needed, progress=_progress("job"), **more)
    asked = f"Asked with α = {brought.alpha}, N = {more.get('steps', 1)}, {needed[-1]}."
    print(json.dumps(found.record(), indent=1) if options.json else f"{asked}\n{found!r}")
    return 0 if found.agrees_with else 1


def _needed(brought: Brought) -> tuple:
    estimator = brought.named("estimator", "your function (w, batches) → direction")
    sizes = brought.named("sizes", "ml.BatchSizes(D_in, D_o, D_h)")
    return estimator, brought.family, brought.alpha, brought.w, sizes


def _more(brought: Brought) -> dict:
    """What the file says of the options of ``diagnose``; its ``delta`` is HF-MAML's and not that of a probe."""
    known = inspect.signature(diagnose).parameters
    optional = [name for name, each in known.items() if each.default is not inspect.Parameter.empty]
    return {name: brought.names[name] for name in optional if name in brought.names and name != "progress"}


def _new(options: argparse.Namespace) -> int:
    path = Path(options.file or f"my_{options.kind}.py")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_template(options.kind))
    except FileExistsError:
        raise FileError(f"{path} is there already, and is left as it is; name another file") from None
    print(f"{path} is written. Change it, then: {_then(options.kind, path)}")
    return 0


def _template(kind: str) -> str:
    if kind == "statement":
        return Path(template.__file__).read_text(encoding="utf-8")
    return (files("mamllib.yours.templates") / f"{kind}.py").read_text(encoding="utf-8")


def _then(kind: str, path: Path) -> str:
    return f"mamllib {'verify --power' if kind == 'statement' else kind} {path}"


def _progress(unit: str):
    return lambda items: tqdm(list(items), unit=unit, leave=False, disable=not sys.stderr.isatty())
