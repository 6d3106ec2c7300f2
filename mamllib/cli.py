"""``mamllib verify``: the ledger in a terminal; ``statements``: what each takes; ``cite``: BibTeX."""

import argparse
import difflib
import json
import sys

from tqdm import tqdm

from mamllib import ledger
from mamllib.costs import counted
from mamllib.figures import citation, companion
from mamllib.statements.wrong_versions import unexplained as unexplained_in
from mamllib.survivors import survivors_table


class UnknownNameError(LookupError):
    """No figure and no statement has this name."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; exit status 1 on an unexpected verdict, 2 on a name that is not known."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ledger.UnknownStatementError, UnknownNameError) as error:
        print(f"mamllib: {error}", file=sys.stderr)
        return 2


def _verify(options: argparse.Namespace) -> int:
    with counted() as costs:
        wrap = costs.wrap(_progress(options))
        entries = ledger.verify(*options.statements, seed=options.seed, progress=wrap, power=options.power)
    recorded = ledger.records(entries, options.statements, options.seed)
    print(json.dumps(recorded, indent=1) if options.json else _tables(recorded))
    if options.power and not options.json:
        print(f"\n{survivors_table(recorded)!r}")
    if options.cost:
        print(costs.table(), file=sys.stderr)
    return _complain(entries)


def _statements(options: argparse.Namespace) -> int:
    print(repr(ledger.takes_table(ledger.find(options.statements))))
    return 0


def _cite(options: argparse.Namespace) -> int:
    entries = dict.fromkeys(entry for name in options.names for entry in _entries(name))  # a paper once
    print("\n".join(entries), end="")
    return 0


def _entries(name: str) -> list[str]:
    """The BibTeX entries that cite a figure (this companion's), a paper, or a statement (its paper's and ours)."""
    if name in companion.figures():
        return [citation.figure_entry(name)]
    if name in _papers():
        return [companion.paper(name)]
    try:
        statement = ledger.statement(name).id
    except ledger.UnknownStatementError:
        raise _unknown(name) from None
    return [companion.paper(statement.split("/")[0]), citation.check_entry(statement)]


def _papers() -> list[str]:
    return list(dict.fromkeys(statement.id.split("/")[0] for statement in ledger.STATEMENTS))


def _unknown(name: str) -> UnknownNameError:
    known = [*companion.figures(), *_papers(), *(statement.id.split("/")[-1] for statement in ledger.STATEMENTS)]
    nearest = difflib.get_close_matches(name.split("/")[-1], known, n=3, cutoff=0.4)
    hint = f"the nearest are {', '.join(nearest)}" if nearest else "the gallery and the ledger of the book list them"
    return UnknownNameError(f"no figure, paper or statement is called {name!r}; {hint}")


def _tables(recorded: dict) -> str:
    statements = repr(ledger.statements_table(recorded))
    return f"{statements}\n\n{ledger.items_table(recorded)!r}" if recorded["items"] else statements


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mamllib", description="Check what papers on MAML claim.")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="check statements, print the ledger and a paper's items")
    verify.add_argument(
        "statements", nargs="*", help="ids or their beginnings, e.g. lemma_4_8 or fallah2020; all by default"
    )
    verify.add_argument("--seed", type=int, default=0, help="seed of the random instances (default 0)")
    verify.add_argument("--json", action="store_true", help="print records for machines")
    verify.add_argument("--power", action="store_true", help="make wrong versions of each, and say which survive")
    verify.add_argument("--cost", action="store_true", help="say how many programs each statement compiled")
    verify.set_defaults(run=_verify)
    takes = commands.add_parser("statements", help="print what each statement takes, and how to make it")
    takes.add_argument("statements", nargs="*", help="as for verify")
    takes.set_defaults(run=_statements)
    cite = commands.add_parser("cite", help="print the BibTeX of figures, statements and papers")
    cite.add_argument(
        "names", nargs="+", help="e.g. f-is-not-smooth, lemma_4_8, fallah2020; each entry is printed once"
    )
    cite.set_defaults(run=_cite)
    return parser


def _progress(options):
    quiet = not sys.stderr.isatty()
    return lambda statements: tqdm(statements, unit="statement", leave=False, disable=quiet)


def _complain(entries) -> int:
    unexpected = [check for entry in entries for check in entry.unexpected]
    for check in unexpected:
        print(f"mamllib: {check.statement}, {check.case}: {check.verdict}, expected {check.expected}", file=sys.stderr)
    unexplained = [(entry.statement.id, name) for entry in entries for name in unexplained_in(entry.made)]
    for statement, name in unexplained:
        print(f"mamllib: {statement}, {name}: survives, and nobody says why", file=sys.stderr)
    return 1 if unexpected or unexplained else 0
