"""Run all that the site shows: every chapter, and beside them every statement, two at a time."""

import argparse
import functools
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from . import execution, pool, verdicts, verification
from .chapters import chapters
from .execute import ChapterFailed, apart, check_parameters, stored_parameter, stored_parameters
from .places import EXECUTED, ROOT
from .processes import Group

Job = Callable[[Group], str]


def everything(to: Path, parameters: Mapping[str, object]) -> None:
    """Run every chapter and every statement into a tree `to` that holds nothing else then; fails as `run` does."""
    order = longest_first(chapters(), execution.read(to))
    shutil.rmtree(to, ignore_errors=True)
    profile = parameters.get("profile") or stored_parameter(order[0], "profile")
    run(order, to, parameters, beside=[functools.partial(_ledger, to, profile)])


def run(notebooks: list[Path], to: Path, parameters: Mapping[str, object], beside: Sequence[Job] = ()) -> None:
    """Run chapters into the tree `to`, saying when each begins and what came of it; jobs beside them begin first.

    Raises:
        ChapterFailed: a chapter did not come out as the book says; what still ran was ended.
    """
    for chapter in notebooks:
        check_parameters(chapter, parameters)
    environment = execution.environment()
    jobs = [*beside, *(functools.partial(_chapter, each, to, parameters, environment) for each in notebooks)]
    # JAX takes most of a GPU's memory, which two processes cannot both do.
    at_once = pool.AT_ONCE if environment["device"] == "cpu" else 1
    for number, told in enumerate(pool.run(jobs, at_once), start=1):
        print(f"{number}/{len(jobs)} {told}", flush=True)


def longest_first(notebooks: list[Path], earlier: Mapping[str, Mapping]) -> list[Path]:
    """What took longest begins first, or it would run alone at the end; before it what never ran, the later first."""
    known = {each: earlier.get(name(each), {}).get("seconds", float("inf")) for each in reversed(notebooks)}
    return sorted(known, key=lambda each: -known[each])


def name(chapter: Path) -> str:
    """A chapter as the table of contents names it."""
    return chapter.relative_to(ROOT).with_suffix("").as_posix()


def _chapter(
    chapter: Path, to: Path, parameters: Mapping[str, object], environment: Mapping[str, object], group: Group
) -> str:
    print(f"{chapter.stem} begins", flush=True)
    start = time.perf_counter()
    executed = apart(chapter, to / chapter.relative_to(ROOT), to / "book" / "figures", parameters, group)
    seconds = time.perf_counter() - start
    known = stored_parameters(chapter) | dict(parameters)
    execution.record(to, name(chapter), seconds=round(seconds, 1), parameters=known, environment=environment)
    counted = verdicts.summary(verdicts.read(executed))
    return f"{chapter.stem}: {seconds:.1f} s, {counted}, all as the book says"


def _ledger(to: Path, profile: object, group: Group) -> str:
    print("ledger begins", flush=True)
    start = time.perf_counter()
    recorded = verification.run(group) | {"profile": profile}
    verification.keep(recorded, to)
    return f"ledger: {time.perf_counter() - start:.1f} s, {len(recorded['statements'])} statements, all as on record"


def _parameter(text: str) -> tuple[str, object]:
    given, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return given, int(value) if value.lstrip("-").isdigit() else value


def main() -> int:
    """Run the chapters given; or all of them into an empty tree, with the ledger."""
    parser = argparse.ArgumentParser(prog="python -m book._tools.run", description=main.__doc__)
    parser.add_argument("chapters", nargs="*", type=Path, help="notebooks (default: all)")
    parser.add_argument("-p", "--parameter", action="append", type=_parameter, default=[], metavar="NAME=VALUE")
    parser.add_argument("--to", type=Path, default=EXECUTED, help="tree for executed notebooks and figures")
    arguments = parser.parse_args()
    notebooks = [path.resolve() for path in arguments.chapters]
    try:
        if notebooks:
            run(notebooks, arguments.to, dict(arguments.parameter))
        else:
            everything(arguments.to, dict(arguments.parameter))
    except (ChapterFailed, verification.LedgerFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"Executed notebooks and figures are in {os.path.relpath(arguments.to)}/book")
    return 0


if __name__ == "__main__":
    sys.exit(main())
