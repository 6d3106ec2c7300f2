"""Run what the site shows and no longer stands: chapters, and beside them statements, two at a time."""

import argparse
import functools
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from . import execution, fresh, kept, pool, verdicts, verification, where_time_goes
from .chapters import chapters
from .execute import ChapterFailed, apart, check_parameters, stored_parameter, stored_parameters
from .places import EXECUTED, ROOT
from .processes import Group

Job = Callable[[Group], str]


def everything(to: Path, parameters: Mapping[str, object]) -> None:
    """Run the chapters and statements of which something has changed, so that the tree `to` holds all and nothing else.

    Fails as `run` does.
    """
    results = fresh.Results(to, fresh.around(execution.environment(), execution.statements()))
    order, whys = longest_first(chapters(), execution.read(to)), {}
    for chapter in order:
        check_parameters(chapter, parameters)
        whys[chapter] = kept.why(results, chapter, name(chapter), parameters)
    groups = kept.groups(results)
    kept.sweep(to, {name(chapter) for chapter, why in whys.items() if why is None}, groups)
    for chapter in [chapter for chapter in order if whys[chapter] is None]:
        print(f"{chapter.stem} kept: {execution.keep(to, name(chapter))}", flush=True)
    profile = parameters.get("profile") or stored_parameter(order[0], "profile")
    ledger = functools.partial(_ledger, results, profile, groups)
    run([chapter for chapter in order if whys[chapter]], to, parameters, [ledger], results, whys)


def run(
    notebooks: list[Path],
    to: Path,
    parameters: Mapping[str, object],
    beside: Sequence[Job] = (),
    results: fresh.Results | None = None,
    whys: Mapping[Path, str] | None = None,
) -> None:
    """Run chapters into the tree `to`, saying when each begins and what came of it; jobs beside them begin first.

    Args:
        notebooks, to, parameters, beside: as above.
        results: in which what the chapters came from is noted; made where none is given.
        whys: why each chapter runs; because it is asked for, where nothing is given.

    Raises:
        ChapterFailed: a chapter did not come out as the book says; what still ran was ended.
    """
    for chapter in notebooks:
        check_parameters(chapter, parameters)
    environment = execution.environment()
    results = results or fresh.Results(to, fresh.around(environment, execution.statements()))
    run_one = functools.partial(_chapter, results, parameters, environment)
    reasons = {chapter: (whys or {}).get(chapter, "it was asked for") for chapter in notebooks}
    jobs = [*beside, *(functools.partial(run_one, chapter, why) for chapter, why in reasons.items())]
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
    results: fresh.Results,
    parameters: Mapping[str, object],
    environment: Mapping[str, object],
    chapter: Path,
    why: str,
    group: Group,
) -> str:
    print(f"{chapter.stem} begins: {why}", flush=True)
    results.forget(name(chapter))
    known = stored_parameters(chapter) | dict(parameters)
    own, words = fresh.own(chapter, known), fresh.words(chapter)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        noted = Path(scratch) / "trace.json"
        to = results.tree
        executed = apart(
            chapter, to / chapter.relative_to(ROOT), to / "book" / "figures", parameters, group, trace=noted
        )
        trace = _noted(noted, chapter)
    seconds = time.perf_counter() - start
    needs = results.record(name(chapter), own, words, trace) if own == fresh.own(chapter, known) else {}
    run = {"seconds": round(seconds, 1), "cpu": trace["cpu"], "parameters": known, "environment": environment}
    execution.record(to, name(chapter), **run, why=f"ran, for {why}", needs=needs)
    counted = verdicts.summary(verdicts.read(executed))
    still = "" if needs else "; something changed while it ran, so it will run again"
    return f"{chapter.stem}: {seconds:.1f} s, {counted}, all as the book says{still}"


def _noted(trace: Path, chapter: Path) -> dict:
    if not trace.is_file():
        raise ChapterFailed(
            f"{chapter.stem}: its kernel noted nothing; does it import book._tools of another checkout?"
        )
    return json.loads(trace.read_text(encoding="utf-8"))


def _ledger(results: fresh.Results, profile: object, groups: Sequence[str], group: Group) -> str:
    print(f"ledger begins: {len(groups)} groups of statements kept", flush=True)
    start = time.perf_counter()
    recorded = verification.run(group, results.tree / kept.LEDGER, groups) | {"profile": profile}
    kept.note_groups(results, groups)
    verification.keep(recorded, results.tree)
    return f"ledger: {time.perf_counter() - start:.1f} s, {len(recorded['statements'])} statements, all as on record"


def _parameter(text: str) -> tuple[str, object]:
    given, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return given, int(value) if value.lstrip("-").isdigit() else value


def main() -> int:
    """Run the chapters given; or, with the ledger, all that has changed since they were run."""
    parser = argparse.ArgumentParser(prog="python -m book._tools.run", description=main.__doc__)
    parser.add_argument("chapters", nargs="*", type=Path, help="notebooks (default: all that do not stand)")
    parser.add_argument("-p", "--parameter", action="append", type=_parameter, default=[], metavar="NAME=VALUE")
    parser.add_argument("--to", type=Path, default=EXECUTED, help="tree for executed notebooks and figures")
    arguments = parser.parse_args()
    notebooks = [path.resolve() for path in arguments.chapters]
    try:
        if notebooks:
            run(notebooks, arguments.to, dict(arguments.parameter))
        else:
            everything(arguments.to, dict(arguments.parameter))
            print(where_time_goes.told(arguments.to))
    except (ChapterFailed, verification.LedgerFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"Executed notebooks and figures are in {os.path.relpath(arguments.to)}/book")
    return 0


if __name__ == "__main__":
    sys.exit(main())
