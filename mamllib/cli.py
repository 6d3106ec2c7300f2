"""``mamllib verify``: the ledger; ``statements``: what each takes; ``cite``: BibTeX; ``whence``: a figure's origin."""

import argparse
import json
import sys

from tqdm import tqdm

from mamllib import citing, cli_yours, figures, ledger, whence
from mamllib.costs import counted
from mamllib.statements.wrong_versions import unexplained as unexplained_in
from mamllib.survivors import survivors_table
from mamllib.yours.file import FileError, statements_in


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; exit status 1 on an unexpected verdict, 2 on a name, or a figure's file, not known."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ledger.UnknownStatementError, citing.UnknownNameError, figures.NothingCarriedError, FileError) as error:
        print(f"mamllib: {error}", file=sys.stderr)
        return 2


def _verify(options: argparse.Namespace) -> int:
    with counted() as costs:
        entries = _verified(options, costs.wrap(_progress("statement")))
    recorded = ledger.records(entries, options.statements, options.seed)
    print(json.dumps(recorded, indent=1) if options.json else _tables(recorded))
    if options.power and not options.json:
        print(f"\n{survivors_table(recorded)!r}")
    if options.cost:
        print(costs.table(), file=sys.stderr)
    return complain(entries)


def _verified(options: argparse.Namespace, progress) -> list[ledger.Entry]:
    """Statements of the ledger by their names, or those of files by their paths."""
    paths = [name for name in options.statements if name.endswith(".py")]
    ids = [name for name in options.statements if name not in paths]
    own = tuple(statement for path in paths for statement in statements_in(path))
    how = {"seed": options.seed, "progress": progress, "power": options.power}
    judged = ledger.verify(*ids, **how) if ids or not own else []
    try:
        return [*judged, *(ledger.verify(among=own, **how) if own else [])]
    except (TypeError, ValueError) as error:  # what a statement of the reader's own is refused for
        raise FileError(f"{', '.join(paths)}: {error}") from error


def _statements(options: argparse.Namespace) -> int:
    print(repr(ledger.takes_table(ledger.find(options.statements))))
    return 0


def _cite(options: argparse.Namespace) -> int:
    named = [citing.named(name) for name in options.names]  # all of them before any is checked
    found = {each: each if isinstance(each, str) else citing.checked(each, _progress("instance")) for each in named}
    entries = dict.fromkeys(entry for cited in found.values() for entry in citing.entries(cited))  # a paper once
    print("\n".join(entries), end="")
    return complain([cited for cited in found.values() if not isinstance(cited, str)])


def _whence(options: argparse.Namespace) -> int:
    carried = figures.whence(options.file)
    print(json.dumps(carried, indent=1) if options.json else whence.described(carried))
    return 0


def _tables(recorded: dict) -> str:
    statements = repr(ledger.statements_table(recorded))
    return f"{statements}\n\n{ledger.items_table(recorded)!r}" if recorded["items"] else statements


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mamllib", description="Check what papers on MAML claim.")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="check statements, print the ledger and a paper's items")
    verify.add_argument(
        "statements", nargs="*", help="ids or their beginnings, e.g. lemma_4_8 or fallah2020, or files; all by default"
    )
    verify.add_argument("--seed", type=int, default=0, help="seed of the random instances (default 0)")
    verify.add_argument("--json", action="store_true", help="print records for machines")
    verify.add_argument("--power", action="store_true", help="make wrong versions of each, and say which survive")
    verify.add_argument("--cost", action="store_true", help="say how many programs each statement compiled")
    verify.set_defaults(run=_verify)
    takes = commands.add_parser("statements", help="print what each statement takes, and how to make it")
    takes.add_argument("statements", nargs="*", help="as for verify")
    takes.set_defaults(run=_statements)
    cite = commands.add_parser("cite", help="print the BibTeX of figures, papers, and statements with their verdicts")
    cite.add_argument(
        "names",
        nargs="+",
        help="e.g. f-is-not-smooth, lemma_4_8, fallah2020; a statement is checked first, for its entry has the verdict",
    )
    cite.set_defaults(run=_cite)
    origin = commands.add_parser("whence", help="print what a figure's PNG, SVG or PDF carries of its origin")
    origin.add_argument("file", help="as downloaded, or as published by a chapter")
    origin.add_argument("--json", action="store_true", help="print it for machines")
    origin.set_defaults(run=_whence)
    cli_yours.add(commands)
    return parser


def _progress(unit: str):
    """Wraps what takes time in a bar, which stderr shows where somebody watches."""
    return lambda things: tqdm(things, unit=unit, leave=False, disable=not sys.stderr.isatty())


def complain(entries) -> int:
    """Say which verdicts are not those on record, and what survives unexplained; the exit status."""
    unexpected = [check for entry in entries for check in entry.unexpected]
    for check in unexpected:
        print(f"mamllib: {check.statement}, {check.case}: {check.verdict}, expected {check.expected}", file=sys.stderr)
    unexplained = [(entry.statement.id, name) for entry in entries for name in unexplained_in(entry.made)]
    for statement, name in unexplained:
        print(f"mamllib: {statement}, {name}: survives, and nobody says why", file=sys.stderr)
    return 1 if unexpected or unexplained else 0
